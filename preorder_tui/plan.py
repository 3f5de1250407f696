"""A plan: what would change, row by row, before anything is changed.

A plan is made read-only, can be shown exactly as it will be applied, and is applied whole or
refused whole (:mod:`preorder_tui.apply`). Its rows are columns, so that a plan of a million rows is
a handful of lists; a row of field ``allocation`` links a sales order line to a purchase order line,
a row without an item changes the order itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from preorder_tui.lines import LineId
from preorder_tui.records import Notice
from preorder_tui.wording import counted

Value = datetime | int | str | None


class PlannedChange(NamedTuple):
    """One row of a plan. ``old`` is what the plan was made from, ``new`` what apply will write."""

    order_id: str
    order_item_seq_id: str | None
    to_order_id: str | None
    to_order_item_seq_id: str | None
    change_type_enum_id: str
    field: str
    old: Value
    new: Value

    @property
    def line(self) -> LineId | None:
        """The line that changes; None when the order itself does."""
        if self.order_item_seq_id is None:
            return None
        return LineId(self.order_id, self.order_item_seq_id)

    @property
    def to_line(self) -> LineId | None:
        """The purchase order line of an allocation row."""
        if self.to_order_id is None or self.to_order_item_seq_id is None:
            return None
        return LineId(self.to_order_id, self.to_order_item_seq_id)


class Changes(Sequence[PlannedChange]):
    """The rows of a plan, kept as columns."""

    __slots__ = ("columns",)

    def __init__(self) -> None:
        self.columns: tuple[list[Any], ...] = tuple([] for _ in PlannedChange._fields)

    def add(self, change: PlannedChange) -> None:
        """Append one row."""
        for column, value in zip(self.columns, change, strict=True):
            column.append(value)

    def column(self, name: str) -> list[Any]:
        """One column, by its name in :class:`PlannedChange`."""
        return self.columns[PlannedChange._fields.index(name)]

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return PlannedChange(*(column[index] for column in self.columns))

    def __iter__(self) -> Iterator[PlannedChange]:
        return map(PlannedChange._make, zip(*self.columns, strict=True))


class NewLine(NamedTuple):
    """An order line that a plan adds to an order (new or existing)."""

    line: LineId
    product_id: str
    quantity: int
    status_id: str
    ship_group_seq_id: str = "00001"
    unit_price: Decimal | None = None
    external_id: str | None = None
    promised: datetime | None = None
    arrival: datetime | None = None
    atp_ceiling: int | None = None
    is_new_product: str | None = None
    auto_cancel: datetime | None = None
    purchase: bool = False  # a purchase order line: has received units and ATP


class NewOrder(NamedTuple):
    """An order that a plan creates, with the facilities of its ship groups."""

    order_id: str
    order_type_id: str
    order_date: datetime
    status_id: str
    product_store_id: str
    ship_groups: tuple[tuple[str, str], ...]  # (shipGroupSeqId, facilityId)
    roles: tuple[tuple[str, str], ...] = ()  # (roleTypeId, partyId)
    order_name: str | None = None
    external_id: str | None = None
    sales_channel_enum_id: str | None = None
    currency_uom: str | None = None
    grand_total: Decimal | None = None


@dataclass(slots=True)
class Plan:
    """What a command would do.

    Attributes:
        command: the one-line command that makes the same plan.
        title: a short sentence for dialogs and lists, e.g. "Allocate 4 units to PO-0001".
        changes: the rows; empty when there is nothing to change.
        versions: ROW_VERSION of every line the plan was made from; apply refuses when one moved.
        order_versions: the same for order headers.
        totals: what a change of the whole book comes to, as sentences; said before all others.
        effects: what follows from the rows, as sentences (ATP before and after, …).
        warnings: what the person should know before applying.
        refused: what was asked for and will not be done, each with its reason.
        reasons: of single lines, where they differ from the plan's own (REASON_ENUM_ID).
        comments: of single lines, for their history.
        inverse_of: the change set this plan takes back, for undo and redo.
        purchase_names: what people call the purchase orders in the rows, by order id.
    """

    command: str
    title: str
    changes: Changes = field(default_factory=Changes)
    versions: dict[LineId, int] = field(default_factory=dict)
    order_versions: dict[str, int] = field(default_factory=dict)
    totals: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    refused: Sequence[Notice] = field(default_factory=list)
    new_orders: list[NewOrder] = field(default_factory=list)
    new_lines: list[NewLine] = field(default_factory=list)
    communications: list[tuple[str, str, str]] = field(default_factory=list)
    reason_enum_id: str | None = None
    reasons: dict[LineId | None, str] = field(default_factory=dict)
    comments: dict[LineId | None, str] = field(default_factory=dict)
    inverse_of: int | None = None
    purchase_names: dict[str, str] = field(default_factory=dict)

    rows_in_database: ClassVar[bool] = False
    """Whether its rows stand in temporary tables, which go when the line to the database drops."""

    def name_of(self, order_id: str, item: str | None = None) -> str:
        """An order, or a line of it, as people call it; what is shown can be typed again."""
        name = self.purchase_names.get(order_id, order_id)
        return name if item is None else f"{name}/{item}"

    @property
    def proves_parents(self) -> bool:
        """Whether its statements prove that the lines its rows refer to are there."""
        return False

    @property
    def empty(self) -> bool:
        """Whether applying it would change nothing."""
        return not self.changes

    @property
    def row_count(self) -> int:
        """How many rows applying it writes; a large plan carries only the first of them along."""
        return len(self.changes)

    def summary(self) -> str:
        """What is said when it is applied."""
        if self.empty:
            return self.warnings[0].sentence if self.warnings else "Nothing to change"
        text = f"{self.title}: done, {self.scope()}"
        return text + (f", {len(self.refused):,} refused" if self.refused else "")

    def scope(self) -> str:
        """How much it touches, for confirmations: "3 changes on 2 lines"."""
        touched = set(
            zip(
                self.changes.column("order_id"),
                self.changes.column("order_item_seq_id"),
                strict=True,
            )
        )
        orders = sum(item is None for _, item in touched)
        parts = [_counted(len(touched) - orders, "line"), _counted(orders, "order")]
        on = " and ".join(part for part in parts if part) or "0 lines"
        return f"{_counted(len(self.changes), 'change') or '0 changes'} on {on}"


def _counted(number: int, noun: str) -> str:
    return counted(number, noun) if number else ""
