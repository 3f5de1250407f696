"""A statement over order lines, built once and run for the lines that are asked for.

Building a statement costs more than running it. One line, what people mostly work on, has a
statement of its own: a list is spelled out anew for each length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, tuple_

CHUNK = 400
"""Keys per IN list: two bound values each, well below every database's limit."""


class ByKeys:
    """``statement`` for the rows whose two columns are one of some keys."""

    def __init__(
        self, statement: Select[Any], order: ColumnElement[str], item: ColumnElement[str]
    ) -> None:
        self._one = statement.where(bindparam("k_order") == order, bindparam("k_item") == item)
        # Why orders are listed too: see line_state.keys_in.
        self._several = statement.where(
            order.in_(bindparam("k_orders", expanding=True)),
            tuple_(order, item).in_(bindparam("k_keys", expanding=True)),
        )

    def rows(
        self,
        connection: Connection,
        keys: Iterable[tuple[str, str]],
        parameters: Mapping[str, Any] | None = None,
    ) -> Iterator[Any]:
        """The rows of those keys; many keys are asked for in pieces, in their order."""
        more = parameters or {}
        rest = iter(dict.fromkeys(keys))
        while piece := list(islice(rest, CHUNK)):
            if len(piece) == 1:
                order, item = piece[0]
                yield from connection.execute(self._one, {"k_order": order, "k_item": item, **more})
            else:
                orders = list(dict.fromkeys(key[0] for key in piece))
                pairs = [tuple(key) for key in piece]
                yield from connection.execute(
                    self._several, {"k_orders": orders, "k_keys": pairs, **more}
                )
