"""Staged rows of IMP_ORDER against the orders and customers that are here, by the set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    case,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    update,
)

from data.staging import changes_seen, create
from data.tables import order_item_ship_group, party
from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.handed_back import TABLE as HANDED_BACK
from preorder_tui.exim.new_orders import NewOrders
from preorder_tui.exim.order_tables import GROUP, HERE, LINE, NEW_PARTY, ORDER, PARTY, ROW, SAME
from preorder_tui.exim.orders_here import (
    analyze,
    find_orders,
    find_same,
    hand_back,
    hand_back_present,
    hand_back_repeated,
    quoted,
)
from preorder_tui.staged_plan import StagedPlan

MOST_LINES = 99_999  # an item number has five digits
OPEN_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_HOLD")
_row, _here, _order = ROW.c, HERE.c, ORDER.c


def judge(context: ImportContext) -> tuple[StagedPlan, int]:
    """Hand back what may not come in, and plan the rest; how many rows are here already."""
    connection = context.connection
    seen = changes_seen(connection)
    create(connection, HERE, SAME, ORDER, LINE, GROUP, PARTY, NEW_PARTY)
    analyze(connection, ROW.name)
    appending = find_orders(connection)
    handed_back = hand_back_repeated(connection)
    unchanged = 0
    if appending:
        unchanged = find_same(connection)
        handed_back |= hand_back_present(connection)
        connection.execute(delete(ROW).where(_row.LINE_NO.in_(select(SAME.c.LINE_NO))))
    if handed_back:
        _drop_handed_back(connection)
    _group(connection)
    if _too_many_lines(connection):
        _drop_handed_back(connection)
        connection.execute(delete(ORDER))
        _group(connection)
    _number_groups(connection, appending=appending)
    _number_lines(connection)
    _find_customers(connection)
    lines, orders, new = _counts(connection)
    more = f", {orders - new:,} of them here already" if orders > new else ""
    plan = StagedPlan(
        command=context.command,
        title=f"Import {orders:,} sales orders with {lines:,} lines{more}",
        parts=[NewOrders(appending=appending, seen=seen)],
        count=lines,
        lines=lines,
    )
    return plan, unchanged


def _counts(connection: Connection) -> tuple[int, int, int]:
    lines = connection.execute(select(func.count()).select_from(LINE)).scalar_one()
    orders, here = connection.execute(
        select(func.count(), func.count(_order.ORDER_ID)).select_from(ORDER)
    ).one()
    return lines, orders, orders - here


def _drop_handed_back(connection: Connection) -> None:
    connection.execute(delete(ROW).where(_row.LINE_NO.in_(select(HANDED_BACK.c.LINE_NO))))


# --- Orders, ship groups, lines -----------------------------------------------------------------


def _group(connection: Connection) -> None:
    """One row per order, numbered by its first row in the file."""
    is_open = case((_row.STATUS_ID.in_(OPEN_STATUSES), 1), else_=0)
    grouped = (
        select(
            _row.EXTERNAL_ID,
            func.min(_row.LINE_NO).label("FIRST_LINE"),
            func.count().label("LINES"),
            func.sum(is_open).label("OPEN_LINES"),
            func.sum(_row.MILLI_PRICE * literal_column("1.0") * _row.QUANTITY).label("MILLI_TOTAL"),
        )
        .group_by(_row.EXTERNAL_ID)
        .subquery()
    )
    connection.execute(
        ORDER.insert().from_select(
            [
                "EXTERNAL_ID", "FIRST_LINE", "LINES", "OPEN_LINES", "MILLI_TOTAL", "ORDER_ID",
                "VERSION", "LAST_ITEM", "PARTY_KEY",
            ],
            select(
                *grouped.c,
                _here.ORDER_ID,
                _here.VERSION,
                _here.LAST_ITEM,
                _row.PARTY_KEY,
            )
            .select_from(
                grouped.outerjoin(HERE, _here.EXTERNAL_ID == grouped.c.EXTERNAL_ID).join(
                    ROW, _row.LINE_NO == grouped.c.FIRST_LINE
                )
            )
            .order_by(grouped.c.FIRST_LINE),
        )
    )  # fmt: skip
    analyze(connection, ORDER.name)


def _too_many_lines(connection: Connection) -> bool:
    room = MOST_LINES - func.coalesce(_as_number(_order.LAST_ITEM), 0)
    full = select(_order.EXTERNAL_ID, room.label("ROOM")).where(room < _order.LINES).subquery()
    if connection.execute(select(full.c.EXTERNAL_ID).limit(1)).first() is None:
        return False
    place = func.row_number().over(partition_by=_row.EXTERNAL_ID, order_by=_row.LINE_NO)
    ranked = (
        select(_row.LINE_NO, _row.EXTERNAL_ID, place.label("PLACE"), full.c.ROOM)
        .join(full, full.c.EXTERNAL_ID == _row.EXTERNAL_ID)
        .subquery()
    )
    return hand_back(
        connection,
        select(
            ranked.c.LINE_NO,
            literal(f"order … has {MOST_LINES:,} lines already").label("KIND"),
            (
                literal("order ") + quoted(ranked.c.EXTERNAL_ID)
                + literal(f" has {MOST_LINES:,} lines already")
            ).label("REASON"),
        ).where(ranked.c.PLACE > ranked.c.ROOM),
    )  # fmt: skip


def _as_number(column: Any) -> Any:
    return cast(column, Integer)


def _in_order() -> Any:
    return ROW.join(ORDER, _order.EXTERNAL_ID == _row.EXTERNAL_ID)


def _number_groups(connection: Connection, *, appending: bool) -> None:
    """A ship group for each queue or facility that an order's rows name, by first appearance."""
    first = (
        select(_order.N, _row.FACILITY_ID, func.min(_row.LINE_NO).label("FIRST_LINE"))
        .select_from(_in_order())
        .group_by(_order.N, _row.FACILITY_ID)
        .subquery()
    )
    place = func.row_number().over(partition_by=first.c.N, order_by=first.c.FIRST_LINE)
    connection.execute(
        GROUP.insert().from_select(
            ["ORDER_N", "FACILITY_ID", "PLACE"], select(first.c.N, first.c.FACILITY_ID, place)
        )
    )
    if not appending:
        return
    group = order_item_ship_group.c
    present = (
        select(func.min(group.SHIP_GROUP_SEQ_ID))
        .select_from(order_item_ship_group.join(ORDER, _order.ORDER_ID == group.ORDER_ID))
        .where(_order.N == GROUP.c.ORDER_N, group.FACILITY_ID == GROUP.c.FACILITY_ID)
        .scalar_subquery()
    )
    last = (
        select(_as_number(func.max(group.SHIP_GROUP_SEQ_ID)))
        .select_from(order_item_ship_group.join(ORDER, _order.ORDER_ID == group.ORDER_ID))
        .where(_order.N == GROUP.c.ORDER_N)
        .scalar_subquery()
    )
    connection.execute(
        update(GROUP)
        .where(GROUP.c.ORDER_N.in_(select(_order.N).where(_order.ORDER_ID.is_not(None))))
        .values(PRESENT=present, PLACE=GROUP.c.PLACE + func.coalesce(last, 0))
    )


