"""Orders of both kinds, their lines, the allocations between these, and receipts.

Columns that OFBiz does not have, all on ORDER_ITEM:

- ALLOCATED_QUANTITY: units of the line in allocations, kept by the triggers on ORDER_ITEM_ASSOC
  (see :mod:`data.guards`) and bounded by a CHECK, so that no path can promise a unit twice.
- RECEIVED_QUANTITY: received units of a purchase order line; null on a sales order line.
- ATP_CEILING: the imported limit of a purchase order line's sellable units; null without one.
- ROW_VERSION: raised by each applied plan; what a plan compares.

On a sales order line ESTIMATED_DELIVERY_DATE is a derived copy, the latest arrival among its
allocations, and CORRESPONDING_PO_ID the order of that arrival; lists read them without a join.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    text,
)

from data.columns import ID, ID_LONG, INDICATOR, SERIAL, TEXT_MEDIUM, metadata, stamps
from data.types import Money, Quantity

order_header = Table(
    "ORDER_HEADER",
    metadata,
    Column("ORDER_ID", ID, primary_key=True),
    Column("ORDER_TYPE_ID", ID, nullable=False),  # SALES_ORDER or PURCHASE_ORDER
    Column("ORDER_NAME", TEXT_MEDIUM),
    Column("EXTERNAL_ID", ID_LONG),
    Column("ORDER_DATE", DateTime, nullable=False),
    Column("ENTRY_DATE", DateTime, nullable=False),
    Column("STATUS_ID", ID, nullable=False),
    Column("SALES_CHANNEL_ENUM_ID", ID),
    Column("PRODUCT_STORE_ID", ID, nullable=False),
    Column("ORIGIN_FACILITY_ID", ID),
    Column("CURRENCY_UOM", ID),
    Column("GRAND_TOTAL", Money(2)),
    Column("PRIORITY", ID),
    Column("CREATED_BY", ID_LONG),
    Column("ROW_VERSION", Integer, nullable=False, server_default="1", default=1),
    *stamps(),
    Index("ORDER_HEADER_DATE_IX", "ORDER_TYPE_ID", "ORDER_DATE", "ORDER_ID"),
    Index("ORDER_HEADER_STATUS_IX", "ORDER_TYPE_ID", "STATUS_ID", "ORDER_DATE", "ORDER_ID"),
    Index("ORDER_HEADER_EXTERNAL_ID_IX", "EXTERNAL_ID"),
    Index("ORDER_HEADER_ORDER_NAME_IX", "ORDER_NAME"),
    Index("ORDER_HEADER_STORE_IX", "PRODUCT_STORE_ID", "ORDER_DATE", "ORDER_ID"),
    Index("ORDER_HEADER_CHANNEL_IX", "SALES_CHANNEL_ENUM_ID", "ORDER_DATE", "ORDER_ID"),
)

order_role = Table(
    "ORDER_ROLE",
    metadata,
    Column("ORDER_ID", ID, primary_key=True),
    Column("ROLE_TYPE_ID", ID_LONG, primary_key=True),  # PLACING_CUSTOMER, BILL_FROM_VENDOR, …
    Column("PARTY_ID", ID, primary_key=True),
    Index("ORDER_ROLE_PARTY_IX", "PARTY_ID", "ORDER_ID"),
    sqlite_with_rowid=False,
)

order_item_ship_group = Table(
    "ORDER_ITEM_SHIP_GROUP",
    metadata,
    Column("ORDER_ID", ID, primary_key=True),
    Column("SHIP_GROUP_SEQ_ID", ID, primary_key=True),
    # The queue: a parking while the line waits, a real facility once brokered or released; the
    # receiving warehouse of a purchase order.
    Column("FACILITY_ID", ID, nullable=False),
    Column("SHIPMENT_METHOD_TYPE_ID", ID),
    Column("CARRIER_PARTY_ID", ID),
    Column("MAY_SPLIT", INDICATOR),
    Column("GIFT_MESSAGE", TEXT_MEDIUM),
    Column("SHIPPING_INSTRUCTIONS", TEXT_MEDIUM),
    Column("SHIP_TO_ADDRESS", TEXT_MEDIUM),
    Column("SHIP_BY_DATE", DateTime),
    Column("SHIP_AFTER_DATE", DateTime),
    Index("ORDER_ITEM_SHIP_GROUP_FACILITY_IX", "FACILITY_ID", "ORDER_ID"),
    sqlite_with_rowid=False,
)

# R-14 as the store sees it: what is left of a purchase order line; null on a sales order line.
AVAILABLE_TO_PROMISE_SQL = """CASE
 WHEN "RECEIVED_QUANTITY" IS NULL THEN NULL
 WHEN "STATUS_ID" NOT IN ('ITEM_CREATED', 'ITEM_APPROVED') THEN 0
 WHEN COALESCE("ATP_CEILING", "QUANTITY") < "QUANTITY" - "CANCEL_QUANTITY" THEN
  CASE
   WHEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY" <= 0 THEN 0
   WHEN "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY" <= 0 THEN 0
   WHEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY"
        < "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"
    THEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY"
   ELSE "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"
  END
 WHEN "QUANTITY" - "CANCEL_QUANTITY" - "ALLOCATED_QUANTITY" <= 0 THEN 0
 WHEN "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY" <= 0 THEN 0
 WHEN "ALLOCATED_QUANTITY" > "RECEIVED_QUANTITY"
  THEN "QUANTITY" - "CANCEL_QUANTITY" - "ALLOCATED_QUANTITY"
 ELSE "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"
