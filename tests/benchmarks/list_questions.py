"""What people ask the lists: every filter and search there is, finding many rows, few and none."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from tests.benchmarks.service import TODAY


def value_of(book: sqlite3.Connection, sql: str, *values: Any) -> Any:
    """The first value that plain SQL finds."""
    row = book.execute(sql, values).fetchone()
    return row and row[0]


def sales_filters(book: sqlite3.Connection) -> dict[str, SalesOrderQuery]:
    """Every filter that Find Sales Order offers, with values that find many and few."""
    ask = SalesOrderQuery()
    day = timedelta(days=1)
    store = value_of(book, "SELECT PRODUCT_STORE_ID FROM PRODUCT_STORE")
    many, few = (
        value_of(
            book,
            "SELECT PRODUCT_ID FROM (SELECT PRODUCT_ID, count(*) AS n FROM ORDER_ITEM"
            f" GROUP BY PRODUCT_ID) ORDER BY n {order} LIMIT 1",
        )
        for order in ("DESC", "ASC")
    )
    linked = value_of(
        book,
        "SELECT TO_ORDER_ID FROM ORDER_ITEM_ASSOC GROUP BY TO_ORDER_ID"
        " ORDER BY count(*) DESC LIMIT 1",
    )
    found = {
        "all": ask,
        "store": replace(ask, product_store_id=store),
        "no such store": replace(ask, product_store_id="NOWHERE"),
        "product of many": replace(ask, product_id=many),
        "product of few": replace(ask, product_id=few),
        "purchase order": replace(ask, purchase_order_id=linked),
        "ordered last week": replace(ask, ordered_from=TODAY - 7 * day),
        "ordered in a month": replace(
            ask, ordered_from=TODAY - 90 * day, ordered_to=TODAY - 60 * day
        ),
        "ordered before all": replace(ask, ordered_to=TODAY - 3650 * day),
        "promised next month": replace(
            ask, promised_from=TODAY + 20 * day, promised_to=TODAY + 50 * day
        ),
        "promised in a year": replace(ask, promised_from=TODAY + 365 * day),
        "auto-cancel this week": replace(
            ask, auto_cancel_from=TODAY, auto_cancel_to=TODAY + 7 * day
        ),
        "auto-cancel in a year": replace(ask, auto_cancel_from=TODAY + 365 * day),
        "without promise": replace(ask, without_promise=True),
        "before arrival": replace(ask, before_arrival=True),
        "overdue": replace(ask, overdue=True),
        "unallocated": replace(ask, allocation="unallocated"),
        "partly": replace(ask, allocation="partly"),
        "allocated": replace(ask, allocation="allocated"),
        "created or held": replace(ask, statuses=("ORDER_CREATED", "ORDER_HOLD")),
    }
    for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD", "SENT"):
        found[f"status {status}"] = replace(ask, statuses=(f"ORDER_{status}",))
    for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD"):
        found[f"item {status}"] = replace(ask, item_statuses=(f"ITEM_{status}",))
    for facility in (
        "PRE_ORDER_PARKING", "BACKORDER_PARKING", "_NA_", "UNF_HOLD_PARKING", "WH1", "WH2",
    ):  # fmt: skip
        found[f"at {facility}"] = replace(ask, facility_ids=(facility,))
    for channel in ("WEB_SALES_CHANNEL", "CSR_SALES_CHANNEL", "API"):
        found[f"channel {channel}"] = replace(ask, sales_channel_enum_id=channel)
    for method in ("STANDARD", "NEXT_DAY", "NOWHERE"):
        found[f"method {method}"] = replace(ask, shipment_method_type_id=method)
    return found


def searches(book: sqlite3.Connection) -> dict[str, str]:
    """What people type, from many hits to none."""
    middle = value_of(
        book,
        "SELECT ORDER_ID FROM ORDER_HEADER WHERE ORDER_TYPE_ID = 'SALES_ORDER'"
        " ORDER BY ORDER_DATE LIMIT 1 OFFSET (SELECT count(*) / 3 FROM ORDER_HEADER)",
    )
    name = value_of(
        book,
        "SELECT PARTY_NAME FROM ORDER_ROLE JOIN PARTY USING (PARTY_ID) WHERE ORDER_ID = ?",
        middle,
    )
    sku = value_of(
        book,
        "SELECT INTERNAL_NAME FROM ORDER_ITEM JOIN PRODUCT USING (PRODUCT_ID)"
        " WHERE ORDER_ID = ?", middle,
    )  # fmt: skip
    first, _, last = name.partition(" ")
    return {
        "an id": middle,
        "end of an id": middle[-5:],
        "start of an id": middle[:-4],
        "start of many ids": middle[:-5],
        "digits": middle[2:5],
        "external id": f"shop_{middle}"[-9:],
        "customer": name,
        "first name": first,
        "last name": last,
        "part of a name": first[:3],
        "an accent": "ão",
        "capitals of an accent": "ÇÃO",
        "sku": sku,
        "style": sku[:5],
        "size": "-XS",
        "product word": "jumpsuit",
        "product and name": f"jumpsuit {last}",
        "customer and id": f"{last} {middle[-4:]}",
        "nothing": "qqqzz",
        "two letters": "ja",
        "two letters, none": "q9",
        "one letter": "z",
    }


def purchase_filters(book: sqlite3.Connection) -> dict[str, PurchaseOrderQuery]:
    """Every filter that Find Purchase Orders offers, and searches."""
    ask = PurchaseOrderQuery()
    day = timedelta(days=1)
    external, order = book.execute(
        "SELECT EXTERNAL_ID, ORDER_ID FROM ORDER_HEADER WHERE ORDER_TYPE_ID = 'PURCHASE_ORDER'"
        " LIMIT 1 OFFSET (SELECT count(*) / 3 FROM ORDER_HEADER"
        " WHERE ORDER_TYPE_ID = 'PURCHASE_ORDER')"
    ).fetchone()
    sku = value_of(
        book,
        "SELECT INTERNAL_NAME FROM ORDER_ITEM JOIN PRODUCT USING (PRODUCT_ID)"
        " WHERE ORDER_ID = ?", order,
    )  # fmt: skip
    found = {
        "all": ask,
        "arriving in a month": replace(ask, arrival_from=TODAY, arrival_to=TODAY + 30 * day),
        "arriving in ten years": replace(ask, arrival_from=TODAY + 3650 * day),
        "late": replace(ask, late=True),
        "has ATP": replace(ask, has_atp=True),
        "out of sync": replace(ask, out_of_sync=True),
        "out of sync, late": replace(ask, out_of_sync=True, late=True),
    }
    for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD"):
        found[f"status {status}"] = replace(ask, statuses=(f"ORDER_{status}",))
        found[f"item {status}"] = replace(ask, item_statuses=(f"ITEM_{status}",))
    for facility in ("WH1", "WH2", "NOWHERE"):
        found[f"at {facility}"] = replace(ask, facility_id=facility)
    for name, text in (
        ("an id", order), ("external id", external), ("part of it", external[:-2]),
        ("sku", sku), ("style", sku[:5]), ("product word", "jumpsuit"), ("nothing", "qqqzz"),
        ("two letters", "-X"),
    ):  # fmt: skip
        found[f"search {name} '{text}'"] = replace(ask, text=text)
    return found
