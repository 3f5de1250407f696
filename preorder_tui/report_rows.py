"""What the reports share: streaming rows, and looking up what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, case, func, select

from data.tables import order_header, order_role, party
from preorder_tui import products
from preorder_tui.clock import Clock
from preorder_tui.customers import PLACING_CUSTOMER
from preorder_tui.line_state import chunks
from preorder_tui.paging import Statement
from preorder_tui.records import ProductInfo
from preorder_tui.report_catalogue import Bar, Chart, ReportRow, Window
from preorder_tui.text import clean, clean_or_empty

PIECE = 500
BARS = 8

_limit: Any = bindparam("number", type_=Integer, literal_execute=True)

_PEOPLE = (
    select(order_role.c.ORDER_ID, party.c.PARTY_NAME, party.c.EMAIL_ADDRESS)
    .join(party, party.c.PARTY_ID == order_role.c.PARTY_ID)
    .where(
        order_role.c.ORDER_ID.in_(bindparam("orders", expanding=True)),
        order_role.c.ROLE_TYPE_ID == PLACING_CUSTOMER,
    )
    .order_by(party.c.PARTY_NAME.desc(), party.c.PARTY_ID.desc())  # the last one of several counts
)
_EXTERNAL_IDS = select(order_header.c.ORDER_ID, order_header.c.EXTERNAL_ID).where(
    order_header.c.ORDER_ID.in_(bindparam("orders", expanding=True))
)


@dataclass(frozen=True)
class Maker:
    """What makes a report: its rows, at most so many, and its picture from those shown."""

    rows: Callable[[Connection, Clock, Window, int | None], Iterator[ReportRow]]
    chart: Callable[[Connection, Clock, Window, tuple[ReportRow, ...]], Chart | None]


class Names(NamedTuple):
    """What the rows of one piece name: variants, customers with their email, external ids."""

    products: Mapping[str, ProductInfo]
    people: Mapping[str, tuple[str, str]]
    external_ids: Mapping[str, str]

    def product(self, product_id: str) -> ProductInfo:
        """The variant; one that is gone has its id for a name."""
        found = self.products.get(product_id)
        return found or ProductInfo(product_id, clean(product_id), "", "", "", "", "")

    def order(self, order_id: str | None) -> str:
        """An order as people call it: its external id, else its id."""
        return (self.external_ids.get(order_id) or clean(order_id)) if order_id else ""


def streamed(
    connection: Connection,
    statement: Statement,
    parameters: Mapping[str, Any],
    limit: int | None,
    make: Callable[[Names, Any], ReportRow],
    *,
    orders: Sequence[str] = (),
    customers: str = "",
    product: str = "PRODUCT_ID",
) -> Iterator[ReportRow]:
    """Run a statement and make its rows, reading as many at a time as fit a page.

    Args:
        connection: in a read transaction.
        statement: sorted, without a limit.
        parameters: its values.
        limit: how many rows; None: all.
        make: makes a row of a report from a row of the statement.
        orders: the columns with orders whose external ids are wanted.
        customers: the column with the order whose customer is wanted.
        product: the column with the variant.
    """
    values = dict(parameters)
    if limit is not None:
        statement = statement.limit(_limit)
        values["number"] = limit
    # MariaDB's streaming cursor allows no second query meanwhile: there the rows are buffered.
    streams = limit is None and connection.dialect.name in ("sqlite", "postgresql")
    options = {"yield_per": PIECE} if streams else {}
    with connection.execute(statement, values, execution_options=options) as result:
        for piece in result.mappings().partitions(PIECE):
            names = Names(
                products.load(connection, (row[product] for row in piece)),
                _people(connection, [row[customers] for row in piece]) if customers else {},
                external_ids_of(connection, (row[name] for row in piece for name in orders)),
            )
            for row in piece:
                yield make(names, row)


def _people(connection: Connection, order_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for piece in chunks(dict.fromkeys(order_ids)):
        for order_id, name, email in connection.execute(_PEOPLE, {"orders": piece}):
            person = (clean_or_empty(name), clean_or_empty(email))
            # As everywhere: should data hold two, the first name by alphabet is shown.
            found[order_id] = min(person, found.get(order_id, person))
    return found


def external_ids_of(connection: Connection, order_ids: Iterable[str | None]) -> dict[str, str]:
    wanted = dict.fromkeys(order_id for order_id in order_ids if order_id)
    return {
        order_id: clean_or_empty(external_id)
        for piece in chunks(wanted)
        for order_id, external_id in connection.execute(_EXTERNAL_IDS, {"orders": piece})
    }


def units(item: Any) -> ColumnElement[int]:
    """Units of a line that were not cancelled."""
    counted: ColumnElement[int] = item.c.QUANTITY - item.c.CANCEL_QUANTITY
    return counted


def whole(value: Any) -> int:
    """A sum of units."""
    return int(value or 0)


def money(value: Any) -> Decimal:
    """A sum of money, to the cent."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


AGES = (
    ("up to 7 days", 0, 7),
    ("8 to 14", 8, 14),
    ("15 to 30", 15, 30),
    ("31 to 60", 31, 60),
    ("61 to 90", 61, 90),
    ("over 90 days", 91, None),
)


def age_sums(clock: Clock, moment: Any, summed: Any) -> list[ColumnElement[Any]]:
    """A sum for each of :data:`AGES`, of rows that are so many days old."""
    today = clock.today()

    def start(days: int) -> Any:
        return clock.start_of(today - timedelta(days=days))

    sums: list[ColumnElement[Any]] = []
    for _, young, old in AGES:
        before = moment < start(young - 1)
        within = before if old is None else and_(before, moment >= start(old))
        sums.append(func.sum(case((within, summed), else_=0)))
    return sums


def age_chart(title: str, sums: Sequence[Any]) -> Chart | None:
    """The bars of :func:`age_sums`; None when all are zero."""
    numbers = [whole(value) for value in sums]
    if not any(numbers):
        return None
    return Chart(
        title,
        tuple(
            Bar(label, number, text=f"{number:,}")
            for (label, _, _), number in zip(AGES, numbers, strict=True)
        ),
    )


def days_between(first: date | None, last: date | None) -> int | None:
    """Days from the first to the last; None where one is missing."""
    return None if first is None or last is None else (last - first).days
