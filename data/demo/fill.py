"""Filling an empty schema with the demo, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import islice

from sqlalchemy import Connection, Engine, bindparam, func, select

from data import search_index
from data.bulk import CHUNK, Rows
from data.demo import catalogue as catalogue_rows
from data.demo import people as people_rows
from data.demo import purchase_orders as purchase_rows
from data.demo.catalogue import Catalogue, facility_rows, store_row
from data.demo.journal import Journal
from data.demo.people import People, first_number
from data.demo.purchase_orders import FIRST_ENTRY, Supply
from data.demo.sales_orders import FIRST_DAY, SalesOrders, orders_per_day
from data.demo.story_time import StoryTime
from data.engine import MYSQL_FAMILY
from data.guards import create_statements, drop_statements
from data.tables import (
    change_set,
    facility,
    good_identification,
    metadata,
    order_header,
    order_item,
    order_item_change,
    order_item_ship_group,
    order_role,
    party,
    product,
    product_assoc,
    product_feature,
    product_feature_appl,
    product_store,
    sequence_value_item,
    shipment_receipt,
    system_property,
)
from data.transaction import write

Progress = Callable[[int, int], None]


def generate(
    engine: Engine,
    *,
    orders: int = 2000,
    seed: int = 7,
    today: date,
    progress: Progress | None = None,
) -> None:
    """Fill the empty schema behind ``engine`` with ``orders`` sales orders and all they need.

    The same ``orders``, ``seed`` and ``today`` give the same rows to the byte. ``progress`` is
    called with the sales orders placed so far and their total.

    Raises:
        ValueError: fewer than one order was asked for, or the schema holds orders or products.
        sqlalchemy.exc.DBAPIError: the database refused; nothing was changed.
    """
    if orders < 1:
        raise ValueError("demo data needs at least one order")
    write(engine, lambda connection: _fill(connection, orders, seed, today, progress))


def _fill(
    connection: Connection, orders: int, seed: int, today: date, progress: Progress | None
) -> None:
    for table in (order_header, product, party):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise ValueError(f"demo data goes into an empty database, and {table.name} has rows")
    # The guards would add to counters that the rows already carry. DDL is transactional on SQLite
    # and PostgreSQL; MariaDB and MySQL commit at each DDL statement, so there a demo that fails
    # half-way has to bring them back itself (and after a power cut `init` does).
    dialect = connection.dialect.name
    for statement in drop_statements(dialect):
        connection.exec_driver_sql(statement)
    searched = search_index.has_index(connection)
    if searched:  # entered at once at the end, not noted row by row
        for statement in search_index.drop_trigger_statements():
            connection.exec_driver_sql(statement)
    # Secondary indexes stay. Dropping and sorting them at the end saved SQLite a quarter of the
    # time at 1,000,000 orders, a tenth at 100,000, for 200 MB more (the engine sorts in memory).
    try:
        _Demo(connection, orders, seed, today).fill(progress)
    except BaseException:
        if dialect in MYSQL_FAMILY:
            connection.exec_driver_sql("ROLLBACK")
            for statement in create_statements(dialect):
                connection.exec_driver_sql(statement)
        raise
    for statement in create_statements(dialect):
        connection.exec_driver_sql(statement)
    if searched:
        for statement in search_index.trigger_statements():
            connection.exec_driver_sql(statement)
        search_index.fill(connection)
    if dialect == "postgresql":
        _finish_postgresql(connection)


def _finish_postgresql(connection: Connection) -> None:
    """Move the serials past the ids that were given, and let the planner know what is there."""
    for table in (change_set, order_item_change, shipment_receipt):
        key = next(iter(table.primary_key.columns))
        serial = func.pg_get_serial_sequence(f'"{table.name}"', key.name)
        connection.execute(
            select(func.setval(serial, func.coalesce(func.max(key), 1))).select_from(table)
        )
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(f'ANALYZE "{table.name}"')


class _Demo:
    """One run of the generator."""

    def __init__(self, connection: Connection, orders: int, seed: int, today: date) -> None:
        self._connection, self._orders, self._seed = connection, orders, seed
        self._time = StoryTime(today)
        self._people = People(orders, seed)
        self._catalogue = Catalogue(orders, seed)
        self._supply = Supply(orders, seed, self._catalogue, self._people)
        self._journal = Journal(connection, self._time)
        self._per_day = orders_per_day(orders, self._time)

    def fill(self, progress: Progress | None) -> None:
        """Everything, in the order of the keys that rows refer to."""
        first_numbers, next_number = self._number()
        self._master_data()
        self._purchase_orders()
        sales = SalesOrders(
            self._connection, self._time, self._orders, self._seed, self._catalogue,
            self._people, self._supply, self._journal,
        )  # fmt: skip
        done = 0
        self._journal.write_until(FIRST_DAY - 1)
        for day, count in enumerate(self._per_day, start=FIRST_DAY):
            sales.place_day(day, count, first_numbers[day])
            self._journal.write_until(day)
            done += count
            if progress is not None:
                progress(done, self._orders)
        sales.insert()
        self._journal.insert()
        self._allocated()
        self._sequences(next_number)

    def _number(self) -> tuple[dict[int, int], int]:
        """Give out the order ids day by day, purchase orders first.

        Returns the first number of each day's sales orders, and the next free one.
        """
        number = first_number(self._orders + len(self._supply.orders))
        first_numbers: dict[int, int] = {}
        waiting = iter(enumerate(self._supply.orders))
        index, order = next(waiting)
        for day in range(FIRST_ENTRY, 1):
            while index >= 0 and order.entry_day <= day:
                self._supply.number(number, index, order)
                number += 1
                index, order = next(waiting, (-1, order))
            first_numbers[day] = number
            if day >= FIRST_DAY:
                number += self._per_day[day - FIRST_DAY]
        return first_numbers, number

    def _master_data(self) -> None:
        connection, time, catalogue = self._connection, self._time, self._catalogue
        for table, columns, rows in (
            (product_store, catalogue_rows.STORE_COLUMNS, [store_row(time)]),
            (facility, catalogue_rows.FACILITY_COLUMNS, facility_rows(time)),
            (product, catalogue_rows.PRODUCT_COLUMNS, catalogue.product_rows(time)),
            (product_assoc, catalogue_rows.ASSOC_COLUMNS, catalogue.assoc_rows()),
            (
                good_identification,
                catalogue_rows.IDENTIFICATION_COLUMNS,
                catalogue.identification_rows(),
            ),
            (product_feature, catalogue_rows.FEATURE_COLUMNS, catalogue.feature_rows()),
            (product_feature_appl, catalogue_rows.APPL_COLUMNS, catalogue.appl_rows()),
            (party, people_rows.COLUMNS, self._people.rows(time)),
        ):
            Rows(connection, table, columns).insert_all(rows)

    def _purchase_orders(self) -> None:
        connection, time, supply = self._connection, self._time, self._supply
        supply.plan_lines(self._journal, time)
        for table, columns, rows in (
            (order_header, purchase_rows.HEADER_COLUMNS, supply.header_rows(time)),
            (order_role, "ORDER_ID ROLE_TYPE_ID PARTY_ID", supply.role_rows(self._people)),
            (
                order_item_ship_group,
                "ORDER_ID SHIP_GROUP_SEQ_ID FACILITY_ID",
                supply.ship_group_rows(),
            ),
            (order_item, purchase_rows.ITEM_COLUMNS, supply.item_rows(time)),
            (shipment_receipt, purchase_rows.RECEIPT_COLUMNS, supply.receipt_rows(time)),
        ):
            Rows(connection, table, columns).insert_all(rows)

    def _allocated(self) -> None:
        """The purchase order lines' counters, known once the last sales order is placed."""
        order_id, seq = order_item.primary_key.columns
        statement = (
            order_item.update()
            .where(order_id == bindparam("order"), seq == bindparam("seq"))
            .values(ALLOCATED_QUANTITY=bindparam("units"))
        )
        rows = self._supply.allocated_rows()
        while chunk := list(islice(rows, CHUNK)):
            self._connection.execute(
                statement, [dict(zip(("units", "order", "seq"), row, strict=True)) for row in chunk]
            )

    def _sequences(self, next_order: int) -> None:
        next_numbers = {
            "OrderHeader": next_order,
            "Product": self._catalogue.next_number,
            "Party": self._people.next_number,
            "ProductFeature": self._catalogue.next_feature_number,
        }
        Rows(self._connection, sequence_value_item, "SEQ_NAME SEQ_ID").insert_all(
            next_numbers.items()
        )
        Rows(
            self._connection,
            system_property,
            "SYSTEM_RESOURCE_ID SYSTEM_PROPERTY_ID SYSTEM_PROPERTY_VALUE",
        ).insert_all([("preorder-tui", "time.zone", "UTC"), ("preorder-tui", "demo", "Y")])
