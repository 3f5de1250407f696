"""The demo's history: played from the start it ends in the present, and the guards are back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.guards import DIFFERENT_PRODUCT
from data.tables import metadata
from tests.conftest import DATABASES
from tests.data.test_demo import PURCHASE, START_OF_TODAY, count, default_demo, none, rows


@pytest.fixture(scope="module", params=DATABASES)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    yield from default_demo(request, tmp_path_factory.mktemp("demo"))


def test_the_store_still_guards_itself(demo: Engine) -> None:
    """The guards are back, and work on the rows as they were loaded."""
    order, seq, to_order, to_seq = rows(
        demo,
        """SELECT "ORDER_ID", "ORDER_ITEM_SEQ_ID", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"
        FROM "ORDER_ITEM_ASSOC" ORDER BY 1, 2, 3, 4""",
    )[0]
    where = """ WHERE "ORDER_ID" = :o AND "ORDER_ITEM_SEQ_ID" = :s"""
    total = 'SELECT "ALLOCATED_QUANTITY" FROM "ORDER_ITEM"' + where
    with demo.connect() as connection:
        before = connection.execute(text(total), {"o": to_order, "s": to_seq}).scalar_one()
        connection.execute(text('DELETE FROM "ORDER_ITEM_ASSOC"' + where), {"o": order, "s": seq})
        assert connection.execute(text(total), {"o": order, "s": seq}).scalar_one() == 0
        after = connection.execute(text(total), {"o": to_order, "s": to_seq}).scalar_one()
        assert after < before
        connection.rollback()
        with pytest.raises(Exception, match=DIFFERENT_PRODUCT):
            connection.execute(
                text(
                    """INSERT INTO "ORDER_ITEM_ASSOC" SELECT i."ORDER_ID", i."ORDER_ITEM_SEQ_ID",
                    '_NA_', p."ORDER_ID", p."ORDER_ITEM_SEQ_ID", '_NA_', 'PURCHASE_ORDER', 1,
                    i."CREATED_STAMP", 'x', 'N' FROM "ORDER_ITEM" i JOIN "ORDER_ITEM" p
                    ON p."ORDER_ID" = :o AND p."ORDER_ITEM_SEQ_ID" = :s
                    WHERE i."RECEIVED_QUANTITY" IS NULL AND i."PRODUCT_ID" <> p."PRODUCT_ID\""""
                ),
                {"o": to_order, "s": to_seq},
            )
        connection.rollback()


def test_new_ids_and_journal_entries_follow_on(demo: Engine) -> None:
    """Sequences stand past every id in use, ours and the database's own."""
    for name, table, column in (
        ("OrderHeader", "ORDER_HEADER", "ORDER_ID"),
        ("Product", "PRODUCT", "PRODUCT_ID"),
        ("Party", "PARTY", "PARTY_ID"),
        ("ProductFeature", "PRODUCT_FEATURE", "PRODUCT_FEATURE_ID"),
    ):
        ids = [key for (key,) in rows(demo, f'SELECT "{column}" FROM "{table}"')]
        assert {len(key) for key in ids} == {5}
        next_free = rows(
            demo, 'SELECT "SEQ_ID" FROM "SEQUENCE_VALUE_ITEM" WHERE "SEQ_NAME" = :n', n=name
        )[0][0]
        assert next_free == max(map(int, ids)) + 1
    with demo.connect() as connection:
        for name in ("CHANGE_SET", "ORDER_ITEM_CHANGE", "SHIPMENT_RECEIPT"):
            table = metadata.tables[name]
            values: dict[str, Any] = {
                column.name: 1 if "QUANTITY" in column.name or "SET_ID" in column.name else "1"
                for column in table.columns
                if not column.nullable and column.name != next(iter(table.primary_key)).name
            }
            values = {
                key: datetime(2026, 11, 22) if "DATE" in key else value
                for key, value in values.items()
            }
            if name == "CHANGE_SET":
                values["CHANGE_COUNT"] = 1
            highest = count(demo, f'"{name}"')
            inserted = connection.execute(table.insert().values(values)).inserted_primary_key
            assert inserted is not None
            assert inserted[0] == highest + 1
        connection.rollback()


