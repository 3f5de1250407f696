"""The book as allocation by a policy needs it: lines that wait, and supply that is left.

It is kept as columns: a line is its place in them, so a million lines take a few lists and not a
million objects. Moments stay as the database stores them (text on SQLite): they are compared and
written back, never computed with. :mod:`preorder_tui.read_waiting_book` fills it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from preorder_tui.line_state import PurchaseState
from preorder_tui.lines import LineId
from preorder_tui.stored_moments import Moment

Group = tuple[str, str]
"""Store and product: supply serves lines of its own store and product only (R-25)."""

Told = Callable[[], None]
"""Called now and then while reading; raises when the person has left it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the book is allocated.

    Attributes:
        product_id, order_id: only lines of that product or sales order.
        conditions: more conditions over ORDER_ITEM, ORDER_HEADER and ORDER_ITEM_SHIP_GROUP.
        parameters: the values of what those conditions leave open.
        supply_conditions, supply_parameters: the same for the purchase order lines that give.
        again: whether lines that have supply are matched again too, where it is not pinned.
        only_moves: of lines matched again, only the units that they have: none for open ones.
    """

    product_id: str | None = None
    order_id: str | None = None
    conditions: tuple[ColumnElement[bool], ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    supply_conditions: tuple[ColumnElement[bool], ...] = ()
    supply_parameters: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    only_moves: bool = False

    @property
    def is_whole_book(self) -> bool:
        """Whether it is every open line, and all supply (see :mod:`preorder_tui.whole_book`)."""
        narrowed = self.product_id or self.order_id or self.conditions or self.supply_conditions
        return not (narrowed or self.again)


class Present:
    """Units that lines have now and may lose: by line, from which supply, how many."""

    __slots__ = ("_first", "_line", "_supply", "_units")

    def __init__(self) -> None:
        self._line, self._supply, self._units = array("i"), array("i"), array("i")
        self._first = array("i")  # where each line's units start; empty when there are none

    def add(self, line: int, supply: int, units: int) -> None:
        """Units of a line; lines come in their order."""
        self._line.append(line)
        self._supply.append(supply)
        self._units.append(units)

    def close(self, lines: int) -> None:
        """All units of ``lines`` lines are in."""
        at = 0
        for line in range(lines):
            self._first.append(at)
            while at < len(self._line) and self._line[at] == line:
                at += 1
        self._first.append(at)

    def of(self, line: int) -> tuple[tuple[int, int], ...]:
        """The (supply, units) of a line."""
        if not self._first:
            return ()
        start, end = self._first[line], self._first[line + 1]
        if start == end:
            return ()
        return tuple(zip(self._supply[start:end], self._units[start:end], strict=True))

    def lines(self) -> Iterable[int]:
        """The lines that have some, each as often as it has supplies."""
        return iter(self._line)

    def __len__(self) -> int:
        return len(self._line)


@dataclass(slots=True)
class WaitingBook:
    """Lines that wait, in the demand order, and the supply that may be given to them.

    The columns of a line stand at its number; ``present`` has only lines whose units may move.
    """

    order_id: list[str] = field(default_factory=list)
    item: list[str] = field(default_factory=list)
    units: array[int] = field(default_factory=lambda: array("i"))  # wanted, movable ones included
    promised: list[Moment | None] = field(default_factory=list)
    priority: dict[int, str] = field(default_factory=dict)  # of those that have one
    # The latest arrival of units that stay, and its order; of lines that have such units.
    staying: dict[int, tuple[Moment | None, str | None]] = field(default_factory=dict)
    version: array[int] = field(default_factory=lambda: array("i"))
    order_version: array[int] = field(default_factory=lambda: array("i"))
    groups: dict[Group, array[int]] = field(default_factory=dict)
    present: Present = field(default_factory=lambda: Present())
    # Units that stay where they are, by line and supply: a line may get more from the same supply.
    kept: dict[tuple[int, int], int] = field(default_factory=dict)
    supplies: list[PurchaseState] = field(default_factory=list)
    budget: list[int] = field(default_factory=list)  # units that may be given, by supply
    stored_arrival: list[Moment] = field(default_factory=list)  # by supply
    supplies_of: dict[Group, list[int]] = field(default_factory=dict)  # in the order of R-21
    late: list[PurchaseState] = field(default_factory=list)  # passed over
    newest_change_set: int = 0

    def __len__(self) -> int:
        return len(self.order_id)

    def line(self, number: int) -> LineId:
        """The key of a line."""
        return LineId(self.order_id[number], self.item[number])
