"""Indexes that hold a few of a table's rows: on SQLite, whose planner has no statistics.

A filter that few rows pass needs a way to them, and one that most rows pass needs none. So each of
these holds only the rows that make the difference, and costs the others nothing. A query is read by
one of them if it says the index's condition in the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

# Lines of the states that fewer are in; most lines are approved.
UNUSUAL_STATUS = "\"STATUS_ID\" <> 'ITEM_APPROVED'"
# Sales order lines with units allocated, but not all.
PARTLY_ALLOCATED = (
    '"RECEIVED_QUANTITY" IS NULL AND "ALLOCATED_QUANTITY" > 0'
    ' AND "ALLOCATED_QUANTITY" < "QUANTITY" - "CANCEL_QUANTITY"'
)
# Sales order lines that have units and no promise.
ALLOCATED_WITHOUT_PROMISE = (
    '"RECEIVED_QUANTITY" IS NULL AND "PROMISED_DATETIME" IS NULL AND "ALLOCATED_QUANTITY" > 0'
)
# Sales order lines that can have units and have none.
UNALLOCATED = (
    '"RECEIVED_QUANTITY" IS NULL AND "ALLOCATED_QUANTITY" = 0'
    " AND \"STATUS_ID\" IN ('ITEM_APPROVED', 'ITEM_CREATED')"
)
CLOSED = "\"STATUS_ID\" IN ('ITEM_CANCELLED', 'ITEM_COMPLETED', 'ITEM_REJECTED')"
CANCELS = '"AUTO_CANCEL_DATE" IS NOT NULL'
PROMISED = '"PROMISED_DATETIME" IS NOT NULL'
PROMISED_BEFORE_ARRIVAL = '"PROMISED_DATETIME" < "ESTIMATED_DELIVERY_DATE"'
# Sales order lines whose promise is not what a sync would set.
OUT_OF_SYNC = (
    '"RECEIVED_QUANTITY" IS NULL AND "ESTIMATED_DELIVERY_DATE" IS NOT NULL'
    ' AND ("PROMISED_DATETIME" IS NULL OR "PROMISED_DATETIME" <> "ESTIMATED_DELIVERY_DATE")'
)
# Purchase order lines: one in ten of all lines.
OF_PURCHASE = '"RECEIVED_QUANTITY" IS NOT NULL'
IS_SALE = "\"ORDER_TYPE_ID\" = 'SALES_ORDER'"
IS_PURCHASE = "\"ORDER_TYPE_ID\" = 'PURCHASE_ORDER'"

INDEXES = (
    # With its dates, which are seldom changed in these states.
    (
        "ORDER_ITEM_UNUSUAL_STATUS_IX",
        "ORDER_ITEM",
        '"STATUS_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "PROMISED_DATETIME", "AUTO_CANCEL_DATE"',
        UNUSUAL_STATUS,
    ),
    (
        "ORDER_ITEM_UNDATED_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "RECEIVED_QUANTITY", "PROMISED_DATETIME",'
        ' "ALLOCATED_QUANTITY"',
        ALLOCATED_WITHOUT_PROMISE,
    ),
    # What the condition is about is in the index, or SQLite reads the line to compare it again.
    (
        "ORDER_ITEM_PARTLY_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "RECEIVED_QUANTITY", "ALLOCATED_QUANTITY", "QUANTITY",'
        ' "CANCEL_QUANTITY", "PROMISED_DATETIME", "AUTO_CANCEL_DATE", "STATUS_ID"',
        PARTLY_ALLOCATED,
    ),
    (
        "ORDER_ITEM_SHIP_GROUP_METHOD_IX",
        "ORDER_ITEM_SHIP_GROUP",
        '"SHIPMENT_METHOD_TYPE_ID", "ORDER_ID"',
        '"SHIPMENT_METHOD_TYPE_ID" IS NOT NULL',
    ),
    (
        "ORDER_ITEM_UNALLOCATED_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "RECEIVED_QUANTITY", "ALLOCATED_QUANTITY", "STATUS_ID"',
        UNALLOCATED,
    ),
    (
        "ORDER_ITEM_CLOSED_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "PROMISED_DATETIME", "STATUS_ID"',
        CLOSED,
    ),
    (
        "ORDER_ITEM_CANCELS_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "AUTO_CANCEL_DATE"',
        CANCELS,
    ),
    # Of an order the promises of its lines, and which of them count, without reading the lines.
    (
        "ORDER_ITEM_PROMISES_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "PROMISED_DATETIME", "STATUS_ID"',
        PROMISED,
    ),
    (
        "ORDER_ITEM_BEFORE_ARRIVAL_IX",
        "ORDER_ITEM",
        '"PROMISED_DATETIME", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "ESTIMATED_DELIVERY_DATE"',
        PROMISED_BEFORE_ARRIVAL,
    ),
    (
        "ORDER_ITEM_OUT_OF_SYNC_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "STATUS_ID", "RECEIVED_QUANTITY", "PROMISED_DATETIME",'
        ' "ESTIMATED_DELIVERY_DATE"',
        OUT_OF_SYNC,
    ),
    # All that the groups of Find Purchase Orders add up. Not what is left of a line: SQLite does
    # not read a computed column from an index, but it does compute it from these.
    (
        "ORDER_ITEM_PURCHASE_IX",
        "ORDER_ITEM",
        '"ORDER_ID", "ORDER_ITEM_SEQ_ID", "SHIP_GROUP_SEQ_ID", "PRODUCT_ID", "STATUS_ID",'
        ' "QUANTITY", "CANCEL_QUANTITY", "RECEIVED_QUANTITY", "ALLOCATED_QUANTITY", "ATP_CEILING",'
        ' "ESTIMATED_DELIVERY_DATE"',
        OF_PURCHASE,
    ),
    # The same of the lines in the states that fewer are in, by state.
    (
        "ORDER_ITEM_PURCHASE_STATUS_IX",
        "ORDER_ITEM",
        '"STATUS_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "SHIP_GROUP_SEQ_ID", "PRODUCT_ID",'
        ' "QUANTITY", "CANCEL_QUANTITY", "RECEIVED_QUANTITY", "ALLOCATED_QUANTITY", "ATP_CEILING",'
        ' "ESTIMATED_DELIVERY_DATE"',
        f"{OF_PURCHASE} AND {UNUSUAL_STATUS}",
    ),
    (
        "ORDER_ITEM_LEFT_IX",
        "ORDER_ITEM",
        '"AVAILABLE_TO_PROMISE" DESC, "ORDER_ID", "ORDER_ITEM_SEQ_ID"',
        OF_PURCHASE,
    ),
    (
        "ORDER_ITEM_SUPPLY_IX",
        "ORDER_ITEM",
        '"PRODUCT_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID"',
        OF_PURCHASE,
    ),
    (
        "ORDER_HEADER_PURCHASE_IX",
        "ORDER_HEADER",
        '"ORDER_ID", "EXTERNAL_ID", "STATUS_ID"',
        IS_PURCHASE,
    ),
    # What the filters ask of an order, without reading the order.
    (
        "ORDER_HEADER_FILTERS_IX",
        "ORDER_HEADER",
        '"ORDER_ID", "ORDER_TYPE_ID", "STATUS_ID", "SALES_CHANNEL_ENUM_ID", "PRODUCT_STORE_ID",'
        ' "ORDER_DATE"',
        IS_SALE,
    ),
)


def create_statements(names: Collection[str] | None = None) -> Sequence[str]:
    """The statements that create the indexes, or those named."""
    return [
        f'CREATE INDEX "{name}" ON "{table}" ({columns}) WHERE {condition}'
        for name, table, columns, condition in INDEXES
        if names is None or name in names
    ]


def drop_statements(names: Collection[str] | None = None) -> Sequence[str]:
    """The statements that drop them, whether they are there or not."""
    return [
        f'DROP INDEX IF EXISTS "{name}"' for name, *_ in INDEXES if names is None or name in names
    ]


def is_part(index: str | None) -> bool:
    """Whether an index of that name is one of these."""
    return index in {name for name, *_ in INDEXES}
