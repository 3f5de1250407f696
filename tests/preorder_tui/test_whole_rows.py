"""Whole rows in the journal: JSON as the standard library writes it, and the same values again."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, DateTime, Engine, Integer, String, delete, insert, select

from data import transaction
from data.tables import order_header, order_item, order_item_ship_group, order_role
from data.types import Money, Quantity
from preorder_tui.creation import decoded, line_as_json, recorded_line, recorded_order
from preorder_tui.lines import LineId
from tests.book import Book
from tests.conftest import TODAY

NASTY = "\"Ü\"\\\n\t\x00\x1f\u2028\U0001f600 {'a': 1} \x7f"
HEADERS = (order_header, order_item_ship_group, order_role)


def as_the_library_writes(row: dict[str, Any]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return {"moment": value.isoformat(timespec="microseconds")}
        return {"decimal": str(value)} if isinstance(value, Decimal) else value

    return json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False)


values = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.datetimes(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
)


@given(st.lists(values, min_size=len(order_item.columns), max_size=len(order_item.columns)))
def test_any_row_is_written_as_the_library_does(row: list[Any]) -> None:
    named = dict(zip(order_item.columns.keys(), row, strict=True))
    del named["AVAILABLE_TO_PROMISE"]  # the store computes it
    assert line_as_json(row) == as_the_library_writes(named)
    assert decoded(line_as_json(row)) == [(order_item, named)]


def test_every_column_holds_what_can_be_written() -> None:
    for table in (order_item, *HEADERS):
        for column in table.columns:
            assert isinstance(column.type, String | Integer | DateTime | Quantity | Money), column


def test_a_line_and_its_order_as_they_are_stored(engine: Engine, book: Book) -> None:
    book.sales_order("10", TODAY, [("A", 2)], external_id=NASTY.replace("\x00", ""))

    def look(connection: Connection) -> None:
        line = recorded_line(connection, LineId("10", "00001"))
        assert line is not None
        for content, tables in (
            (line, (order_item,)),
            (recorded_order(connection, "10"), HEADERS),
        ):
            found = decoded(content)
            assert {table.name for table, _ in found} == {table.name for table in tables}
            for table, kept in found:
                columns = [column for column in table.columns if column.computed is None]
                row = connection.execute(select(*columns).where(table.c.ORDER_ID == "10")).one()
                assert kept == dict(row._mapping)

    transaction.read(engine, look)


def test_a_line_comes_back_as_it_was(engine: Engine, book: Book) -> None:
    book.sales_order("10", TODAY, [("A", 2)], external_id="X")

    def again(connection: Connection) -> None:
        content = recorded_line(connection, LineId("10", "00001"))
        assert content is not None
        connection.execute(delete(order_item).where(order_item.c.ORDER_ID == "10"))
        assert recorded_line(connection, LineId("10", "00001")) is None
        for table, kept in decoded(content):
            connection.execute(insert(table), kept)
        assert recorded_line(connection, LineId("10", "00001")) == content

    transaction.write(engine, again)
