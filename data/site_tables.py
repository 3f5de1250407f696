"""What belongs to the site: the log of imports, its settings, the next free numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text

from data.columns import ID, ID_LONG, SERIAL, TEXT_MEDIUM, metadata

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
