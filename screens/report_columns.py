"""How wide the columns of reports are, and which give way first in a narrow terminal."""

from __future__ import annotations

from preorder_tui.report_catalogue import ReportColumn, ReportKind, ReportRow, cell_text
from screens.line_columns import Column

_WIDTHS = {
    # name: (cells, cells where there is room, priority)
    "orderId": (8, 9, 95),
    "orderItemSeqId": (5, 5, 94),
    "externalId": (10, 16, 30),
    "customerName": (9, 26, 60),
    "emailAddress": (10, 34, 20),
    "internalName": (13, 20, 90),
    "productName": (12, 44, 25),
    "parentProductName": (14, 28, 40),
    "facilityId": (9, 12, 35),
    "fromFacilityId": (9, 12, 36),
    "correspondingPoId": (9, 16, 70),
    "currencyUom": (4, 8, 55),
    "color": (8, 16, 38),
    "size": (4, 8, 39),
    "upc": (12, 14, 15),
    "autoReleased": (4, 4, 20),
    "days": (5, 5, 80),
    "openQuantity": (5, 7, 80),
    "quantity": (5, 7, 80),
    "units": (6, 8, 80),
}
_KINDS = {"number": 7, "money": 13, "percent": 11, "day": 10, "days": 6}
_RIGHT = ("number", "money", "percent", "days")
_DATES_AND_NUMBERS = 80


def report_columns(kind: ReportKind) -> list[Column[ReportRow]]:
    """The columns of a report as a list shows them."""
    return [_column(kind, place, column) for place, column in enumerate(kind.columns)]


def _column(kind: ReportKind, place: int, column: ReportColumn) -> Column[ReportRow]:
    def value(row: ReportRow) -> str:
        return cell_text(column.kind, row.cells[place])

    width, at_most, priority = _WIDTHS.get(column.name, (0, 0, _DATES_AND_NUMBERS))
    if not width:
        width = max(_KINDS.get(column.kind, 10), len(column.title))
    if column.name == "externalId" and kind.name == "late-purchase-lines":
        priority = 92  # what people call a purchase order
    return Column(
        column.title,
        value,
        width,
        align="right" if column.kind in _RIGHT else "left",
        priority=priority,
        at_most=at_most,
    )
