"""IMP_ORDER: approved sales orders; rows with the same external-id are lines of one order.

The rows are checked by the chunk and staged; what needs the database (orders and customers that are
here already) is judged by the set. A row whose order is here already stands for a line that is here
when that order has a line of its item-external-id, or, without one, as many lines of its product
and quantity as the file has rows of them up to this one. At the same product, quantity and price it
is unchanged, otherwise it is handed back; any other row is added to the order as a new line. So the
corrected rows of a partly imported order find their order, and a file imported twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

from data.bulk import Rows
from data.staging import create, stored_moment
from preorder_tui.exim import fields, lookups
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.order_tables import PARTY_KEY_LENGTH, ROW
from preorder_tui.exim.reading import Chunk
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.exim.sales_order_judge import judge
from preorder_tui.exim.values import Texts, Values, read_values
from preorder_tui.words import BROKERING_QUEUE, ITEM_STATUS_WORDS

STATUSES = {status.lower(): status for status in ITEM_STATUS_WORDS} | {
    words.lower(): status for status, words in ITEM_STATUS_WORDS.items()
}
OPEN_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_HOLD")
KEPT_STATUSES = (*OPEN_STATUSES, "ITEM_COMPLETED")
NO_NAMES = frozenset(
    ("unknown", "anonymous", "guest", "none", "null", "n/a", "na", "nan", "-", "?")
)
"""Last names that shops write when they know no customer."""
ADDRESS = ("address-line-1", "address-line-2", "postal-code", "city", "state", "country")
_COLUMNS = (
    "LINE_NO EXTERNAL_ID PRODUCT_ID QUANTITY MILLI_PRICE STATUS_ID FACILITY_ID ITEM_EXTERNAL_ID"
    " PRODUCT_STORE_ID ORDER_DATE ORDER_NAME SALES_CHANNEL_ENUM_ID CURRENCY_UOM PARTY_KEY"
    " GIVEN_PARTY_ID PARTY_EXTERNAL_ID PARTY_NAME EMAIL_ADDRESS PHONE_NUMBER POSTAL_ADDRESS COUNTRY"
)


def prepare(context: ImportContext) -> Prepared:
    """Check and stage the rows, judge them, and plan the orders that the good ones make."""
    create(context.connection, ROW)
    staged = Rows(context.connection, ROW, _COLUMNS)
    reader = _Reader(context)
    for chunk in context.chunks():
        for record in reader.records(chunk):
            staged.add(record)
        staged.insert()
    context.handed_back.flush()
    context.tell("checking", 0, context.records)
    plan, unchanged = judge(context)
    return Prepared(plan.title, unchanged=unchanged, plan=plan)


class _Reader:
    """Turns records into rows of the staging table; hands back what is none."""

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        connection = context.connection
        dialect = connection.dialect.name
        self.stores = lookups.stores(connection)
        self.facilities, self.facilities_by_external_id = lookups.facilities(connection)
        self.products: dict[str, str] = {}
        self.parties: dict[str, str] = {}

        def moment(row: Row, column: str) -> Any:
            return stored_moment(dialect, context.dates.moment(row, column))

        self.readers: list[Values] = [
            Texts("external-id", fields.LONGEST_NAME, required=True),
            Texts("product-sku", fields.LONGEST_NAME),
            Texts("product-id", fields.LONGEST_ID),
            Values("quantity", fields.units),
            Values("item-status-id", _status),
            Values("facility-id", self._facility),
            Values("external-facility-id", self._external_facility),
            Values("unit-price", _milli),
            Texts("item-external-id", fields.LONGEST_NAME),
            Values("product-store-id", self._store),
            Values("order-date", moment),
            Texts("order-identification", fields.LONGEST_TEXT),
            Texts("sales-channel-id", fields.LONGEST_ID),
            Texts("currency", fields.LONGEST_ID),
            Texts("customer-id", fields.LONGEST_ID),
            Texts("customer-external-id", fields.LONGEST_NAME),
            Texts("first-name", fields.LONGEST_TEXT),
            Texts("last-name", fields.LONGEST_TEXT),
            Texts("email", fields.LONGEST_TEXT),
            Texts("phone", fields.LONGEST_NAME),
            Texts("country", fields.LONGEST_NAME),
        ]
        self.address = [
            Texts(column, fields.LONGEST_TEXT)
            for column in ADDRESS
            if column in context.layout.places and column != "country"
        ]

    def records(self, chunk: Chunk) -> Iterator[tuple[Any, ...]]:
        """The rows of a chunk that the staging table takes."""
        self._look_up(chunk)
        for record in read_values(chunk, [*self.readers, *self.address], self.context.handed_back):
            try:
                yield self._record(*record)
            except RowFault as fault:
                self.context.handed_back.add(record[0], str(fault))

    def _look_up(self, chunk: Chunk) -> None:
        """Products and customers that the chunk names and that are not known yet."""
        connection = self.context.connection
        if len(self.products) > 200_000:
            self.products.clear()
        skus = {sku for sku in chunk.column("product-sku") if len(sku) <= fields.LONGEST_NAME}
        wanted = skus - self.products.keys()
        self.products |= lookups.products_by_sku(connection, wanted)
        ids = {one for one in chunk.column("product-id") if len(one) <= fields.LONGEST_ID}
        if ids - {""}:
            for product_id in lookups.products_by_id(connection, ids):
                self.products[f"\x1f{product_id}"] = product_id
        given = {one for one in chunk.column("customer-id") if len(one) <= fields.LONGEST_ID}
        self.parties = lookups.parties_by_id(connection, given)

    def _record(
        self, line: int, external_id: str, sku: str, product_id: str, quantity: int, status: str,
        facility: str, external_facility: str, price: int | None, item_external_id: str, store: str,
        ordered: Any, name: str, channel: str, currency: str, party_id: str,
        party_external_id: str, first: str, last: str, email: str, phone: str, country: str,
        *address: str,
    ) -> tuple[Any, ...]:  # fmt: skip
        found = self.products.get(sku) if sku else self.products.get(f"\x1f{product_id}")
        if found is None:
            if sku:
                raise RowFault(f"product-sku {sku!r} does not exist")
            if product_id:
                raise RowFault(f"product-id {product_id!r} does not exist")
            raise RowFault("product-sku is empty")
        person = f"{first} {last}".strip() if first or last else ""
        if not (party_id or party_external_id or email) and (
            not person or (last or first).casefold() in NO_NAMES
        ):
            raise RowFault("without a customer: no id, no email and no name")
        if party_id and not party_external_id and party_id not in self.parties:
            raise RowFault(f"customer-id {party_id!r} is nobody known here")
        where = ", ".join(filter(None, (*address, country))) if address or country else ""
        if max(len(person), len(where)) > fields.LONGEST_TEXT:
            raise RowFault(f"name or address is longer than {fields.LONGEST_TEXT} characters")
        if party_external_id:
            key = f"e{party_external_id}"
        elif party_id:
            key = f"i{party_id}"
        else:
            key = f"p{person.casefold()}\x1f{email.casefold()}"
        if len(key) > PARTY_KEY_LENGTH:  # letters that grow when their case is folded
            key = f"d{sha256(key.encode()).hexdigest()}"
        return (
            line, external_id, found, quantity, price, status,
            facility or external_facility or BROKERING_QUEUE, item_external_id or None, store,
            ordered, name or None, channel or None, currency or None, key,
            party_id if party_id in self.parties else None, party_external_id or None,
            person or party_external_id or email, email or None, phone or None, where or None,
            country or None,
        )  # fmt: skip

    def _store(self, row: Row, column: str) -> str:
        store = fields.text(row, column, fields.LONGEST_ID)
        if store not in self.stores:
            raise RowFault(f"{column} {store!r} does not exist")
        return store

    def _facility(self, row: Row, column: str) -> str:
        facility = fields.text(row, column, fields.LONGEST_NAME, required=False)
        if facility and facility not in self.facilities:
            raise RowFault(f"{column} {facility!r} does not exist")
        return facility

    def _external_facility(self, row: Row, column: str) -> str:
        external_id = fields.text(row, column, fields.LONGEST_NAME, required=False)
        if not external_id:
            return ""
        found = self.facilities_by_external_id.get(external_id)
        if found is None:
            raise RowFault(f"{column} {external_id!r} does not exist")
        return found


def _status(row: Row, column: str) -> str:
    given = fields.text(row, column)
    status = STATUSES.get(given.lower())
    if status is None:
        raise RowFault(f"{column} {given!r} is not a status")
    if status not in KEPT_STATUSES:
        raise RowFault(f"the line is {ITEM_STATUS_WORDS[status].lower()}: it is not imported")
    return status


def _milli(row: Row, column: str) -> int | None:
    """A price in thousandths: whole numbers add up to exact totals on every database."""
    price = fields.money(row, column)
    return None if price is None else int((price * 1000).quantize(Decimal(1)))
