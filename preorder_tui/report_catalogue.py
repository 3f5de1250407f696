"""The table of reports: what each is called, what it tells, its columns and its days.

Light: the command line and the desk read it without touching the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from preorder_tui.errors import UnknownId, WrongUsage
from preorder_tui.lines import LineId
from preorder_tui.text import clean
from preorder_tui.words import word

ColumnKind = Literal["text", "queue", "number", "money", "percent", "day", "days"]
Cell = str | int | Decimal | date | None

MOST_DAYS = 366
"""How many days a report may cover: it reads every order of them."""
MOST_ROWS = 2_000
"""How many rows are shown; a CSV file gets all of them."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column: its name in files and JSON, its heading, and what its cells are."""

    name: str
    title: str
    kind: ColumnKind = "text"


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One report.

    Attributes:
        days_back: the default window ends today and begins that many days before; None: the report
            tells how things stand now and has no window.
        maker: the module of :mod:`preorder_tui` and the name in it that make the report.
    """

    name: str
    title: str
    description: str
    columns: tuple[ReportColumn, ...]
    maker: str
    days_back: int | None = None

    def place(self, column: str) -> int:
        """Where a column stands."""
        return next(n for n, one in enumerate(self.columns) if one.name == column)


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a report at the site, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def moved(self, windows: int) -> Window:
        """As long, so many times its length later (or earlier).

        Raises:
            WrongUsage: there are no such days.
        """
        try:
            by = timedelta(days=windows * self.days)
            return Window(self.first + by, self.last + by)
        except OverflowError as error:
            raise WrongUsage("there are no such days in the calendar") from error

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The cells of a row, in the order of the columns, and the order or line that it is about."""

    cells: tuple[Cell, ...]
    order_id: str = ""
    line: LineId | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: ``value`` of it is full, ``rest`` is not."""

    label: str
    value: int | Decimal
    rest: int | Decimal = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title that says what they are."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is shown; ``capped``: there are more rows than these."""

    kind: ReportKind
    window: Window | None
    rows: tuple[ReportRow, ...]
    capped: bool
    chart: Chart | None
    made_at: datetime


def _columns(*given: tuple[str, str] | tuple[str, str, ColumnKind]) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(*one) for one in given)


_LINE: tuple[tuple[str, str] | tuple[str, str, ColumnKind], ...] = (
    ("orderId", "Order"),
    ("orderItemSeqId", "Item"),
    ("externalId", "External id"),
    ("customerName", "Customer"),
    ("internalName", "SKU"),
    ("facilityId", "Queue", "queue"),
)
_DATES: tuple[tuple[str, str, ColumnKind], ...] = (
    ("promisedDatetime", "Promise", "day"),
    ("estimatedDeliveryDate", "Arrival", "day"),
)
_PO = ("correspondingPoId", "PO")

