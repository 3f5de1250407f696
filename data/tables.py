"""The tables, under OFBiz/HotWax names, so that people who know the OMS know the schema.

Sales and purchase orders share ORDER_HEADER and ORDER_ITEM. An allocation is an ORDER_ITEM_ASSOC
row of type PURCHASE_ORDER. Times are UTC without zone; a date (promise, arrival) is stored as the
end of that day in the site's time zone.

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
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from data.types import Money, Quantity

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_PK",
        "fk": "%(table_name)s_%(column_0_name)s_FK",
        "ck": "%(constraint_name)s",
        "ix": "%(table_name)s_%(column_0_N_name)s_IX",
    }
)

ID = String(20)
ID_LONG = String(60)
INDICATOR = String(1)
TEXT_MEDIUM = String(255)
# An integer that SQLite accepts as its row id and others as a wide identity.
SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _stamps() -> tuple[Column[object], Column[object]]:
    return Column("CREATED_STAMP", DateTime), Column("LAST_UPDATED_STAMP", DateTime)


# --- Catalogue, places and people ---------------------------------------------------------------

product = Table(
    "PRODUCT",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("PRODUCT_TYPE_ID", ID, nullable=False, default="FINISHED_GOOD"),
    Column("INTERNAL_NAME", ID_LONG, nullable=False),  # the SKU
    Column("PRODUCT_NAME", TEXT_MEDIUM),
    Column("BRAND_NAME", TEXT_MEDIUM),
    Column("IS_VIRTUAL", INDICATOR, nullable=False, default="N"),
    Column("IS_VARIANT", INDICATOR, nullable=False, default="N"),
    *_stamps(),
    Index("PRODUCT_INTERNAL_NAME_IX", "INTERNAL_NAME"),
)

product_assoc = Table(
    "PRODUCT_ASSOC",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),  # the parent (style)
    Column("PRODUCT_ID_TO", ID, primary_key=True),  # the variant
    Column("PRODUCT_ASSOC_TYPE_ID", ID, primary_key=True, default="PRODUCT_VARIANT"),
    Index("PRODUCT_ASSOC_PRODUCT_ID_TO_IX", "PRODUCT_ID_TO"),
    sqlite_with_rowid=False,
)

good_identification = Table(
    "GOOD_IDENTIFICATION",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("GOOD_IDENTIFICATION_TYPE_ID", ID, primary_key=True),  # UPCA, SKU, …
    Column("ID_VALUE", ID_LONG, nullable=False),
    Index("GOOD_IDENTIFICATION_ID_VALUE_IX", "ID_VALUE"),
    sqlite_with_rowid=False,
)

product_feature = Table(
    "PRODUCT_FEATURE",
    metadata,
    Column("PRODUCT_FEATURE_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_TYPE_ID", ID, nullable=False),  # COLOR or SIZE
    Column("DESCRIPTION", TEXT_MEDIUM, nullable=False),
    Index(
        "PRODUCT_FEATURE_TYPE_DESCRIPTION_IX",
        "PRODUCT_FEATURE_TYPE_ID",
        "DESCRIPTION",
        unique=True,
    ),
)

product_feature_appl = Table(
    "PRODUCT_FEATURE_APPL",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_APPL_TYPE_ID", ID, nullable=False, default="STANDARD_FEATURE"),
    sqlite_with_rowid=False,
)

product_store = Table(
    "PRODUCT_STORE",
    metadata,
    Column("PRODUCT_STORE_ID", ID, primary_key=True),
    Column("STORE_NAME", TEXT_MEDIUM),
    Column("COMPANY_NAME", TEXT_MEDIUM),
    *_stamps(),
)

facility = Table(
    "FACILITY",
    metadata,
    Column("FACILITY_ID", ID, primary_key=True),
    Column("FACILITY_TYPE_ID", ID, nullable=False),
    Column("FACILITY_NAME", TEXT_MEDIUM),
    Column("EXTERNAL_ID", ID_LONG),
    Column("ADDRESS", TEXT_MEDIUM),
    *_stamps(),
    Index("FACILITY_EXTERNAL_ID_IX", "EXTERNAL_ID"),
)

party = Table(
    "PARTY",
    metadata,
    Column("PARTY_ID", ID, primary_key=True),
    Column("PARTY_TYPE_ID", ID, nullable=False),  # PERSON or PARTY_GROUP
    Column("EXTERNAL_ID", ID_LONG),
    # The whole name in one column: one search, one sort, whatever the order of its parts.
    Column("PARTY_NAME", TEXT_MEDIUM, nullable=False),
    Column("EMAIL_ADDRESS", TEXT_MEDIUM),
    Column("PHONE_NUMBER", ID_LONG),
    Column("POSTAL_ADDRESS", TEXT_MEDIUM),
    Column("COUNTRY", ID_LONG),
    *_stamps(),
    Index("PARTY_EXTERNAL_ID_IX", "EXTERNAL_ID"),
)

# --- Orders -------------------------------------------------------------------------------------

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
    *_stamps(),
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
    *_stamps(),
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
    Index("ORDER_ITEM_PRODUCT_IX", "PRODUCT_ID", "STATUS_ID"),
    Index("ORDER_ITEM_CORRESPONDING_PO_IX", "CORRESPONDING_PO_ID"),
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
    Index("ORDER_ITEM_ASSOC_TO_IX", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"),
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

# --- The journal --------------------------------------------------------------------------------

change_set = Table(
    "CHANGE_SET",
    metadata,
    Column("CHANGE_SET_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("CHANGE_DATETIME", DateTime, nullable=False),
    Column("CHANGE_USER_LOGIN", ID_LONG, nullable=False),
    Column("ORIGIN", ID, nullable=False),  # desk, command, import, demo
    Column("COMMAND", Text, nullable=False),  # the one-line command that does the same
    Column("CHANGE_COMMENTS", TEXT_MEDIUM),  # why
    Column("CHANGE_COUNT", Integer, nullable=False),
    # The change set that this one takes back. Undo and redo are both inverses.
    Column("INVERSE_OF", SERIAL),
    Index("CHANGE_SET_INVERSE_OF_IX", "INVERSE_OF"),
    Index("CHANGE_SET_USER_IX", "CHANGE_USER_LOGIN", "CHANGE_SET_ID"),
)

order_item_change = Table(
    "ORDER_ITEM_CHANGE",
    metadata,
    Column("ORDER_ITEM_CHANGE_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("CHANGE_SET_ID", SERIAL, nullable=False),
    Column("ORDER_ID", ID, nullable=False),
    Column("ORDER_ITEM_SEQ_ID", ID),  # null: a change of the order itself
    # The purchase order line of an allocation change; the row belongs to both lines' histories.
    Column("TO_ORDER_ID", ID),
    Column("TO_ORDER_ITEM_SEQ_ID", ID),
    Column("CHANGE_TYPE_ENUM_ID", ID, nullable=False),
    Column("FIELD", ID_LONG, nullable=False),
    Column("OLD_VALUE", Text),
    Column("NEW_VALUE", Text),
    Column("REASON_ENUM_ID", ID),
    Column("CHANGE_COMMENTS", TEXT_MEDIUM),
    ForeignKeyConstraint(["CHANGE_SET_ID"], ["CHANGE_SET.CHANGE_SET_ID"]),
    Index("ORDER_ITEM_CHANGE_SET_IX", "CHANGE_SET_ID"),
    Index("ORDER_ITEM_CHANGE_ITEM_IX", "ORDER_ID", "ORDER_ITEM_SEQ_ID"),
    Index("ORDER_ITEM_CHANGE_TO_IX", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"),
)

communication_event = Table(
    "COMMUNICATION_EVENT",
    metadata,
    Column("COMMUNICATION_EVENT_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("ORDER_ID", ID, nullable=False),
    Column("ENTRY_DATE", DateTime, nullable=False),
    Column("SUBJECT", TEXT_MEDIUM),
    Column("CONTENT", Text),
    Column("CHANGE_SET_ID", SERIAL),
    Index("COMMUNICATION_EVENT_ORDER_IX", "ORDER_ID"),
)

# --- Who may do what ----------------------------------------------------------------------------

user_login = Table(
    "USER_LOGIN",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("ENABLED", INDICATOR, nullable=False, default="Y"),
    *_stamps(),
)

security_group = Table(
    "SECURITY_GROUP",
    metadata,
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("DESCRIPTION", TEXT_MEDIUM),
)

security_group_permission = Table(
    "SECURITY_GROUP_PERMISSION",
    metadata,
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("PERMISSION_ID", ID_LONG, primary_key=True),
    sqlite_with_rowid=False,
)

user_login_security_group = Table(
    "USER_LOGIN_SECURITY_GROUP",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("FROM_DATE", DateTime, nullable=False),
    sqlite_with_rowid=False,
)

# --- EXIM, settings, sequences ------------------------------------------------------------------

data_manager_log = Table(
    "DATA_MANAGER_LOG",
    metadata,
    Column("LOG_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("CONFIG_ID", ID_LONG, nullable=False),
    Column("CREATED_BY_USER_LOGIN", ID_LONG, nullable=False),
    Column("CREATED_DATE", DateTime, nullable=False),
    Column("FINISH_DATE_TIME", DateTime),
    Column("UPLOAD_FILE_NAME", TEXT_MEDIUM),
    Column("STATUS_ID", ID, nullable=False),
    Column("TOTAL_RECORD_COUNT", Integer),
    Column("FAILED_RECORD_COUNT", Integer),
    Column("MESSAGE", Text),
    Column("FAILED_RECORDS_FILE", TEXT_MEDIUM),
    Column("CHANGE_SET_ID", SERIAL),
)

saved_filter = Table(
    "SAVED_FILTER",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("PAGE", ID_LONG, primary_key=True),
    Column("FILTER_NAME", ID_LONG, primary_key=True),
    Column("FILTER", Text, nullable=False),  # JSON
)

desk_session = Table(
    "DESK_SESSION",
    metadata,
    Column("DESK_SESSION_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("USER_LOGIN_ID", ID_LONG, nullable=False),  # who really sits there
    Column("ACTING_FOR", ID_LONG, nullable=False),  # the name that the journal keeps
    Column("HOST_NAME", TEXT_MEDIUM, nullable=False),
    Column("PROCESS", ID_LONG, nullable=False),  # its number and when it started
    Column("TERMINAL", ID_LONG),
    Column("FROM_DATE", DateTime, nullable=False),
    Column("LAST_SEEN", DateTime, nullable=False),
    Column("STATUS_ID", ID, nullable=False),  # running, or how it ended
    Column("TOLD", INDICATOR, nullable=False),  # the person has been told how it ended
    Index("DESK_SESSION_USER_IX", "USER_LOGIN_ID"),
)

kept_input = Table(
    "KEPT_INPUT",
    metadata,
    Column("KEPT_INPUT_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("USER_LOGIN_ID", ID_LONG, nullable=False),
    Column("DESK_SESSION_ID", SERIAL, nullable=False),
    Column("PLACE", TEXT_MEDIUM, nullable=False),  # the page, as its title line says it
    Column("TITLE", TEXT_MEDIUM, nullable=False),  # what it was about
    Column("TYPED", TEXT_MEDIUM, nullable=False),  # what was typed, in a few words
    Column("INPUT", Text, nullable=False),  # JSON
    Column("KEPT_DATETIME", DateTime, nullable=False),
    ForeignKeyConstraint(["DESK_SESSION_ID"], ["DESK_SESSION.DESK_SESSION_ID"]),
    Index("KEPT_INPUT_USER_IX", "USER_LOGIN_ID"),
    Index("KEPT_INPUT_SESSION_IX", "DESK_SESSION_ID"),
)

system_property = Table(
    "SYSTEM_PROPERTY",
    metadata,
    Column("SYSTEM_RESOURCE_ID", ID_LONG, primary_key=True),
    Column("SYSTEM_PROPERTY_ID", ID_LONG, primary_key=True),
    Column("SYSTEM_PROPERTY_VALUE", TEXT_MEDIUM),
)

sequence_value_item = Table(
    "SEQUENCE_VALUE_ITEM",
    metadata,
    Column("SEQ_NAME", ID_LONG, primary_key=True),
    Column("SEQ_ID", BigInteger, nullable=False),  # the next free number
)
