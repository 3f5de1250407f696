"""Numbers for new rows, out of SEQUENCE_VALUE_ITEM."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from data.tables import sequence_value_item

FIRST = 10_000


def take(connection: Connection, name: str, count: int) -> int:
    """Take ``count`` numbers in the caller's transaction; returns the first of them."""
    key = sequence_value_item.c.SEQ_NAME == name
    raised = connection.execute(
        update(sequence_value_item).where(key).values(SEQ_ID=sequence_value_item.c.SEQ_ID + count)
    )
    if raised.rowcount == 0:
        connection.execute(insert(sequence_value_item).values(SEQ_NAME=name, SEQ_ID=FIRST + count))
        return FIRST
    value: int = connection.execute(select(sequence_value_item.c.SEQ_ID).where(key)).scalar_one()
    return value - count


def lock(connection: Connection, name: str) -> None:
    """Hold the sequence until the transaction ends: one import of that kind at a time."""
    take(connection, name, 0)


def peek(connection: Connection, name: str) -> int:
    """The next number, without taking it: for a plan that is only shown."""
    value = connection.execute(
        select(sequence_value_item.c.SEQ_ID).where(sequence_value_item.c.SEQ_NAME == name)
    ).scalar_one_or_none()
    return FIRST if value is None else value
