"""The whole book in arrays beside the same book line by line, and columns beside plain rows."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
    text,
    update,
)

from data.demo import generate
from data.tables import order_header, order_item
from preorder_tui import allocation_run, book_columns, read_waiting_book, whole_book
from preorder_tui.book_columns import Codes, Kind, Wanted
from preorder_tui.policies import POLICIES, Demand, Policy, Supply
from preorder_tui.run_outcome import Outcome, Unserved
from preorder_tui.service import Service
from preorder_tui.waiting_book import Scope
from preorder_tui.whole_book import Supplies, WholeBook
from preorder_tui.whole_book_match import matched
from preorder_tui.whole_book_run import run_whole
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.sales_oracle import CLOCK

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def nobody() -> None:
    """Nobody waits for word."""


def all_of(outcome: Outcome) -> dict[str, Any]:
    """All that is asked of a run, by keys of lines instead of their numbers."""
    slices = list(outcome.slices(3))
    assert all(row[0] == place for part in slices for place, row in enumerate(part.links))
    return {
        "figures": outcome.figures(CLOCK),
        "unserved": [*Unserved(outcome)],
        "moved": [*outcome.moved()],
        "changes": [
            (
                outcome.line(changed.number),
                {(outcome.supply_line(link.supply), link.old, link.new) for link in changed.links},
                changed[2:],
                outcome.version(changed.number),
                outcome.promised(changed.number),
            )
            for changed in outcome.changes()
        ],
        "links": {row[1:] for part in slices for row in part.links},
        "lines": [row[1:] for part in slices for row in part.lines],
        "rows": [part.rows for part in slices],
        "takes": outcome.takes_units,
        "adds": outcome.adds_to_links,
        "newest": outcome.newest_change_set,
    }


def compare(connection: Connection, policy: Policy) -> Outcome | None:
    """Match the whole book both ways; None when nothing waits."""
    book = read_waiting_book.read(connection, CLOCK, Scope(), nobody)
    whole = whole_book.read_whole(connection, CLOCK, nobody)
    assert len(whole) == len(book)
    if not len(book):
        return None
    outcome = run_whole(whole, policy, nobody)
    assert all_of(outcome) == all_of(allocation_run.run(book, policy, nobody))
    return outcome


@SETTINGS
@given(
    book=rb.random_books(CLOCK),
    priorities=st.lists(st.sampled_from((None, "1", "2", "3", "")), min_size=12, max_size=12),
    at_once=st.sampled_from((1, 3, 100_000)),
)
def test_random_books_come_out_alike(
    engine: Engine, book: rb.RandomBook, priorities: list[str | None], at_once: int
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        for order, priority in zip(book.sales, priorities, strict=False):
            mine = order_header.c.ORDER_ID == order.order_id
            connection.execute(update(order_header).where(mine).values(PRIORITY=priority))
        with patch.object(whole_book, "ORDERS_AT_ONCE", at_once):
            for policy in POLICIES.values():
                compare(connection, policy)
        transaction.rollback()


@pytest.mark.parametrize("name", POLICIES)
def test_a_demo_book_comes_out_alike(service: Service, name: str) -> None:
    generate(service.engine, orders=400, today=TODAY)
    with service.engine.connect() as connection, connection.begin():
        outcome = compare(connection, POLICIES[name])
    assert outcome is not None
    assert outcome.figures(CLOCK).lines_served > 20
    assert outcome.figures(CLOCK).lines_unserved > 20


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", POLICIES)
def test_thousands_of_lines_are_matched_as_group_by_group(name: str, seed: int) -> None:
    chance = np.random.default_rng(seed)
    lines, supplies, groups, days = 3_000, 500, 40, 30
    number = chance.integers(0, groups, supplies)
    arrival = chance.integers(0, days, supplies)
    order = np.lexsort((arrival, number))
    none = np.zeros(lines, "int32")
    book = WholeBook(
        order_id=np.array(["1"] * lines),
        item=np.array(["1"] * lines),
        units=chance.integers(0, 6, lines).astype("int32"),
        promised=chance.integers(0, days + 1, lines).astype("int32"),
        priority=chance.integers(0, 3, lines).astype("int32"),
        version=none,
        order_version=none,
        group=chance.integers(0, groups + 1, lines).astype("int32"),
        moments=[*range(days), None],
        groups=groups + 1,
        priorities=[None, "1", "3"],
        supplies=Supplies(
            order_id=np.array(["1"] * supplies),
            item=np.array(["1"] * supplies),
            units=chance.integers(0, 30, supplies).astype("int32"),
            arrival=arrival[order].astype("int32"),
            version=none[:supplies],
            group=number[order].astype("int32"),
        ),
    )
    found = matched(book, POLICIES[name], nobody)
    wanted: Counter[tuple[int, int]] = Counter()
    for group in range(groups + 1):
        demands = [
            Demand(
                line,
                int(book.units[line]),
                book.moments[book.promised[line]],
                book.priorities[book.priority[line]],
            )
            for line in np.flatnonzero(book.group == group).tolist()
            if book.units[line]
        ]
        giving = [
            Supply(at, int(book.supplies.units[at]), int(book.supplies.arrival[at]))
            for at in np.flatnonzero(book.supplies.group == group).tolist()
            if book.supplies.units[at]
        ]
        for line, at, units in POLICIES[name].match(demands, giving) if giving else ():
            wanted[line, at] += units
    pairs = zip(found.line.tolist(), found.supply.tolist(), strict=True)
    assert dict(zip(pairs, found.units.tolist(), strict=True)) == dict(wanted)
    assert [*found.line] == sorted(found.line)
    starts = [*found.first, len(found.line)]
    assert all((found.line[starts[n] : starts[n + 1]] == n).all() for n in range(lines))


def test_orders_that_no_index_has_in_order_are_sorted(service: Service) -> None:
    """Ship groups of an order need not be in the order of its lines."""
    generate(service.engine, orders=60, today=TODAY)
    with service.engine.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name != "sqlite":
            pytest.skip("other databases sort")
        groups = "INSERT INTO ORDER_ITEM_SHIP_GROUP (ORDER_ID, SHIP_GROUP_SEQ_ID, FACILITY_ID)"
        connection.execute(
            text(
                f"{groups} SELECT ORDER_ID, '0000' || (9 - CAST(ORDER_ITEM_SEQ_ID AS INTEGER)),"
                " 'PRE_ORDER_PARKING' FROM ORDER_ITEM WHERE RECEIVED_QUANTITY IS NULL"
                " AND CAST(ORDER_ITEM_SEQ_ID AS INTEGER) < 5 ON CONFLICT DO NOTHING"
            )
        )
        connection.execute(
            text(
                "UPDATE ORDER_ITEM SET SHIP_GROUP_SEQ_ID = '0000' ||"
                " (9 - CAST(ORDER_ITEM_SEQ_ID AS INTEGER)) WHERE RECEIVED_QUANTITY IS NULL"
                " AND CAST(ORDER_ITEM_SEQ_ID AS INTEGER) < 5"
            )
        )
        assert compare(connection, POLICIES["fifo"]) is not None
        transaction.rollback()


def test_moments_that_others_have_written_shorter_are_read_alike(service: Service) -> None:
    generate(service.engine, orders=60, today=TODAY)
    with service.engine.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text(
                    "UPDATE ORDER_ITEM SET ESTIMATED_DELIVERY_DATE ="
                    " substr(ESTIMATED_DELIVERY_DATE, 1, 19) WHERE RECEIVED_QUANTITY IS NOT NULL"
                )
            )
        connection.execute(update(order_item).values(ROW_VERSION=17))
        assert compare(connection, POLICIES["fifo"]) is not None
        transaction.rollback()


# --- Columns ------------------------------------------------------------------------------------

ROWS = Table("ROWS_TO_READ", MetaData(), Column("TEXT", String), Column("NUMBER", Integer))
TEXTS = st.one_of(
    st.sampled_from(["10000", "10001", "59999"]),  # of one length
    st.sampled_from(["a", "b" * 8, "c" * 9, "2026-11-25 23:59:59.999000"]),
    st.text(min_size=1, max_size=12).filter(lambda one: "\0" not in one),
)


@SETTINGS
@given(
    st.lists(
        st.one_of(
            st.lists(st.tuples(TEXTS, st.integers(-5, 2_000)), max_size=6),
            st.lists(st.tuples(st.sampled_from(["20001", "20002"]), st.integers(0, 9)), max_size=6),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_columns_are_what_rows_are(parts: list[list[tuple[str, int]]]) -> None:
    """Readings one after another, into the same numbers of texts."""
    engine = create_engine("sqlite://")
    codes = Codes()
    with engine.connect() as connection:
        ROWS.create(connection)
        for rows in parts:
            connection.execute(ROWS.delete())
            for value, number in rows:
                connection.execute(insert(ROWS).values(TEXT=value, NUMBER=number))
            number, (texts, coded, numbers) = book_columns.read(
                connection,
                select().select_from(ROWS),
                [
                    Wanted(ROWS.c.TEXT, Kind.TEXTS),
                    Wanted(ROWS.c.TEXT, Kind.CODES, codes),
                    Wanted(ROWS.c.NUMBER, Kind.NUMBERS),
                ],
                {},
            )
            assert number == len(rows)
            assert sorted(zip(texts.tolist(), numbers.tolist(), strict=True)) == sorted(rows)
            rows = [*zip(texts.tolist(), numbers.tolist(), strict=True)]
            assert [codes.values[one] for one in coded] == [value for value, _ in rows]
    assert len(codes.values) == len(set(codes.values))
    engine.dispose()


def test_texts_that_mix_to_one_number_stay_apart() -> None:
    rows = [["aaaaaaaabbbbbbbb", "ccccccccdddddddd"], ["ccccccccdddddddd", "aaaaaaaabbbbbbbb"]]
    with patch.object(book_columns, "_MIXER", np.uint64(0)):
        # Now the last word decides alone.
        rows.append(["xxxxxxxxbbbbbbbb", "aaaaaaaabbbbbbbb"])
        codes = Codes()
        for texts in rows:
            cells = np.array([[*one.encode()] for one in texts], "uint8")
            assert [codes.values[one] for one in codes.of_cells(cells)] == texts


def test_nothing_is_ranked_last() -> None:
    codes = Codes(nothing="~~~")
    found = codes.of(["b", None, "a", "~~~", "b"], 5)
    ranks, values = codes.ranks()
    assert values == ["a", "b", None]
    assert ranks[found].tolist() == [1, 2, 0, 2, 1]
