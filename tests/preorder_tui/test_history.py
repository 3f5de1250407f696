"""The journal read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from data import tables as t
from preorder_tui import history
from preorder_tui.clock import Clock, zone_named
from preorder_tui.errors import UnknownId
from preorder_tui.lines import LineId
from tests.book import Book
from tests.conftest import TODAY

SALES = LineId("10001", "00001")
PURCHASE = LineId("20001", "00001")


class Journal:
    """Writes change sets as raw rows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.number = 0

    def write(
        self, *rows: dict[str, Any], inverse_of: int | None = None, comments: str | None = None
    ) -> int:
        self.number += 1
        with self.engine.begin() as connection:
            connection.execute(
                insert(t.change_set).values(
                    CHANGE_SET_ID=self.number,
                    CHANGE_DATETIME=datetime(2026, 11, 25, 22, self.number),
                    CHANGE_USER_LOGIN="an\x1ba",
                    ORIGIN="desk",
                    COMMAND="do it\n",
                    CHANGE_COMMENTS=comments,
                    CHANGE_COUNT=len(rows),
                    INVERSE_OF=inverse_of,
                )
            )
            for row in rows:
                connection.execute(
                    insert(t.order_item_change).values(
                        {"CHANGE_SET_ID": self.number, "CHANGE_TYPE_ENUM_ID": "ODR_ITM_UPDATE"}
                        | row
                    )
                )
        return self.number


def _row(line: LineId, field: str, old: Any, new: Any, **more: Any) -> dict[str, Any]:
    return {
        "ORDER_ID": line.order_id,
        "ORDER_ITEM_SEQ_ID": line.order_item_seq_id,
        "FIELD": field,
        "OLD_VALUE": old,
        "NEW_VALUE": new,
    } | more


LINK = {"TO_ORDER_ID": PURCHASE.order_id, "TO_ORDER_ITEM_SEQ_ID": PURCHASE.order_item_seq_id}


@pytest.fixture
def journal(engine: Engine, book: Book) -> Journal:
    book.sales_order("10001", TODAY, [("A", 4), ("A", 1)])
    book.purchase_order("20001", TODAY, [("A", 9)], external_id="PO-0001")
    return Journal(engine)


def test_lines_orders_and_everything(engine: Engine, clock: Clock, journal: Journal) -> None:
    second = LineId("10001", "00002")
    journal.write(
        _row(SALES, "allocation", "0", "4", **LINK),
        _row(SALES, "promisedDatetime", None, "2026-12-01T23:59:59.999000"),
        comments="first",
    )
    journal.write(_row(PURCHASE, "estimatedDeliveryDate", "2026-12-01T23:59:59.999000", None))
    journal.write(
        _row(
            second, "statusId", "ITEM_APPROVED", "ITEM_CANCELLED", REASON_ENUM_ID="OICR_CHANGE_MIND"
        ),
        {
            "ORDER_ID": "10001",
            "ORDER_ITEM_SEQ_ID": None,
            "FIELD": "statusId",
            "OLD_VALUE": "ORDER_CREATED",
            "NEW_VALUE": "ORDER_APPROVED",
        },
    )

    def fields(**scope: Any) -> list[tuple[int, str]]:
        with engine.connect() as connection:
            rows = history.history(connection, clock, **scope)
        return [(row.change_set_id, row.field) for row in rows]

    assert fields(line=SALES) == [(1, "promisedDatetime"), (1, "allocation")]
    assert fields(line=PURCHASE) == [(2, "estimatedDeliveryDate"), (1, "allocation")]
    assert fields(line=second) == [(3, "statusId")]
    assert fields(order_id="10001") == [
        (3, "statusId"),
        (3, "statusId"),
        (1, "promisedDatetime"),
        (1, "allocation"),
    ]
    assert fields(order_id="20001") == [(2, "estimatedDeliveryDate"), (1, "allocation")]
    assert len(fields()) == 5
    assert fields(order_id="10001", limit=2) == [(3, "statusId"), (3, "statusId")]
    assert fields(limit=0) == []

    with engine.connect() as connection:
        header, item = history.change_set_rows(connection, clock, 3)
        promise, link = history.history(connection, clock, line=SALES)
    assert (header.line, header.order_id, header.new_text) == (None, "10001", "Approved")
    assert (item.line, item.reason) == (second, "Customer changed their mind")
    assert (item.old_text, item.new_text) == ("Approved", "Cancelled")
    assert (item.old_value, item.new_value) == ("ITEM_APPROVED", "ITEM_CANCELLED")
    assert (link.line, link.to_line) == (SALES, PURCHASE)
    assert (link.old_text, link.new_text) == ("none", "4 from PO-0001")
    assert (link.old_value, link.new_value, link.comments) == ("0", "4", "first")
    assert (promise.old_text, promise.new_text) == ("none", "2026-12-01")
    assert promise.new_value == "2026-12-01T23:59:59.999+00:00"
    assert promise.user == "ana"


