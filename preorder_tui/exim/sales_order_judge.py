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
    null,
    select,
    update,
)

from data.staging import changes_seen, create
from data.tables import order_header, order_item, order_item_ship_group, party
from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.handed_back import FAILED, from_select
from preorder_tui.exim.handed_back import TABLE as HANDED_BACK
from preorder_tui.exim.new_orders import NewOrders
from preorder_tui.exim.order_tables import GROUP, HERE, LINE, NEW_PARTY, ORDER, PARTY, ROW
from preorder_tui.marks import CLOSED_ORDER_STATUSES
from preorder_tui.staged_plan import StagedPlan
from preorder_tui.words import SALES_ORDER

MOST_LINES = 99_999  # an item number has five digits
OPEN_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_HOLD")
_row, _here, _order = ROW.c, HERE.c, ORDER.c


def judge(context: ImportContext) -> StagedPlan:
    """Hand back what may not come in, and plan the rest."""
    connection = context.connection
    seen = changes_seen(connection)
    create(connection, HERE, ORDER, LINE, GROUP, PARTY, NEW_PARTY)
    _analyze(connection, ROW.name)
    appending = _find_orders(connection)
    handed_back = _repeated_in_file(connection)
    if appending:
        handed_back |= _already_here(connection)
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
    return StagedPlan(
        command=context.command,
        title=f"Import {orders:,} sales orders with {lines:,} lines{more}",
        parts=[NewOrders(appending=appending, seen=seen)],
        count=lines,
        lines=lines,
    )


def _analyze(connection: Connection, *names: str) -> None:
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.exec_driver_sql(f'ANALYZE "{name}"')


def _counts(connection: Connection) -> tuple[int, int, int]:
    lines = connection.execute(select(func.count()).select_from(LINE)).scalar_one()
    orders, here = connection.execute(
        select(func.count(), func.count(_order.ORDER_ID)).select_from(ORDER)
    ).one()
    return lines, orders, orders - here


# --- Orders that are here ------------------------------------------------------------------------


def _find_orders(connection: Connection) -> bool:
    """Note the orders of the file that are here already; whether there are any."""
    named = select(_row.EXTERNAL_ID).distinct().subquery()
    connection.execute(
        HERE.insert().from_select(
            ["EXTERNAL_ID", "ORDER_ID", "MATCHES"],
            select(named.c.EXTERNAL_ID, func.min(order_header.c.ORDER_ID), func.count())
            .join(order_header, order_header.c.EXTERNAL_ID == named.c.EXTERNAL_ID)
            .where(order_header.c.ORDER_TYPE_ID == SALES_ORDER)
            .group_by(named.c.EXTERNAL_ID),
        )
    )
    number: int = connection.execute(select(func.count()).select_from(HERE)).scalar_one()
    if not number:
        return False
    mine = order_header.c.ORDER_ID == _here.ORDER_ID
    connection.execute(
        update(HERE)
        .where(mine)
        .values(STATUS_ID=order_header.c.STATUS_ID, VERSION=order_header.c.ROW_VERSION)
    )
    last = (
        select(func.max(order_item.c.ORDER_ITEM_SEQ_ID))
        .where(order_item.c.ORDER_ID == _here.ORDER_ID)
        .scalar_subquery()
    )
    connection.execute(update(HERE).values(LAST_ITEM=last))
    _analyze(connection, HERE.name)
    return True


def _quoted(column: Any) -> Any:
    return literal("'") + column + literal("'")


def _hand_back(connection: Connection, query: Any) -> bool:
    """Hand back the rows of a query (line, kind, reason); whether there are any."""
    before = connection.execute(select(func.count()).select_from(HANDED_BACK)).scalar_one()
    found = query.subquery()
    line, kind, reason = found.c
    from_select(
        connection,
        select(line, literal(FAILED), kind, reason, null()).where(
            line.not_in(select(HANDED_BACK.c.LINE_NO))
        ),
    )
    after = connection.execute(select(func.count()).select_from(HANDED_BACK)).scalar_one()
    return bool(after > before)