REPORTS = (
    ReportKind(
        "promise-date-changes",
        "Promise date changed",
        "Lines whose promise date is another one than at the start of these days.",
        _columns(
            ("orderId", "Order"),
            ("orderItemSeqId", "Item"),
            ("externalId", "External id"),
            ("internalName", "SKU"),
            ("correspondingPoId", "Purchase order"),
            ("fromPromisedDatetime", "From", "day"),
            ("toPromisedDatetime", "To", "day"),
            ("days", "Days", "days"),
            ("customerName", "Customer"),
            ("emailAddress", "Email"),
        ),
        "report_changes:PROMISE_DATES",
        days_back=1,
    ),
    ReportKind(
        "pre-order-summary",
        "Pre-order summary",
        "Revenue and units per order date, and how much of them is pre-order.",
        _columns(
            ("orderDate", "Order date", "day"),
            ("currencyUom", "Cur."),
            ("totalRevenue", "Total revenue", "money"),
            ("preOrderRevenue", "Pre-order revenue", "money"),
            ("preOrderUnits", "Pre-order units", "number"),
            ("preOrderPercent", "Pre-order %", "percent"),
            ("totalUnits", "Total units", "number"),
        ),
        "report_sales:PRE_ORDER_SUMMARY",
        days_back=29,
    ),
    ReportKind(
        "product-performance",
        "Product performance",
        "Revenue and units of each variant ordered in these days, the best first.",
        _columns(
            ("parentProductName", "Style"),
            ("internalName", "SKU"),
            ("color", "Colour"),
            ("upc", "UPC"),
            ("size", "Size"),
            ("currencyUom", "Cur."),
            ("revenue", "Demand", "money"),
            ("units", "Units", "number"),
            ("preOrderUnits", "Pre-order units", "number"),
        ),
        "report_sales:PRODUCT_PERFORMANCE",
        days_back=6,
    ),
    ReportKind(
        "released",
        "Released pre-orders",
        "Lines that left the pre-order or backorder queue in these days.",
        _columns(
            ("orderId", "Order"),
            ("orderItemSeqId", "Item"),
            ("externalId", "External id"),
            ("parentProductName", "Style"),
            ("internalName", "SKU"),
            ("upc", "UPC"),
            ("color", "Colour"),
            ("size", "Size"),
            ("units", "Units", "number"),
            ("autoReleased", "Auto"),
            ("fromFacilityId", "From", "queue"),
            ("facilityId", "To", "queue"),
            ("changeDate", "Released", "day"),
        ),
        "report_changes:RELEASED",
        days_back=6,
    ),
    ReportKind(
        "unallocated",
        "Unallocated lines",
        "Pre-order and backorder lines with units that have no supply, the longest waiting first.",
        _columns(
            *_LINE,
            ("orderDate", "Ordered", "day"),
            ("days", "Days", "number"),
            ("openQuantity", "Open", "number"),
            ("promisedDatetime", "Promise", "day"),
        ),
        "report_worklists:UNALLOCATED",
    ),
    ReportKind(
        "out-of-sync",
        "Out of sync",
        "Lines promised another day than the one their supply arrives, the next arrival first.",
        _columns(*_LINE, _PO, *_DATES, ("days", "Days", "days"), ("quantity", "Units", "number")),
        "report_worklists:OUT_OF_SYNC",
    ),
    ReportKind(
        "promise-before-arrival",
        "Promise before arrival",
        "Lines promised before their supply arrives, the earliest promise first.",
        _columns(*_LINE, _PO, *_DATES, ("days", "Days", "days"), ("quantity", "Units", "number")),
        "report_worklists:BEFORE_ARRIVAL",
    ),
    ReportKind(
        "overdue",
        "Overdue promises",
        "Open lines whose promised day is over, the longest overdue first.",
        _columns(*_LINE, _PO, *_DATES, ("days", "Days", "number"), ("quantity", "Units", "number")),
        "report_worklists:OVERDUE",
    ),
    ReportKind(
        "late-purchase-lines",
        "Late purchase order lines",
        "Purchase order lines that were to arrive before today and are not all in.",
        _columns(
            ("orderId", "Order"),
            ("orderItemSeqId", "Item"),
            ("externalId", "External id"),
            ("internalName", "SKU"),
            ("estimatedDeliveryDate", "Arrival", "day"),
            ("days", "Days", "number"),
            ("quantity", "Ordered", "number"),
            ("receivedQuantity", "Received", "number"),
            ("outstanding", "Missing", "number"),
            ("allocatedQuantity", "Allocated", "number"),
        ),
        "report_supply:LATE_PURCHASE_LINES",
    ),
    ReportKind(
        "supply-and-demand",
        "Supply and demand",
        "What is left to promise and what waits for supply, per SKU, the largest shortage first.",
        _columns(
            ("internalName", "SKU"),
            ("productName", "Name"),
            ("demand", "Waiting", "number"),
            ("lines", "Lines", "number"),
            ("supply", "ATP", "number"),
            ("shortage", "Short", "number"),
            ("oldestOrderDate", "Oldest", "day"),
            ("nextArrival", "Next arrival", "day"),
        ),
        "report_supply:SUPPLY_AND_DEMAND",
    ),
)


def report_kind(name: str) -> ReportKind:
    """The report of that name.

    Raises:
        UnknownId: there is none; the sentence names those there are.
    """
    wanted = name.strip().lower()
    for kind in REPORTS:
        if wanted in (kind.name, kind.title.lower()):
            return kind
    known = ", ".join(kind.name for kind in REPORTS)
    raise UnknownId(f"there is no report {clean(name)!r}: there are {known}")


def window_of(
    kind: ReportKind, today: date, first: date | None, last: date | None
) -> Window | None:
    """The window of a report: as asked for, a missing end taken from its default.

    Raises:
        WrongUsage: it ends before it begins, is too long, or the report has none.
    """
    if kind.days_back is None:
        if first is not None or last is not None:
            raise WrongUsage(f"{kind.name} tells how things stand now: it takes no dates")
        return None
    back = timedelta(days=kind.days_back)
    try:
        if last is None:
            last = today if first is None or first <= today else first
        if first is None:
            first = last - back
    except OverflowError as error:
        raise WrongUsage("there are no such days in the calendar") from error
    if last < first:
        raise WrongUsage(f"to {last} is before from {first}: change one of them")
    window = Window(first, last)
    if window.days > MOST_DAYS:
        raise WrongUsage(f"a report covers at most {MOST_DAYS} days, these are {window.days:,}")
    return window


def cell_text(kind: ColumnKind, value: Cell) -> str:
    """A cell as people read it."""
    if value is None:
        return ""
    if kind == "queue":
        return word(str(value))
    if kind == "money":
        return f"{value:,.2f}"
    if kind == "percent":
        return f"{value:.1f}"
    if kind == "number":
        return f"{value:,}"
    if kind == "days":
        return f"{value:+,}" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
