"""Many new sales orders and lines, brought in by the set (a part of a staged plan)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Integer,
    Numeric,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from data.staging import changes_seen, slices
from data.tables import (
    order_header,
    order_item,
    order_item_change,
    order_item_ship_group,
    order_role,
    party,
)
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.exim.order_tables import GROUP, LINE, NEW_PARTY, ORDER, PARTY, ROW
from preorder_tui.exim.sequences import take
from preorder_tui.staged_plan import SLICE, Applying
from preorder_tui.words import CHANGE_APPEND, SALES_ORDER

MOST_MILLI_TOTAL = 10**18  # beyond it GRAND_TOTAL holds nothing
_order, _line, _group, _row = ORDER.c, LINE.c, GROUP.c, ROW.c
_IS_NEW = _order.ORDER_ID.is_(None)
_ID = func.coalesce(_order.ORDER_ID, _order.NEW_ORDER_ID)


class NewOrders:
    """A part of a staged plan: orders, lines and customers out of the temporary tables.

    Args:
        appending: some of the orders are here already and get more lines.
        seen: what :func:`data.staging.changes_seen` said when the rows were judged.
    """

    def __init__(self, *, appending: bool, seen: int | None) -> None:
        self.appending = appending
        self.seen = seen

    # --- Checking ---

    def check(self, connection: Connection, clock: Clock) -> None:
        """Take the numbers (one import of orders at a time from here on) and look again.

        Raises:
            StalePlan: somebody brought in one of the orders or customers, or changed an order.
        """
        moved = self.seen is None or self.seen != changes_seen(connection)
        first_order = take(connection, "OrderHeader", _last(connection, ORDER))
        first_party = take(connection, "Party", _last(connection, NEW_PARTY))
        if moved:
            self._check_again(connection)
        connection.execute(
            update(ORDER)
            .where(_IS_NEW)
            .values(NEW_ORDER_ID=cast(_order.N + (first_order - 1), String(20)))
        )
        number = select(NEW_PARTY.c.N).where(NEW_PARTY.c.PARTY_KEY == PARTY.c.PARTY_KEY)
        connection.execute(
            update(PARTY)
            .where(PARTY.c.PARTY_ID.is_(None))
            .values(PARTY_ID=cast(number.scalar_subquery() + (first_party - 1), String(20)))
        )

    def _check_again(self, connection: Connection) -> None:
        brought = connection.execute(
            select(order_header.c.EXTERNAL_ID)
            .join(ORDER, _order.EXTERNAL_ID == order_header.c.EXTERNAL_ID)
            .where(_IS_NEW, order_header.c.ORDER_TYPE_ID == SALES_ORDER)
            .limit(1)
        ).scalar()
        if brought is not None:
            raise StalePlan(f"sales order {brought!r} was brought in meanwhile: look again")
        known = connection.execute(
            select(party.c.EXTERNAL_ID)
            .join(ROW, _row.PARTY_EXTERNAL_ID == party.c.EXTERNAL_ID)
            .join(NEW_PARTY, NEW_PARTY.c.FIRST_LINE == _row.LINE_NO)
            .limit(1)
        ).scalar()
        if known is not None:
            raise StalePlan(f"customer {known!r} was brought in meanwhile: look again")
        if self.appending:
            self._check_appended(connection)

    def _check_appended(self, connection: Connection) -> None:
        here = order_header.c.ORDER_ID == _order.ORDER_ID
        if connection.dialect.name != "sqlite":
            connection.execute(
                select(func.count()).select_from(
                    select(order_header.c.ORDER_ID)
                    .join(ORDER, here)
                    .order_by(order_header.c.ORDER_ID)
                    .with_for_update(of=order_header)
                    .subquery()
                )
            )
        last = (
            select(func.max(order_item.c.ORDER_ITEM_SEQ_ID))
            .where(order_item.c.ORDER_ID == _order.ORDER_ID)
            .scalar_subquery()
        )
        moved = connection.execute(
            select(_order.ORDER_ID)
            .select_from(ORDER.outerjoin(order_header, here))
            .where(
                _order.ORDER_ID.is_not(None),
                (order_header.c.ROW_VERSION.is_distinct_from(_order.VERSION))
                | (last.is_distinct_from(_order.LAST_ITEM)),
            )
            .limit(1)
        ).scalar()
        if moved is not None:
            raise StalePlan(f"sales order {moved} was changed meanwhile: look again")

    # --- Writing ---

    def write(self, connection: Connection, applying: Applying) -> int:
        """Insert everything, and journal each new line as its quantity."""
        self._write_customers(connection, applying)
        for part in slices(1, _last(connection, ORDER), SLICE):
            self._write_orders(connection, applying, _order.N.between(*part))
            applying.tell(0)
        self._write_groups(connection)
        done = 0
        for part in slices(1, _last(connection, LINE), SLICE):
            self._write_lines(connection, applying, _line.N.between(*part))
            done += part[1] - part[0] + 1  # numbered without a gap
            applying.tell(done)
        if self.appending:
            self._raise_totals(connection, applying)
        return done

    def _write_customers(self, connection: Connection, applying: Applying) -> None:
        now = literal(applying.now, DateTime)
        copied = ["PARTY_NAME", "EMAIL_ADDRESS", "PHONE_NUMBER", "POSTAL_ADDRESS", "COUNTRY"]
        connection.execute(
            insert(party).from_select(
                [
                    "PARTY_ID", "PARTY_TYPE_ID", "EXTERNAL_ID", *copied, "CREATED_STAMP",
                    "LAST_UPDATED_STAMP",
                ],
                select(
                    PARTY.c.PARTY_ID,
                    literal("PERSON"),
                    _row.PARTY_EXTERNAL_ID,
                    *(_row[name] for name in copied),
                    now,
                    now,
                )
                .select_from(
                    NEW_PARTY.join(PARTY, PARTY.c.PARTY_KEY == NEW_PARTY.c.PARTY_KEY).join(
                        ROW, _row.LINE_NO == NEW_PARTY.c.FIRST_LINE
                    )
                )
                .order_by(NEW_PARTY.c.N),
            )
        )  # fmt: skip

    def _write_orders(self, connection: Connection, applying: Applying, part: Any) -> None:
        now = literal(applying.now, DateTime)
        status = case((_order.OPEN_LINES > 0, "ORDER_APPROVED"), else_="ORDER_COMPLETED")
        copied = [
            "ORDER_NAME",
            "ORDER_DATE",
            "SALES_CHANNEL_ENUM_ID",
            "PRODUCT_STORE_ID",
            "CURRENCY_UOM",
        ]
        connection.execute(
            insert(order_header).from_select(
                [
                    "ORDER_ID", "ORDER_TYPE_ID", "EXTERNAL_ID", "ENTRY_DATE", "STATUS_ID",
                    "GRAND_TOTAL", "CREATED_BY", "ROW_VERSION", "CREATED_STAMP",
                    "LAST_UPDATED_STAMP", *copied,
                ],
                select(
                    _order.NEW_ORDER_ID,
                    literal(SALES_ORDER),
                    _order.EXTERNAL_ID,
                    now,
                    status,
                    case((_order.MILLI_TOTAL < MOST_MILLI_TOTAL, _cents(_order.MILLI_TOTAL))),
                    literal(applying.user),
                    literal(1),
                    now,
                    now,
                    *(_row[name] for name in copied),
                )
                .select_from(ORDER.join(ROW, _row.LINE_NO == _order.FIRST_LINE))
                .where(part, _IS_NEW)
                .order_by(_order.N),
            )
        )  # fmt: skip
        connection.execute(
            insert(order_role).from_select(
                ["ORDER_ID", "ROLE_TYPE_ID", "PARTY_ID"],
                select(_order.NEW_ORDER_ID, literal("PLACING_CUSTOMER"), PARTY.c.PARTY_ID)
                .join(PARTY, PARTY.c.PARTY_KEY == _order.PARTY_KEY)
                .where(part, _IS_NEW)
                .order_by(_order.N),
            )
        )

    def _write_groups(self, connection: Connection) -> None:
        connection.execute(
            insert(order_item_ship_group).from_select(
                ["ORDER_ID", "SHIP_GROUP_SEQ_ID", "FACILITY_ID"],
                select(_ID, _five(_group.PLACE), _group.FACILITY_ID)
                .join(ORDER, _order.N == _group.ORDER_N)
                .where(_group.PRESENT.is_(None))
                .order_by(_group.ORDER_N),
            )
        )

    def _write_lines(self, connection: Connection, applying: Applying, part: Any) -> None:
        now = literal(applying.now, DateTime)
        lines = LINE.join(ORDER, _order.N == _line.ORDER_N)
        grouped = lines.join(
            GROUP, and_(_group.ORDER_N == _line.ORDER_N, _group.FACILITY_ID == _line.FACILITY_ID)
        )
        connection.execute(
            insert(order_item).from_select(
                [
                    "ORDER_ID", "ORDER_ITEM_SEQ_ID", "EXTERNAL_ID", "ORDER_ITEM_TYPE_ID",
                    "PRODUCT_ID", "QUANTITY", "CANCEL_QUANTITY", "UNIT_PRICE", "STATUS_ID",
                    "SHIP_GROUP_SEQ_ID", "CHANGE_BY_USER_LOGIN_ID", "ALLOCATED_QUANTITY",
                    "ROW_VERSION", "CREATED_STAMP", "LAST_UPDATED_STAMP",
                ],
                select(
                    _ID,
                    _five(_line.ITEM),
                    _line.EXTERNAL_ID,
                    literal("PRODUCT_ORDER_ITEM"),
                    _line.PRODUCT_ID,
                    _line.QUANTITY,
                    literal(0),
                    _thousandths(_line.MILLI_PRICE),
                    _line.STATUS_ID,
                    func.coalesce(_group.PRESENT, _five(_group.PLACE)),
                    literal(applying.user),
                    literal(0),
                    literal(1),
                    now,
                    now,
                )
                .select_from(grouped)
                .where(part)
                .order_by(_line.N),
                include_defaults=False,
            )
        )  # fmt: skip
        connection.execute(
            insert(order_item_change).from_select(
                [
                    "CHANGE_SET_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "CHANGE_TYPE_ENUM_ID",
                    "FIELD", "NEW_VALUE",
                ],
                select(
                    literal(applying.change_set_id, Integer),
                    _ID,
                    _five(_line.ITEM),
                    literal(CHANGE_APPEND),
                    literal("quantity"),
                    cast(_line.QUANTITY, Text),
                )
                .select_from(lines)
                .where(part)
                .order_by(_line.N),
            )
        )  # fmt: skip

    def _raise_totals(self, connection: Connection, applying: Applying) -> None:
        """An order that gets more lines costs more."""
        connection.execute(
            update(order_header)
            .where(
                order_header.c.ORDER_ID == _order.ORDER_ID,
                _order.MILLI_TOTAL.is_not(None),
                _order.MILLI_TOTAL < MOST_MILLI_TOTAL,
                order_header.c.GRAND_TOTAL.is_not(None),
            )
            .values(
                GRAND_TOTAL=order_header.c.GRAND_TOTAL + _cents(_order.MILLI_TOTAL),
                LAST_UPDATED_STAMP=applying.now,
            )
        )


def _last(connection: Connection, table: Any) -> int:
    return connection.execute(select(func.max(table.c.N))).scalar_one() or 0


def _five(number: Any) -> Any:
    """A number in five digits, as text."""
    text = cast(number + 100_000, String(20))
    return func.substr(text, 2)


def _thousandths(number: Any) -> Any:
    return cast(number, Numeric(30, 0)) / literal_column("1000.0")


def _cents(number: Any) -> Any:
    return func.round(_thousandths(number), 2)