def _repeated_in_file(connection: Connection) -> bool:
    """An item-external-id that the same order has twice in the file: the first row counts."""
    given = _row.ITEM_EXTERNAL_ID.is_not(None)
    if connection.execute(select(_row.LINE_NO).where(given).limit(1)).first() is None:
        return False
    place = func.row_number().over(
        partition_by=(_row.EXTERNAL_ID, _row.ITEM_EXTERNAL_ID), order_by=_row.LINE_NO
    )
    ranked = select(
        _row.LINE_NO, _row.EXTERNAL_ID, _row.ITEM_EXTERNAL_ID, place.label("PLACE")
    ).where(given).subquery()  # fmt: skip
    reason = (
        literal("item-external-id ") + _quoted(ranked.c.ITEM_EXTERNAL_ID)
        + literal(" stands more than once in order ") + _quoted(ranked.c.EXTERNAL_ID)
    )  # fmt: skip
    return _hand_back(
        connection,
        select(
            ranked.c.LINE_NO,
            literal("item-external-id … stands more than once in order …").label("KIND"),
            reason.label("REASON"),
        ).where(ranked.c.PLACE > 1),
    )


def _already_here(connection: Connection) -> bool:
    mine = _row.EXTERNAL_ID == _here.EXTERNAL_ID
    name = literal("external-id ") + _quoted(_row.EXTERNAL_ID)
    rows = ROW.join(HERE, mine)
    same_item = (
        select(order_item.c.ORDER_ITEM_SEQ_ID)
        .where(
            order_item.c.ORDER_ID == _here.ORDER_ID,
            order_item.c.EXTERNAL_ID == _row.ITEM_EXTERNAL_ID,
        )
        .exists()
    )
    place = func.row_number().over(
        partition_by=(_row.EXTERNAL_ID, _row.PRODUCT_ID, _row.QUANTITY), order_by=_row.LINE_NO
    )
    ranked = (
        select(
            _row.LINE_NO, _row.EXTERNAL_ID, _row.PRODUCT_ID, _row.QUANTITY, _here.ORDER_ID,
            place.label("PLACE"),
        )
        .select_from(rows)
        .where(_row.ITEM_EXTERNAL_ID.is_(None))
        .subquery()
    )  # fmt: skip
    present = (
        select(func.count())
        .select_from(order_item)
        .where(
            order_item.c.ORDER_ID == ranked.c.ORDER_ID,
            order_item.c.PRODUCT_ID == ranked.c.PRODUCT_ID,
            order_item.c.QUANTITY == ranked.c.QUANTITY,
        )
        .scalar_subquery()
    )
    queries = [
        select(
            _row.LINE_NO,
            literal("external-id … names several sales orders").label("KIND"),
            (name + literal(" names several sales orders")).label("REASON"),
        )
        .select_from(rows)
        .where(_here.MATCHES > 1),
        select(
            _row.LINE_NO,
            literal("external-id … is already imported, with this item-external-id").label("KIND"),
            (
                name + literal(" is already imported, as order ") + _here.ORDER_ID
                + literal(", with item-external-id ") + _quoted(_row.ITEM_EXTERNAL_ID)
            ).label("REASON"),
        )
        .select_from(rows)
        .where(_row.ITEM_EXTERNAL_ID.is_not(None), same_item),
        select(
            ranked.c.LINE_NO,
            literal("external-id … is already imported").label("KIND"),
            (
                literal("external-id ") + _quoted(ranked.c.EXTERNAL_ID)
                + literal(" is already imported, as order ") + ranked.c.ORDER_ID
                + literal(", with this product and quantity: give an item-external-id if this is "
                          "one more line")
            ).label("REASON"),
        ).where(ranked.c.PLACE <= present),
        select(
            _row.LINE_NO,
            literal("the order of external-id … is closed").label("KIND"),
            (
                literal("order ") + _here.ORDER_ID + literal(" of external-id ")
                + _quoted(_row.EXTERNAL_ID) + literal(" is closed: no line can be added")
            ).label("REASON"),
        )
        .select_from(rows)
        .where(_here.STATUS_ID.in_(CLOSED_ORDER_STATUSES)),
    ]  # fmt: skip
    found = [_hand_back(connection, query) for query in queries]
    return any(found)


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
    _analyze(connection, ORDER.name)


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
    return _hand_back(
        connection,
        select(
            ranked.c.LINE_NO,
            literal(f"order … has {MOST_LINES:,} lines already").label("KIND"),
            (
                literal("order ") + _quoted(ranked.c.EXTERNAL_ID)
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
    _analyze(connection, LINE.name, GROUP.name)


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
    _analyze(connection, PARTY.name, NEW_PARTY.name)
