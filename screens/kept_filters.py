"""A page's filters as a saved filter keeps them: a flat dictionary of what differs from none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

State = TypeVar("State")


def to_fields(state: Any) -> dict[str, Any]:
    """What a saved filter keeps of a state: what differs from no filter."""
    nothing = asdict(type(state)())
    return {key: value for key, value in asdict(state).items() if value != nothing[key]}


def from_fields(
    kind: type[State], kept: Mapping[str, Any], allowed: Mapping[str, Mapping[str, Any]]
) -> State:
    """A saved filter read back; what another version kept and this one lacks is passed over.

    Args:
        kind: the class of the state; it can be made without arguments.
        kept: the fields.
        allowed: of fields that have only some values, these values.
    """
    nothing = kind()
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        value, default = kept.get(one.name), getattr(nothing, one.name)
        if isinstance(default, tuple) and isinstance(value, list | tuple):
            values[one.name] = tuple(str(part) for part in value)
        elif isinstance(value, type(default)):
            values[one.name] = value
    for name, known in allowed.items():
        if values.get(name) not in known:
            values.pop(name, None)
    return kind(**values)