END"""

order_item = Table(
    "ORDER_ITEM",
    metadata,
    Column("ORDER_ID", ID, primary_key=True),
    Column("ORDER_ITEM_SEQ_ID", ID, primary_key=True),
    Column("EXTERNAL_ID", ID_LONG),
    Column("ORDER_ITEM_TYPE_ID", ID, nullable=False, default="PRODUCT_ORDER_ITEM"),
    Column("PRODUCT_ID", ID, nullable=False),
    Column("QUANTITY", Quantity, nullable=False),
    Column("CANCEL_QUANTITY", Quantity, nullable=False, server_default="0", default=0),
    Column("UNIT_PRICE", Money(3)),
    Column("UNIT_LIST_PRICE", Money(3)),
    Column("STATUS_ID", ID, nullable=False),
    Column("CORRESPONDING_PO_ID", ID),
    Column("PROMISED_DATETIME", DateTime),
    Column("ESTIMATED_DELIVERY_DATE", DateTime),
    Column("IS_NEW_PRODUCT", INDICATOR),
    Column("SHIP_GROUP_SEQ_ID", ID, nullable=False, default="00001"),
    Column("AUTO_CANCEL_DATE", DateTime),
    Column("ITEM_DESCRIPTION", TEXT_MEDIUM),
    Column("COMMENTS", TEXT_MEDIUM),
    Column("CHANGE_BY_USER_LOGIN_ID", ID_LONG),
    Column("ALLOCATED_QUANTITY", Quantity, nullable=False, server_default="0", default=0),
    Column("RECEIVED_QUANTITY", Quantity),
    Column("ATP_CEILING", Quantity),
    Column(
        "AVAILABLE_TO_PROMISE",
        Quantity,
        Computed(AVAILABLE_TO_PROMISE_SQL, persisted=True),
    ),
    Column("ROW_VERSION", Integer, nullable=False, server_default="1", default=1),
    *stamps(),
    ForeignKeyConstraint(["ORDER_ID"], ["ORDER_HEADER.ORDER_ID"]),
    ForeignKeyConstraint(["PRODUCT_ID"], ["PRODUCT.PRODUCT_ID"]),
    CheckConstraint('"QUANTITY" > 0', name="ORDER_ITEM_QUANTITY_CK"),
    CheckConstraint(
        '"CANCEL_QUANTITY" >= 0 AND "CANCEL_QUANTITY" <= "QUANTITY"', name="ORDER_ITEM_CANCEL_CK"
    ),
    # The promise that no unit is promised twice, kept by the store itself, on both sides.
    CheckConstraint(
        '"ALLOCATED_QUANTITY" >= 0 AND "ALLOCATED_QUANTITY" <= "QUANTITY" - "CANCEL_QUANTITY"',
        name="ORDER_ITEM_ALLOCATED_CK",
    ),
    CheckConstraint(
        '"STATUS_ID" <> \'ITEM_CANCELLED\' OR "ALLOCATED_QUANTITY" = 0',
        name="ORDER_ITEM_CANCELLED_CK",
    ),
    CheckConstraint('"RECEIVED_QUANTITY" >= 0', name="ORDER_ITEM_RECEIVED_CK"),
    Index(
        "ORDER_ITEM_OF_PRODUCT_IX",
        "PRODUCT_ID",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        "STATUS_ID",
    ),
    # All that is asked of the lines a purchase order serves, side by side. Half of all lines have
    # none; they would only be taken out of the index when they get units.
    Index(
        "ORDER_ITEM_OF_PURCHASE_ORDER_IX",
        "CORRESPONDING_PO_ID",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        "STATUS_ID",
        "PROMISED_DATETIME",
        "SHIP_GROUP_SEQ_ID",
        "ALLOCATED_QUANTITY",
        sqlite_where=text('"CORRESPONDING_PO_ID" IS NOT NULL'),
    ),
    # What is behind the keys of a list is there to be looked at without reading the line.
    Index(
        "ORDER_ITEM_PROMISED_IX",
        "PROMISED_DATETIME",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        "STATUS_ID",
    ),
    # Lists by arrival are lists of purchase order lines: on SQLite only these are in. (The same
    # said for PostgreSQL would import its dialect, 20 ms of everybody's start.)
    Index(
        "ORDER_ITEM_ARRIVAL_IX",
        "ESTIMATED_DELIVERY_DATE",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        sqlite_where=text('"RECEIVED_QUANTITY" IS NOT NULL'),
    ),
    Index(
        "ORDER_ITEM_AUTO_CANCEL_IX",
        "AUTO_CANCEL_DATE",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        "STATUS_ID",
        "PROMISED_DATETIME",
        sqlite_where=text('"AUTO_CANCEL_DATE" IS NOT NULL'),
    ),
    sqlite_with_rowid=False,
)

order_item_assoc = Table(
    "ORDER_ITEM_ASSOC",
    metadata,
    Column("ORDER_ID", ID, primary_key=True),  # the sales order line
    Column("ORDER_ITEM_SEQ_ID", ID, primary_key=True),
    Column("SHIP_GROUP_SEQ_ID", ID, primary_key=True, default="_NA_"),
    Column("TO_ORDER_ID", ID, primary_key=True),  # the purchase order line
    Column("TO_ORDER_ITEM_SEQ_ID", ID, primary_key=True),
    Column("TO_SHIP_GROUP_SEQ_ID", ID, primary_key=True, default="_NA_"),
    Column("ORDER_ITEM_ASSOC_TYPE_ID", ID, primary_key=True, default="PURCHASE_ORDER"),
    Column("QUANTITY", Quantity, nullable=False),
    Column("FROM_DATE", DateTime, nullable=False),
    Column("CREATED_BY", ID_LONG),
    # Y: a person wants it left where it is; jobs that allocate by a policy pass it over.
    Column("PINNED", INDICATOR, nullable=False, server_default="N", default="N"),
    ForeignKeyConstraint(
        ["ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        ["ORDER_ITEM.ORDER_ID", "ORDER_ITEM.ORDER_ITEM_SEQ_ID"],
        name="ORDER_ITEM_ASSOC_SALES_FK",
    ),
    ForeignKeyConstraint(
        ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"],
        ["ORDER_ITEM.ORDER_ID", "ORDER_ITEM.ORDER_ITEM_SEQ_ID"],
        name="ORDER_ITEM_ASSOC_PURCHASE_FK",
    ),
    CheckConstraint('"QUANTITY" > 0', name="ORDER_ITEM_ASSOC_QUANTITY_CK"),
    CheckConstraint(
        "\"SHIP_GROUP_SEQ_ID\" = '_NA_' AND \"TO_SHIP_GROUP_SEQ_ID\" = '_NA_'"
        " AND \"ORDER_ITEM_ASSOC_TYPE_ID\" = 'PURCHASE_ORDER'",
        name="ORDER_ITEM_ASSOC_TYPE_CK",
    ),
    # All that is asked of what a purchase order line serves, before the lines themselves are read.
    Index(
        "ORDER_ITEM_ASSOC_SERVED_IX",
        "TO_ORDER_ID",
        "TO_ORDER_ITEM_SEQ_ID",
        "ORDER_ID",
        "ORDER_ITEM_SEQ_ID",
        "QUANTITY",
        "PINNED",
    ),
    sqlite_with_rowid=False,
)

shipment_receipt = Table(
    "SHIPMENT_RECEIPT",
    metadata,
    Column("RECEIPT_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("ORDER_ID", ID, nullable=False),
    Column("ORDER_ITEM_SEQ_ID", ID, nullable=False),
    Column("PRODUCT_ID", ID, nullable=False),
    # Negative when a receipt is taken back: receipts are added to, never edited.
    Column("QUANTITY_ACCEPTED", Quantity, nullable=False),
    Column("DATETIME_RECEIVED", DateTime, nullable=False),
    Column("RECEIVED_BY_USER_LOGIN_ID", ID_LONG),
    Index("SHIPMENT_RECEIPT_ITEM_IX", "ORDER_ID", "ORDER_ITEM_SEQ_ID"),
)
