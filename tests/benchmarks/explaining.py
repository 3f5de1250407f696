"""Why?, What if? and the plan for one product on a copy of a book, beside raw sqlite3 reading the
same rows.

``python -m tests.benchmarks.explaining BOOK`` copies the book and measures on the copy.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from preorder_tui.lines import LineId
from preorder_tui.service import Service
from preorder_tui.why_records import Supposed
from tests.benchmarks.allocation import LINES
from tests.benchmarks.figures import Figure, milliseconds, table
from tests.benchmarks.service import TODAY, service_on

SERVED = 10_000
PURCHASE = LineId("9990001", "00001")
ITEM = "00099"
PROMISED = f"{TODAY + timedelta(days=10)} 23:59:59.999000"

_LINKED = (
    "SELECT i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, i.QUANTITY, i.STATUS_ID, i.PROMISED_DATETIME,"
    " i.ESTIMATED_DELIVERY_DATE, h.STATUS_ID, h.ORDER_DATE, g.FACILITY_ID, a.QUANTITY"
    " FROM ORDER_ITEM_ASSOC a"
    " JOIN ORDER_ITEM i ON i.ORDER_ID = a.ORDER_ID AND i.ORDER_ITEM_SEQ_ID = a.ORDER_ITEM_SEQ_ID"
    " JOIN ORDER_HEADER h ON h.ORDER_ID = i.ORDER_ID"
    " JOIN ORDER_ITEM_SHIP_GROUP g ON g.ORDER_ID = i.ORDER_ID"
    " AND g.SHIP_GROUP_SEQ_ID = i.SHIP_GROUP_SEQ_ID"
    " WHERE a.TO_ORDER_ID = ? AND a.TO_ORDER_ITEM_SEQ_ID = ?"
)
_QUEUE = (
    "SELECT h.ORDER_DATE, i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, i.QUANTITY, i.ALLOCATED_QUANTITY"
    " FROM ORDER_ITEM i JOIN ORDER_HEADER h ON h.ORDER_ID = i.ORDER_ID"
    " JOIN ORDER_ITEM_SHIP_GROUP g ON g.ORDER_ID = i.ORDER_ID"
    " AND g.SHIP_GROUP_SEQ_ID = i.SHIP_GROUP_SEQ_ID"
    " WHERE i.PRODUCT_ID = ? AND i.STATUS_ID IN ('ITEM_CREATED', 'ITEM_APPROVED')"
    " AND h.ORDER_TYPE_ID = 'SALES_ORDER' AND h.PRODUCT_STORE_ID = ?"
    " AND h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')"
    " AND +g.FACILITY_ID IN ('PRE_ORDER_PARKING', 'BACKORDER_PARKING')"
)


def figures(book: Path) -> Iterator[Figure]:
    """The figures, on a copy of ``book``; ``SERVED`` lines spread over it get one purchase line."""
    with tempfile.TemporaryDirectory(prefix="preorder-bench-", dir=book.parent) as folder:
        path = Path(folder) / "book.db"
        shutil.copy(book, path)
        served = serve_many(path)
        raw = sqlite3.connect(path)
        service = service_on(path)
        linked = milliseconds(lambda: raw.execute(_LINKED, PURCHASE).fetchall())
        for name, supposed in (
            ("a slip", Supposed(slip=20)),
            ("fewer units", Supposed(units=-(served // 2))),
        ):
            value = milliseconds(lambda what=supposed: service.what_if(PURCHASE, what))  # type: ignore[misc]
            found = service.what_if(PURCHASE, supposed)
            assert found.lines == served
            assert (found.turn_late, found.units_lost) == (
                (served, 0) if supposed.slip else (0, served // 2)
            ), name
            yield Figure(
                f"What if? {name}, {served:,} lines", "raw rows", linked, value, "ms", "≤ 100 ms"
            )
        known = service.know_for_what_if(PURCHASE)
        slip = Supposed(slip=20)
        value = milliseconds(lambda: service.what_if(PURCHASE, slip, known=known))
        yield Figure(
            f"What if? the next key press, {served:,} lines", "raw rows", linked, value, "ms",
            "≤ 100 ms",
        )  # fmt: skip
        value = milliseconds(lambda: service.why(PURCHASE))
        yield Figure(f"Why? of that line, {served:,} lines", "raw rows", linked, value, "ms", "")
        for name, (product_id, store, line) in _popular(raw).items():
            floor = milliseconds(
                lambda what=(product_id, store): raw.execute(_QUEUE, what).fetchall()  # type: ignore[misc]
            )
            value = milliseconds(lambda line=line: service.why(line))  # type: ignore[misc]
            queue = service.why(line).queue
            assert queue is not None
            rows = raw.execute(_QUEUE, (product_id, store)).fetchall()
            mine = next(row for row in rows if row[1:3] == tuple(line))
            assert (queue.lines, queue.place) == (len(rows), 1 + sum(row < mine for row in rows))
            work = f"Why? in the queue of {name} ({queue.lines:,} lines)"
            yield Figure(work, "raw rows", floor, value, "ms", "≤ 100 ms")
        yield _preview(raw, service)
        raw.close()
        service.close()


def _preview(raw: sqlite3.Connection, service: Service) -> Figure:
    """The plan alone for the product with the most lines; all its open lines are spoken of."""
    product_id, sku, lines = raw.execute(
        "SELECT PRODUCT_ID, INTERNAL_NAME, COUNT(*) AS lines FROM ORDER_ITEM"
        " JOIN PRODUCT USING (PRODUCT_ID) WHERE PRODUCT_ID <> '9990001'"
        " GROUP BY PRODUCT_ID ORDER BY lines DESC, PRODUCT_ID LIMIT 1"
    ).fetchone()
    query = LINES.replace(" ORDER BY", " AND i.PRODUCT_ID = ? ORDER BY")
    floor = milliseconds(lambda: raw.execute(query, (product_id,)).fetchall())
    value = milliseconds(lambda: service.plan_auto_allocate(sku=sku))
    plan = service.plan_auto_allocate(sku=sku)
    served = {row[:2] for row in plan.changes if row.field == "allocation"}
    waiting = {row[:2] for row in raw.execute(query, (product_id,))}
    assert served | {tuple(notice.line) for notice in plan.refused if notice.line} == waiting
    work = f"plan alone for one product ({lines:,} lines, {len(waiting):,} open)"
    return Figure(work, "raw rows", floor, value, "ms", "≤ 50 ms")


def serve_many(path: Path) -> int:
    """One purchase order line, and a line for it in orders all over the book; how many."""
    raw = sqlite3.connect(path)
    orders = [
        order_id
        for (order_id,) in raw.execute(
            "SELECT h.ORDER_ID FROM ORDER_HEADER h JOIN ORDER_ITEM_SHIP_GROUP g USING (ORDER_ID)"
            " WHERE h.ORDER_TYPE_ID = 'SALES_ORDER' AND h.STATUS_ID = 'ORDER_APPROVED'"
            " AND g.SHIP_GROUP_SEQ_ID = '00001' AND g.FACILITY_ID = 'PRE_ORDER_PARKING'"
            " AND h.PRODUCT_STORE_ID = 'STORE' ORDER BY h.ORDER_ID"
        )
    ]
    chosen = orders[:: max(1, len(orders) // SERVED)][:SERVED]
    raw.execute(
        "INSERT INTO PRODUCT (PRODUCT_ID, PRODUCT_TYPE_ID, INTERNAL_NAME, IS_VIRTUAL, IS_VARIANT)"
        " VALUES ('9990001', 'FINISHED_GOOD', 'BENCH', 'N', 'Y')"
    )
    raw.execute(
        "INSERT INTO ORDER_HEADER (ORDER_ID, ORDER_TYPE_ID, ORDER_DATE, ENTRY_DATE, STATUS_ID,"
        " PRODUCT_STORE_ID) VALUES (?, 'PURCHASE_ORDER', '2026-10-01 00:00:00.000000',"
        " '2026-10-01 00:00:00.000000', 'ORDER_APPROVED', 'STORE')",
        (PURCHASE.order_id,),
    )
    raw.execute(
        "INSERT INTO ORDER_ITEM_SHIP_GROUP (ORDER_ID, SHIP_GROUP_SEQ_ID, FACILITY_ID)"
        " VALUES (?, '00001', 'WH1')",
        (PURCHASE.order_id,),
    )
    line = (
        "INSERT INTO ORDER_ITEM (ORDER_ID, ORDER_ITEM_SEQ_ID, ORDER_ITEM_TYPE_ID, PRODUCT_ID,"
        " QUANTITY, STATUS_ID, SHIP_GROUP_SEQ_ID, PROMISED_DATETIME, ESTIMATED_DELIVERY_DATE,"
        " RECEIVED_QUANTITY, CORRESPONDING_PO_ID) VALUES (?, ?, 'PRODUCT_ORDER_ITEM', '9990001', ?,"
        " 'ITEM_APPROVED', '00001', ?, ?, ?, ?)"
    )
    raw.execute(line, (*PURCHASE, len(chosen), None, PROMISED, 0, None))
    copies = (PROMISED, None, PURCHASE.order_id)
    raw.executemany(line, [(one, ITEM, 1, PROMISED, *copies) for one in chosen])
    raw.executemany(
        "INSERT INTO ORDER_ITEM_ASSOC (ORDER_ID, ORDER_ITEM_SEQ_ID, SHIP_GROUP_SEQ_ID,"
        " TO_ORDER_ID, TO_ORDER_ITEM_SEQ_ID, TO_SHIP_GROUP_SEQ_ID, ORDER_ITEM_ASSOC_TYPE_ID,"
        " QUANTITY, FROM_DATE) VALUES (?, ?, '_NA_', ?, ?, '_NA_', 'PURCHASE_ORDER', 1,"
        " '2026-10-01 00:00:00.000000')",
        [(one, ITEM, *PURCHASE) for one in chosen],
    )
    raw.commit()
    raw.close()
    return len(chosen)


def _popular(raw: sqlite3.Connection) -> dict[str, tuple[str, str, LineId]]:
    """A waiting line of the most popular product, and of the hundredth."""
    ranked = raw.execute(
        "SELECT PRODUCT_ID FROM ORDER_ITEM WHERE PRODUCT_ID <> '9990001'"
        " GROUP BY PRODUCT_ID ORDER BY COUNT(*) DESC, PRODUCT_ID LIMIT 100"
    ).fetchall()
    found = {}
    for name, (product_id,) in (
        ("the most popular product", ranked[0]),
        ("the 100th product", ranked[-1]),
    ):
        rows = sorted(raw.execute(_QUEUE, (product_id, "STORE")).fetchall())
        if rows:
            middle = rows[len(rows) // 2]
            found[name] = (product_id, "STORE", LineId(middle[1], middle[2]))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("book", type=Path)
    print(table(list(figures(parser.parse_args().book))))