def test_dates_are_the_sites(engine: Engine, journal: Journal) -> None:
    clock = Clock(zone_named("Asia/Tokyo"), TODAY)
    journal.write(_row(SALES, "promisedDatetime", None, "2026-12-01T14:59:59.999000"))
    with engine.connect() as connection:
        (row,) = history.history(connection, clock, line=SALES)
    assert (row.new_text, row.new_value) == ("2026-12-01", "2026-12-01T23:59:59.999+09:00")
    assert row.changed_at.isoformat() == "2026-11-26T07:01:00+09:00"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("quantity", "7", "7"),
        ("facilityId", "_NA_", "Brokering"),
        ("line", '{"QUANTITY": 2}', "the line of 2 units"),
        ("order", "{}", "the order"),
        ("line", "broken", "the line"),
        ("promisedDatetime", "nonsense", "nonsense"),
        ("quantity", None, "none"),
    ],
)
def test_values_in_words(
    engine: Engine, clock: Clock, journal: Journal, field: str, value: str | None, text: str
) -> None:
    journal.write(_row(SALES, field, None, value))
    with engine.connect() as connection:
        (row,) = history.history(connection, clock, line=SALES)
    assert row.new_text == text


def test_change_sets_page_and_say_what_was_taken_back(
    engine: Engine, clock: Clock, journal: Journal
) -> None:
    first = journal.write()
    undo = journal.write(inverse_of=first)
    other = journal.write()
    redo = journal.write(inverse_of=undo)
    again = journal.write(inverse_of=first)
    with engine.connect() as connection:
        rows = history.change_sets(connection, clock)
        assert [row.change_set_id for row in rows] == [again, redo, other, undo, first]
        assert {row.change_set_id: row.undone_by for row in rows} == {
            again: None,
            redo: None,
            other: None,
            undo: redo,
            first: again,
        }
        assert rows[0].changed_at == datetime(2026, 11, 25, 22, again, tzinfo=UTC)
        assert (rows[0].command, rows[0].user, rows[0].inverse_of) == ("do it ", "ana", first)
        assert [row.change_set_id for row in history.change_sets(connection, clock, limit=2)] == [
            again,
            redo,
        ]
        # A page without the inverses knows of them all the same.
        (row,) = history.change_sets(connection, clock, before=undo, limit=5)
        assert (row.change_set_id, row.undone_by) == (first, again)


def test_an_undo_that_was_undone_no_longer_counts(
    engine: Engine, clock: Clock, journal: Journal
) -> None:
    first = journal.write()
    undo = journal.write(inverse_of=first)
    redo = journal.write(inverse_of=undo)
    undo_again = journal.write(inverse_of=redo)
    with engine.connect() as connection:
        found = {row.change_set_id: row.undone_by for row in history.change_sets(connection, clock)}
    assert found == {first: undo, undo: None, redo: undo_again, undo_again: None}


def test_no_such_change_set(engine: Engine, clock: Clock) -> None:
    with engine.connect() as connection, pytest.raises(UnknownId, match="no change set 7"):
        history.change_set_rows(connection, clock, 7)
