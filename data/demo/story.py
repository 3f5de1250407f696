"""The whole story of a demo, told as rows: in the order of the keys that rows refer to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from data.demo import catalogue as catalogue_rows
from data.demo import people as people_rows
from data.demo import purchase_orders as purchase_rows
from data.demo.batches import Batch, batches
from data.demo.catalogue import Catalogue, facility_rows, store_row
from data.demo.journal import Journal
from data.demo.people import People, first_number
from data.demo.purchase_orders import FIRST_ENTRY, Supply
from data.demo.sales_orders import FIRST_DAY, SalesOrders, orders_per_day
from data.demo.story_time import StoryTime

ROLE_COLUMNS = "ORDER_ID ROLE_TYPE_ID PARTY_ID"

Told = Batch | int
"""Rows of one table, or how many sales orders have been placed by now."""


class Story:
    """One run of the generator."""

    def __init__(self, orders: int, seed: int, today: date) -> None:
        self._orders = orders
        self._time = StoryTime(today)
        self._people = People(orders, seed)
        self._catalogue = Catalogue(orders, seed)
        self._supply = Supply(orders, seed, self._catalogue, self._people)
        self._journal = Journal(self._time)
        self._sales = SalesOrders(
            self._time, orders, seed, self._catalogue, self._people, self._supply, self._journal
        )
        self._per_day = orders_per_day(orders, self._time)

    def told(self) -> Iterator[Told]:
        """Everything, once."""
        first_numbers, next_number = self._number()
        yield from self._master_data()
        yield from self._purchase_orders()
        done = 0
        yield from self._journal.until(FIRST_DAY - 1)
        for day, count in enumerate(self._per_day, start=FIRST_DAY):
            yield from self._sales.of_day(day, count, first_numbers[day])
            yield from self._journal.until(day)
            done += count
            yield done
        yield from self._sales.last()
        yield from self._journal.last()
        # The purchase order lines' counters are known now.
        yield from batches(
            "ORDER_ITEM", purchase_rows.ALLOCATED_COLUMNS, self._supply.allocated_rows(), keys=2
        )
        yield from self._settings(next_number)

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

    def _master_data(self) -> Iterator[Batch]:
        time, catalogue = self._time, self._catalogue
        for table, columns, rows in (
            ("PRODUCT_STORE", catalogue_rows.STORE_COLUMNS, iter([store_row(time)])),
            ("FACILITY", catalogue_rows.FACILITY_COLUMNS, facility_rows(time)),
            ("PRODUCT", catalogue_rows.PRODUCT_COLUMNS, catalogue.product_rows(time)),
            ("PRODUCT_ASSOC", catalogue_rows.ASSOC_COLUMNS, catalogue.assoc_rows()),
            (
                "GOOD_IDENTIFICATION",
                catalogue_rows.IDENTIFICATION_COLUMNS,
                catalogue.identification_rows(),
            ),
            ("PRODUCT_FEATURE", catalogue_rows.FEATURE_COLUMNS, catalogue.feature_rows()),
            ("PRODUCT_FEATURE_APPL", catalogue_rows.APPL_COLUMNS, catalogue.appl_rows()),
            ("PARTY", people_rows.COLUMNS, self._people.rows(time)),
        ):
            yield from batches(table, columns, rows)

    def _purchase_orders(self) -> Iterator[Batch]:
        time, supply = self._time, self._supply
        supply.plan_lines(self._journal, time)
        for table, columns, rows in (
            ("ORDER_HEADER", purchase_rows.HEADER_COLUMNS, supply.header_rows(time)),
            ("ORDER_ROLE", ROLE_COLUMNS, supply.role_rows(self._people)),
            (
                "ORDER_ITEM_SHIP_GROUP",
                purchase_rows.SHIP_GROUP_COLUMNS,
                supply.ship_group_rows(),
            ),
            ("ORDER_ITEM", purchase_rows.ITEM_COLUMNS, supply.item_rows(time)),
            ("SHIPMENT_RECEIPT", purchase_rows.RECEIPT_COLUMNS, supply.receipt_rows(time)),
        ):
            yield from batches(table, columns, rows)

    def _settings(self, next_order: int) -> Iterator[Batch]:
        next_numbers = {
            "OrderHeader": next_order,
            "Product": self._catalogue.next_number,
            "Party": self._people.next_number,
            "ProductFeature": self._catalogue.next_feature_number,
        }
        yield from batches("SEQUENCE_VALUE_ITEM", "SEQ_NAME SEQ_ID", next_numbers.items())
        yield from batches(
            "SYSTEM_PROPERTY",
            "SYSTEM_RESOURCE_ID SYSTEM_PROPERTY_ID SYSTEM_PROPERTY_VALUE",
            [("preorder-tui", "time.zone", "UTC"), ("preorder-tui", "demo", "Y")],
        )
