"""Rows of IMP_ORDER whose orders are here already: the same, otherwise, or one more line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, literal, literal_column, null, or_, select, update

from data.tables import order_header, order_item
from preorder_tui.exim.handed_back import FAILED, from_select
from preorder_tui.exim.handed_back import TABLE as HANDED_BACK
from preorder_tui.exim.order_tables import HERE, ROW, SAME
from preorder_tui.marks import CLOSED_ORDER_STATUSES
from preorder_tui.words import SALES_ORDER

_row, _here = ROW.c, HERE.c


def analyze(connection: Connection, *names: str) -> None:
    """Have PostgreSQL's planner know the size of staged tables."""
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.exec_driver_sql(f'ANALYZE "{name}"')


def find_orders(connection: Connection) -> bool:
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
    analyze(connection, HERE.name)
    return True


def quoted(column: Any) -> Any:
    """A text in quotation marks."""
    return literal("'") + column + literal("'")


def hand_back(connection: Connection, query: Any) -> bool:
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


def hand_back_repeated(connection: Connection) -> bool:
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
        literal("item-external-id ") + quoted(ranked.c.ITEM_EXTERNAL_ID)
        + literal(" stands more than once in order ") + quoted(ranked.c.EXTERNAL_ID)
    )  # fmt: skip
    return hand_back(
        connection,
        select(
            ranked.c.LINE_NO,
            literal("item-external-id … stands more than once in order …").label("KIND"),
            reason.label("REASON"),
        ).where(ranked.c.PLACE > 1),
    )


def _of_its_item() -> Any:
    """Whether its order has a line of the row's item-external-id."""
    return (order_item.c.ORDER_ID == _here.ORDER_ID) & (
        order_item.c.EXTERNAL_ID == _row.ITEM_EXTERNAL_ID
    )


def _same_price(milli_price: Any) -> Any:
    """Whether a line has the price of the row; a row without a price says nothing of it."""
    return milli_price.is_(None) | (
        func.round(order_item.c.UNIT_PRICE * literal_column("1000"), 0) == milli_price
    )


def _ranked(*also: Any) -> Any:
    """Rows without item-external-id of orders that are here, numbered among those like them."""
    like = (_row.EXTERNAL_ID, _row.PRODUCT_ID, _row.QUANTITY, *also)
    place = func.row_number().over(partition_by=like, order_by=_row.LINE_NO)
    return (
        select(
            _row.LINE_NO, _row.EXTERNAL_ID, _row.PRODUCT_ID, _row.QUANTITY, _row.MILLI_PRICE,
            _here.ORDER_ID, _here.MATCHES, place.label("PLACE"),
        )
        .select_from(ROW.join(HERE, _row.EXTERNAL_ID == _here.EXTERNAL_ID))
        .where(_row.ITEM_EXTERNAL_ID.is_(None))
        .subquery()
    )  # fmt: skip


def _present(ranked: Any, *also: Any) -> Any:
    """How many lines of its product and quantity the order of a row has."""
    return (
        select(func.count())
        .select_from(order_item)
        .where(
            order_item.c.ORDER_ID == ranked.c.ORDER_ID,
            order_item.c.PRODUCT_ID == ranked.c.PRODUCT_ID,
            order_item.c.QUANTITY == ranked.c.QUANTITY,
            *also,
        )
        .scalar_subquery()
    )


def find_same(connection: Connection) -> int:
    """Note the rows that are here as they stand in the file; how many."""
    as_given = (
        select(order_item.c.ORDER_ITEM_SEQ_ID)
        .where(
            _of_its_item(),
            order_item.c.PRODUCT_ID == _row.PRODUCT_ID,
            or_(
                order_item.c.QUANTITY == _row.QUANTITY,
                # an export has what is left of a line that is cancelled in part
                order_item.c.QUANTITY - order_item.c.CANCEL_QUANTITY == _row.QUANTITY,
            ),
            _same_price(_row.MILLI_PRICE),
        )
        .exists()
    )
    ranked = _ranked(_row.MILLI_PRICE)
    for found in (
        select(_row.LINE_NO)
        .select_from(ROW.join(HERE, _row.EXTERNAL_ID == _here.EXTERNAL_ID))
        .where(_row.ITEM_EXTERNAL_ID.is_not(None), _here.MATCHES == 1, as_given),
        select(ranked.c.LINE_NO).where(
            ranked.c.MATCHES == 1,
            ranked.c.PLACE <= _present(ranked, _same_price(ranked.c.MILLI_PRICE)),
        ),
    ):
        handed_back = select(HANDED_BACK.c.LINE_NO)
        rows = found.subquery()
        connection.execute(
            SAME.insert().from_select(
                ["LINE_NO"], select(rows.c.LINE_NO).where(rows.c.LINE_NO.not_in(handed_back))
            )
        )
    number: int = connection.execute(select(func.count()).select_from(SAME)).scalar_one()
    return number


def hand_back_present(connection: Connection) -> bool:
    """Hand back rows that their order has, but otherwise, and what no order can take."""
    mine = _row.EXTERNAL_ID == _here.EXTERNAL_ID
    name = literal("external-id ") + quoted(_row.EXTERNAL_ID)
    rows = ROW.join(HERE, mine)
    same_item = select(order_item.c.ORDER_ITEM_SEQ_ID).where(_of_its_item()).exists()
    ranked = _ranked()
    present = _present(ranked)
    same = select(SAME.c.LINE_NO)
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
                + literal(", with item-external-id ") + quoted(_row.ITEM_EXTERNAL_ID)
                + literal(" but another product, quantity or price: change it there")
            ).label("REASON"),
        )
        .select_from(rows)
        .where(_row.ITEM_EXTERNAL_ID.is_not(None), same_item, _row.LINE_NO.not_in(same)),
        select(
            ranked.c.LINE_NO,
            literal("external-id … is already imported").label("KIND"),
            (
                literal("external-id ") + quoted(ranked.c.EXTERNAL_ID)
                + literal(" is already imported, as order ") + ranked.c.ORDER_ID
                + literal(", with this product and quantity at another price: give an "
                          "item-external-id if this is one more line")
            ).label("REASON"),
        ).where(ranked.c.PLACE <= present, ranked.c.LINE_NO.not_in(same)),
        select(
            _row.LINE_NO,
            literal("the order of external-id … is closed").label("KIND"),
            (
                literal("order ") + _here.ORDER_ID + literal(" of external-id ")
                + quoted(_row.EXTERNAL_ID) + literal(" is closed: no line can be added")
            ).label("REASON"),
        )
        .select_from(rows)
        .where(_here.STATUS_ID.in_(CLOSED_ORDER_STATUSES), _row.LINE_NO.not_in(same)),
    ]  # fmt: skip
    found = [hand_back(connection, query) for query in queries]
    return any(found)
