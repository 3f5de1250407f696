"""A statement over order lines, built once and run for the lines that are asked for.

Building a statement costs more than running it. A few lines, what people mostly work on, have
statements of their own, prepared for good: a list is spelled out anew for each length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select, and_, bindparam, or_, tuple_

from data.prepared import Bound, Prepared

CHUNK = 400
"""Keys per IN list: two bound values each, well below every database's limit."""

FEW = 8
"""Keys that have a statement of their own."""


class ByKeys:
    """``statement`` for the rows whose two columns are one of some keys."""

    def __init__(
        self, statement: Select[Any], order: ColumnElement[str], item: ColumnElement[str]
    ) -> None:
        self._few = [_of_few(statement, order, item, number + 1) for number in range(FEW)]
        # Why orders are listed too: see line_state.keys_in.
        self._many = statement.where(
            order.in_(bindparam("k_orders", expanding=True)),
            tuple_(order, item).in_(bindparam("k_keys", expanding=True)),
        )

    def rows(
        self, connection: Connection, keys: Iterable[tuple[str, str]]
    ) -> Iterable[Sequence[Any]]:
        """The rows of those keys; many keys are asked for in pieces, in their order."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return ()
        if len(wanted) > FEW:
            return self._of_many(connection, wanted)
        return self._few[len(wanted) - 1].rows(connection, _values(wanted))

    def bound(self, dialect: Dialect, keys: Sequence[tuple[str, str]]) -> Bound:
        """The statement for a few keys, each once, ready to be run."""
        return self._few[len(keys) - 1].bound(dialect, _values(keys))

    def _of_many(
        self, connection: Connection, wanted: list[tuple[str, str]]
    ) -> Iterator[Sequence[Any]]:
        for start in range(0, len(wanted), CHUNK):
            piece = wanted[start : start + CHUNK]
            yield from connection.execute(
                self._many,
                {
                    "k_orders": list(dict.fromkeys(order for order, _ in piece)),
                    "k_keys": [(order, item) for order, item in piece],
                },
            )


_NAMES = [(f"k_order{number}", f"k_item{number}") for number in range(FEW)]


def _values(keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for (order_name, item_name), (order, item) in zip(_NAMES, keys, strict=False):
        values[order_name] = order
        values[item_name] = item
    return values


def _of_few(
    statement: Select[Any], order: ColumnElement[str], item: ColumnElement[str], keys: int
) -> Prepared:
    return Prepared(
        statement.where(
            or_(
                *(
                    and_(order == bindparam(order_name), item == bindparam(item_name))
                    for order_name, item_name in _NAMES[:keys]
                )
            )
        )
    )