# --- History ------------------------------------------------------------------------------------


def test_history_ends_in_the_present(demo: Engine) -> None:
    """Played in order, each change starts where the last one ended and all end in today's rows."""
    allocation: dict[tuple[str, ...], int] = defaultdict(int)
    value: dict[tuple[str, str, str], str | None] = {}
    for order, seq, to_order, to_seq, kind, field, old, new, reason in rows(
        demo,
        """SELECT "ORDER_ID", "ORDER_ITEM_SEQ_ID", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID",
        "CHANGE_TYPE_ENUM_ID", "FIELD", "OLD_VALUE", "NEW_VALUE", "REASON_ENUM_ID"
        FROM "ORDER_ITEM_CHANGE" ORDER BY "ORDER_ITEM_CHANGE_ID\"""",
    ):
        assert old != new
        if field == "allocation":
            assert kind == "ODR_ITM_UPDATE"
            key = (order, seq, to_order, to_seq)
            assert allocation[key] == int(old), key
            allocation[key] = int(new)
            continue
        assert (kind, field) in {
            ("ODR_ITM_APPEND", "quantity"),
            ("ODR_ITM_CANCEL", "statusId"),
            ("ODR_ITM_CANCEL", "cancelQuantity"),
            ("ITM_DLVRYDATE_CHNGD", "promisedDatetime"),
            ("ITM_DLVRYDATE_CHNGD", "estimatedDeliveryDate"),
        }
        assert (reason is not None) == (kind == "ODR_ITM_CANCEL")
        if field in ("promisedDatetime",) or (order, seq, field) in value:
            assert value.get((order, seq, field)) == old, (order, seq, field)
        value[order, seq, field] = new
    present = {
        tuple(row[:4]): row[4]
        for row in rows(
            demo,
            """SELECT "ORDER_ID", "ORDER_ITEM_SEQ_ID", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID",
            "QUANTITY" FROM "ORDER_ITEM_ASSOC\"""",
        )
    }
    assert {key: units for key, units in allocation.items() if units} == present
    kinds = set()
    for order, seq, promise, arrival, status, quantity, cancelled in rows(
        demo,
        """SELECT "ORDER_ID", "ORDER_ITEM_SEQ_ID", "PROMISED_DATETIME", "ESTIMATED_DELIVERY_DATE",
        "STATUS_ID", "QUANTITY", "CANCEL_QUANTITY" FROM "ORDER_ITEM\"""",
    ):
        now: dict[str, Any] = {
            "promisedDatetime": None if promise is None else as_journal(promise),
            "estimatedDeliveryDate": None if arrival is None else as_journal(arrival),
            "statusId": status,
            "quantity": str(int(quantity)),
            "cancelQuantity": str(int(cancelled)),
        }
        for field, shown in now.items():
            told = value.get((order, seq, field))
            if told is not None:
                kinds.add(field)
                assert told == shown, (order, seq, field)
        assert promise is None or (order, seq, "promisedDatetime") in value
        assert not cancelled or (order, seq, "cancelQuantity") in value
    assert kinds == set(now)


def as_journal(stored: Any) -> str:
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return moment.isoformat(timespec="microseconds")


