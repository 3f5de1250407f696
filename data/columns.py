"""What the tables have in common: the set they belong to, and the kinds of column.

The names of the kinds are OFBiz's (id, id-long, indicator).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String

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


def stamps() -> tuple[Column[object], Column[object]]:
    """When a row was made, and when it was last changed."""
    return Column("CREATED_STAMP", DateTime), Column("LAST_UPDATED_STAMP", DateTime)
