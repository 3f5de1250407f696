"""What is asked for beside the rows of a list, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class PickOption:
    """A choice beside the rows, cycled by a key.

    Attributes:
        name: what the answer calls it.
        label: what the person reads: "Change dates".
        values: each value with its words; the first is the default.
    """

    name: str
    label: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PickQuantity(Generic[Row]):
    """A number of units asked for with the rows.

    Attributes:
        label: what the person reads.
        default: what to offer for the rows picked.
        check: the number for what was typed; raises a DeskError that says why it does not fit.
    """

    label: str
    default: Callable[[tuple[Row, ...]], int]
    check: Callable[[str, tuple[Row, ...]], int]


@dataclass(frozen=True)
class Picked(Generic[Row]):
    """The answer: the rows in the order of the list, the options, the units if asked for."""

    rows: tuple[Row, ...]
    options: Mapping[str, str] = dataclass_field(default_factory=dict)
    quantity: int | None = None
