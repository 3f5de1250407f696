"""The temporary tables that sales orders of a file are staged in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, Numeric, String

from data.staging import temporary
from data.tables import SERIAL


def _number() -> Column[Any]:
    return Column("N", SERIAL, primary_key=True, autoincrement=True)


PARTY_KEY_LENGTH = 600
"""What an index of every database takes; a longer key is replaced by its digest."""

ROW = temporary(
    "EXIM_ROW",
    Column("LINE_NO", Integer, primary_key=True, autoincrement=False),
    Column("EXTERNAL_ID", String(60), nullable=False),
    Column("PRODUCT_ID", String(20), nullable=False),
    Column("QUANTITY", BigInteger, nullable=False),
    Column("MILLI_PRICE", BigInteger),
    Column("STATUS_ID", String(20), nullable=False),
    Column("FACILITY_ID", String(20), nullable=False),
    Column("ITEM_EXTERNAL_ID", String(60)),
    Column("PRODUCT_STORE_ID", String(20), nullable=False),
    Column("ORDER_DATE", DateTime, nullable=False),
    Column("ORDER_NAME", String(255)),
    Column("SALES_CHANNEL_ENUM_ID", String(20)),
    Column("CURRENCY_UOM", String(20)),
    Column("PARTY_KEY", String(PARTY_KEY_LENGTH), nullable=False),
    Column("GIVEN_PARTY_ID", String(20)),
    Column("PARTY_EXTERNAL_ID", String(60)),
    Column("PARTY_NAME", String(255)),
    Column("EMAIL_ADDRESS", String(255)),
    Column("PHONE_NUMBER", String(60)),
    Column("POSTAL_ADDRESS", String(255)),
    Column("COUNTRY", String(60)),
)
HERE = temporary(
    "EXIM_HERE",
    Column("EXTERNAL_ID", String(60), primary_key=True),
    Column("ORDER_ID", String(20), nullable=False),
    Column("MATCHES", Integer, nullable=False),
    Column("STATUS_ID", String(20)),
    Column("VERSION", Integer),
    Column("LAST_ITEM", String(20)),
)
SAME = temporary(
    "EXIM_SAME",
    Column("LINE_NO", Integer, primary_key=True, autoincrement=False),
)
ORDER = temporary(
    "EXIM_ORDER",
    _number(),
    Column("EXTERNAL_ID", String(60), nullable=False, unique=True),
    Column("FIRST_LINE", Integer, nullable=False),
    Column("LINES", Integer, nullable=False),
    Column("OPEN_LINES", Integer, nullable=False),
    Column("MILLI_TOTAL", Numeric(30, 0)),
    Column("ORDER_ID", String(20)),  # of an order that is here already; null: a new one
    Column("VERSION", Integer),
    Column("LAST_ITEM", String(20)),
    Column("PARTY_KEY", String(PARTY_KEY_LENGTH), nullable=False),
    Column("NEW_ORDER_ID", String(20)),
)
LINE = temporary(
    "EXIM_LINE",
    _number(),
    Column("ORDER_N", Integer, nullable=False),
    Column("ITEM", Integer, nullable=False),
    Column("FACILITY_ID", String(20), nullable=False),
    Column("PRODUCT_ID", String(20), nullable=False),
    Column("QUANTITY", BigInteger, nullable=False),
    Column("MILLI_PRICE", BigInteger),
    Column("STATUS_ID", String(20), nullable=False),
    Column("EXTERNAL_ID", String(60)),
)
GROUP = temporary(
    "EXIM_GROUP",
    Column("ORDER_N", Integer, primary_key=True, autoincrement=False),
    Column("FACILITY_ID", String(20), primary_key=True),
    Column("PLACE", Integer, nullable=False),
    Column("PRESENT", String(20)),  # the group that the order has for it already
)
PARTY = temporary(
    "EXIM_PARTY",
    Column("PARTY_KEY", String(PARTY_KEY_LENGTH), primary_key=True),
    Column("FIRST_LINE", Integer, nullable=False),
    Column("PARTY_ID", String(20)),
)
NEW_PARTY = temporary(
    "EXIM_NEW_PARTY",
    _number(),
    Column("PARTY_KEY", String(PARTY_KEY_LENGTH), nullable=False, unique=True),
    Column("FIRST_LINE", Integer, nullable=False),
)
