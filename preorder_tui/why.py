"""Why? of any order line: how it stands, why, and the smallest change that would help."""

from __future__ import annotations

from sqlalchemy import Connection

from data.staging import narrow_cache
from preorder_tui.clock import Clock
from preorder_tui.errors import UnknownId
from preorder_tui.line_state import purchase_lines, sales_lines
from preorder_tui.lines import LineId
from preorder_tui.why_purchase import why_purchase
from preorder_tui.why_records import Why
from preorder_tui.why_sales import why_sales


def why(connection: Connection, clock: Clock, line: LineId) -> Why:
    """Why the line, of a sales or of a purchase order, stands as it does.

    Raises:
        UnknownId: there is no such line.
    """
    with narrow_cache(connection):
        sales = sales_lines(connection, [line]).get(line)
        if sales is not None:
            return why_sales(connection, clock, sales)
        purchase = purchase_lines(connection, [line]).get(line)
        if purchase is not None:
            return why_purchase(connection, clock, purchase)
    raise UnknownId(f"there is no order line {line}: see the order's items with show")