def _number_lines(connection: Connection) -> None:
    """The lines in the order of their orders and of the file, with their item numbers."""
    place = func.row_number().over(partition_by=_order.N, order_by=_row.LINE_NO)
    connection.execute(
        LINE.insert().from_select(
            [
                "ORDER_N", "ITEM", "FACILITY_ID", "PRODUCT_ID", "QUANTITY", "MILLI_PRICE",
                "STATUS_ID", "EXTERNAL_ID",
            ],
            select(
                _order.N,
                place + func.coalesce(_as_number(_order.LAST_ITEM), 0),
                _row.FACILITY_ID,
                _row.PRODUCT_ID,
                _row.QUANTITY,
                _row.MILLI_PRICE,
                _row.STATUS_ID,
                _row.ITEM_EXTERNAL_ID,
            )
            .select_from(_in_order())
            .order_by(_order.N, _row.LINE_NO),
        )
    )  # fmt: skip
    analyze(connection, LINE.name, GROUP.name)


# --- Customers ----------------------------------------------------------------------------------


def _find_customers(connection: Connection) -> None:
    """One row per customer of a new order: somebody who is here, or a new number."""
    first = (
        select(_order.PARTY_KEY, func.min(_order.FIRST_LINE).label("FIRST_LINE"))
        .where(_order.ORDER_ID.is_(None))
        .group_by(_order.PARTY_KEY)
        .subquery()
    )
    known = (
        select(func.min(party.c.PARTY_ID))
        .where(party.c.EXTERNAL_ID == _row.PARTY_EXTERNAL_ID)
        .scalar_subquery()
    )
    connection.execute(
        PARTY.insert().from_select(
            ["PARTY_KEY", "FIRST_LINE", "PARTY_ID"],
            select(first.c.PARTY_KEY, first.c.FIRST_LINE, func.coalesce(known, _row.GIVEN_PARTY_ID))
            .join(ROW, _row.LINE_NO == first.c.FIRST_LINE)
            .order_by(first.c.FIRST_LINE),
        )
    )
    connection.execute(
        NEW_PARTY.insert().from_select(
            ["PARTY_KEY", "FIRST_LINE"],
            select(PARTY.c.PARTY_KEY, PARTY.c.FIRST_LINE)
            .where(PARTY.c.PARTY_ID.is_(None))
            .order_by(PARTY.c.FIRST_LINE),
        )
    )
    analyze(connection, PARTY.name, NEW_PARTY.name)
