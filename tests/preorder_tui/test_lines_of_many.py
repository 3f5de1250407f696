"""Lines that are read by the set, of a purchase order line or a product: against naive readings."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from sqlalchemy import Connection, Engine, event, select

from data.engine import open_engine, sqlite_url
from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import marks, open_lines
from preorder_tui import sales_line_rules as rules
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.line_state import sales_where
from preorder_tui.lines import LineId
from preorder_tui.served_lines import served_lines
from preorder_tui.service import Service
from preorder_tui.stored_moments import as_moment
from preorder_tui.why_records import Supposed
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.random_books import RandomBook, random_books
from tests.preorder_tui.test_why_properties import careful, desk_on, emptied, on_servers

CLOCK = Clock(UTC, TODAY)


def check_served(connection: Connection, book: RandomBook) -> None:
    """What each purchase order line serves, as the book was made."""
    arrivals = {line.key: line.arrival for order in book.purchases for line in order.lines}
    for key in arrivals:
        found = {
            one.line: (
                as_moment(one.placed),
                int(one.units),
                None if one.promised is None else as_moment(one.promised),
                bool(one.waits),
                bool(one.closed),
                bool(one.pinned),
                None if one.elsewhere is None else as_moment(one.elsewhere),
            )
            for lines in served_lines(connection, LineId(*key))
            for one in lines
        }
        assert found == {
            LineId(*line.key): (
                order.placed,
                line.links[key],
                line.promised,
                marks.waits(order.status, line.status, line.facility),
                line.status in marks.CLOSED_ITEM_STATUSES,
                line.links[key] % 2 == 1,
                _latest([arrivals[other] for other in line.links if other != key]),
            )
            for order in book.sales
            for line in order.lines
            if key in line.links
        }


def _latest(arrivals: list[datetime | None]) -> datetime | None:
    return max((one for one in arrivals if one is not None), default=None)


def check_open(connection: Connection) -> None:
    """The open lines of each product, among which no other line may be missing or be added."""
    item = order_item.c
    for product_id in connection.execute(select(item.PRODUCT_ID).distinct()).scalars().all():
        source, parameters = open_lines.of_product(connection, product_id)
        found = connection.execute(
            select(item.ORDER_ID, item.ORDER_ITEM_SEQ_ID)
            .select_from(source)
            .where(
                item.PRODUCT_ID == product_id,
                rules.waits(order_header, order_item, order_item_ship_group),
                rules.has_open_units(order_item),
                item.RECEIVED_QUANTITY.is_(None),
            ),
            parameters,
        )
        every = sales_where(connection, item.PRODUCT_ID == product_id)
        assert sorted(LineId(*row) for row in found) == sorted(
            state.line for state in every if state.open_units
        )


@careful
@given(book=random_books(CLOCK))
def test_lines_by_the_set_are_those_one_by_one(
    book: RandomBook, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("book") / "desk.db"
    shutil.copy(sqlite_template, path)
    with (
        desk_on(sqlite_url(path), book, pinned=True) as service,
        service.engine.connect() as connection,
    ):
        check_served(connection, book)
        check_open(connection)


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
@on_servers
@given(book=random_books(CLOCK))
def test_lines_by_the_set_are_those_one_by_one_on_a_server(
    book: RandomBook, request: pytest.FixtureRequest, server: str
) -> None:
    with (
        desk_on(emptied(request, server), book, pinned=True) as service,
        service.engine.connect() as connection,
    ):
        check_served(connection, book)
        check_open(connection)


def test_the_newest_lose_first_however_the_lines_are_read(service: Service, book: Book) -> None:
    """Orders whose ids do not come in the order of their dates, read afresh and as kept."""
    (purchase,) = book.purchase_order("20001", TODAY, [("BAG", 9)])
    days = {"10001": 5, "10004": 1, "10003": 9, "10002": 3}
    for order_id, day in days.items():
        book.sales_order(order_id, TODAY.replace(day=day), [("BAG", 2)])
        book.allocate(f"{order_id}/1", "20001/1", 2)
    fewer = Supposed(quantity=5)
    found = service.what_if(purchase, fewer)
    lost = {row.line.order_id: row.lost for row in found.rows if row.lost}
    newest = sorted(days, key=days.__getitem__, reverse=True)
    assert lost == {newest[0]: 2, newest[1]: 1}
    known = service.know_for_what_if(purchase)
    assert service.what_if(purchase, fewer, known=known) == found
    plan = service.plan_what_if(purchase, fewer)
    units = {
        row.order_id: row.old - row.new
        for row in plan.changes
        if row.field == "allocation" and isinstance(row.old, int) and isinstance(row.new, int)
    }
    assert units == lost


def _statements(engine: Engine, service: Service, line: LineId) -> list[tuple[str, object]]:
    """What is asked of the database for a what-if and a plan for one product."""
    seen: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, text: str, values: object, *_: object) -> None:
        seen.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    service.what_if(line, Supposed(slip=1))
    service.plan_auto_allocate(sku="BAG")
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_sqlite_reads_no_more_than_it_must(sqlite_database_url: str) -> None:
    """A line in an index is not read, and of a product only the open ones are."""
    engine = open_engine(sqlite_database_url)
    book = Book(engine, CLOCK)
    (line,) = book.purchase_order("20001", TODAY, [("BAG", 9)])
    book.sales_order("10001", TODAY, [("BAG", 2)])
    book.sales_order("10002", TODAY, [("BAG", 2)])
    book.allocate("10001/1", "20001/1", 2)
    service = Service(engine, Actor("ana"), CLOCK)
    seen = _statements(engine, service, line)
    service.close()
    for part, indexes in (
        ("AS served", ("ASSOC_SERVED", "OF_PURCHASE_ORDER", "HEADER_FILTERS")),
        ("AS open_lines", ("OF_PRODUCT", "UNALLOCATED", "PARTLY")),
    ):
        ((text, values),) = [one for one in seen if part in one[0]]
        assert isinstance(values, tuple)
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
        how = "\n".join(str(row[3]) for row in rows)
        for index in indexes:
            assert f"COVERING INDEX ORDER_{index}_IX" in how.replace("ORDER_ITEM_", "ORDER_"), how
