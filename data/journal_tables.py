"""The journal: change sets, what each changed, and the notices that went out."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, Integer, Table, Text

from data.columns import ID, ID_LONG, SERIAL, TEXT_MEDIUM, metadata

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