def test_change_sets_rise_and_count(demo: Engine) -> None:
    sets = rows(demo, 'SELECT * FROM "CHANGE_SET" ORDER BY "CHANGE_SET_ID"')
    assert [row.CHANGE_SET_ID for row in sets] == list(range(1, len(sets) + 1))
    moments = [str(row.CHANGE_DATETIME) for row in sets]
    assert moments == sorted(moments)
    assert moments[-1] < START_OF_TODAY
    assert {row.CHANGE_USER_LOGIN for row in sets} == {"ana", "bogdan", "chen", "demo"}
    assert {row.ORIGIN for row in sets} == {"demo"}
    assert {row.COMMAND.split()[0] for row in sets} == {
        "auto-allocate", "allocate", "deallocate", "set-arrival-date", "set-promise-date",
        "sync-dates", "cancel-item", "cancel-purchase", "set-quantity", "add-item",
    }  # fmt: skip
    found = dict(
        tuple(row)
        for row in rows(
            demo, 'SELECT "CHANGE_SET_ID", COUNT(*) FROM "ORDER_ITEM_CHANGE" GROUP BY 1'
        )
    )
    assert found == {row.CHANGE_SET_ID: row.CHANGE_COUNT for row in sets}
    in_order = rows(
        demo, 'SELECT "CHANGE_SET_ID" FROM "ORDER_ITEM_CHANGE" ORDER BY "ORDER_ITEM_CHANGE_ID"'
    )
    assert in_order == sorted(in_order)


def test_nothing_is_told_before_its_order_was_placed(demo: Engine) -> None:
    none(
        demo,
        """SELECT c."ORDER_ID" FROM "ORDER_ITEM_CHANGE" c
        JOIN "CHANGE_SET" s ON s."CHANGE_SET_ID" = c."CHANGE_SET_ID"
        JOIN "ORDER_HEADER" h ON h."ORDER_ID" = c."ORDER_ID"
        LEFT JOIN "ORDER_HEADER" p ON p."ORDER_ID" = c."TO_ORDER_ID"
        WHERE s."CHANGE_DATETIME" < h."ENTRY_DATE" OR s."CHANGE_DATETIME" < p."ENTRY_DATE\"""",
    )
    none(
        demo,
        """SELECT a."ORDER_ID" FROM "ORDER_ITEM_ASSOC" a, "ORDER_HEADER" h, "ORDER_HEADER" p
        WHERE h."ORDER_ID" = a."ORDER_ID" AND p."ORDER_ID" = a."TO_ORDER_ID"
        AND (a."FROM_DATE" < h."ENTRY_DATE" OR a."FROM_DATE" < p."ENTRY_DATE")""",
    )


def test_no_history_ever_had_more_than_there_was(demo: Engine) -> None:
    """At no moment of the story was more of a purchase order line allocated than it could give."""
    room = {
        (row[0], row[1]): row[2]
        for row in rows(
            demo,
            f"""SELECT i."ORDER_ID", i."ORDER_ITEM_SEQ_ID", COALESCE(i."ATP_CEILING", i."QUANTITY")
            FROM {PURCHASE}""",
        )
    }
    used: Counter[tuple[str, str]] = Counter()
    for to_order, to_seq, old, new in rows(
        demo,
        """SELECT "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID", "OLD_VALUE", "NEW_VALUE"
        FROM "ORDER_ITEM_CHANGE" WHERE "FIELD" = 'allocation' ORDER BY "ORDER_ITEM_CHANGE_ID\"""",
    ):
        used[to_order, to_seq] += int(new) - int(old)
        assert used[to_order, to_seq] <= room[to_order, to_seq]


def test_earlier_orders_were_served_first(demo: Engine) -> None:
    """Of two lines linked to one purchase order line by one nightly run, none skipped the other."""
    found = rows(
        demo,
        """SELECT c."CHANGE_SET_ID", c."TO_ORDER_ID", c."TO_ORDER_ITEM_SEQ_ID", h."ORDER_DATE"
        FROM "ORDER_ITEM_CHANGE" c JOIN "CHANGE_SET" s ON s."CHANGE_SET_ID" = c."CHANGE_SET_ID"
        JOIN "ORDER_HEADER" h ON h."ORDER_ID" = c."ORDER_ID"
        WHERE c."FIELD" = 'allocation' AND s."COMMAND" LIKE 'auto-allocate%'
        ORDER BY c."ORDER_ITEM_CHANGE_ID\"""",
    )
    last: dict[tuple[Any, ...], Any] = {}
    for run, order, seq, placed in found:
        assert last.get((run, order, seq), placed) <= placed
        last[run, order, seq] = placed
