"""Sales orders that are closed in part, on SQLite: a small table behind the lists of closed orders.

Find Sales Order lists closed orders, or orders with a closed line, by a date of their *open* lines.
Few of them have an open line left: an order closes with its last one. To ask each takes long where
hundreds of thousands are closed. So triggers keep those that may have one: the orders that are not
closed, and the closed ones with an open line after all, under each closed status that the order or
a line of it has. When its last line and it are closed, an order leaves the table.

The table is what a plain query finds, row for row. Whether an order that is not closed has an open
line is not asked: it has (R-113), and so no line is ever written at the cost of reading all others.
The triggers begin with what the row itself says; only a new line looks at its order. Comparisons
are written out in them: SQLite makes a table of each list of values, anew for every row.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Column, Connection, MetaData, Table

from data.columns import ID
from data.sqlite_indexes import CLOSED, IS_SALE, UNUSUAL_STATUS

ORDER_STATUSES = ("ORDER_CANCELLED", "ORDER_COMPLETED", "ORDER_REJECTED")
ITEM_STATUSES = ("ITEM_CANCELLED", "ITEM_COMPLETED", "ITEM_REJECTED")
NAME = "ORDER_PARTLY_CLOSED"

# It is none of the tables that all databases share.
order_partly_closed = Table(
    NAME,
    MetaData(),
    Column("ORDER_ID", ID, primary_key=True),
    Column("STATUS_ID", ID, primary_key=True),
)

_TABLE = (
    f'CREATE TABLE "{NAME}" ("ORDER_ID" VARCHAR(20) NOT NULL, "STATUS_ID" VARCHAR(20) NOT NULL,'
    ' PRIMARY KEY ("ORDER_ID", "STATUS_ID")) WITHOUT ROWID',
    f'CREATE INDEX "{NAME}_STATUS_IX" ON "{NAME}" ("STATUS_ID")',
)


def _closed(row: str, statuses: Sequence[str]) -> str:
    return "(" + " OR ".join(f"{row}.\"STATUS_ID\" = '{each}'" for each in statuses) + ")"


def _order(order: str, condition: str) -> str:
    """Whether a sales order meets a condition over ``h``."""
    return (
        f'EXISTS (SELECT 1 FROM "ORDER_HEADER" h WHERE h."ORDER_ID" = {order} AND h.{IS_SALE}'
        f" AND {condition})"
    )


def _has_open_line(order: str) -> str:
    return (
        f'EXISTS (SELECT 1 FROM "ORDER_ITEM" o WHERE o."ORDER_ID" = {order}'
        f" AND NOT {_closed('o', ITEM_STATUSES)})"
    )


_CLOSED_ORDER = _closed("h", ORDER_STATUSES)


def _may_have_open_line(order: str) -> str:
    return _order(order, f"(NOT {_CLOSED_ORDER} OR {_has_open_line(order)})")


def _entered(order: str) -> str:
    """Enter an order anew."""
    of_lines = (
        f"""INSERT INTO "{NAME}" SELECT {order}, '{each}' WHERE EXISTS (
 SELECT 1 FROM "ORDER_ITEM" c WHERE c."STATUS_ID" = '{each}' AND c."ORDER_ID" = {order}
 AND c.{UNUSUAL_STATUS}) AND {_may_have_open_line(order)};"""
        for each in ITEM_STATUSES
    )
    return f"""DELETE FROM "{NAME}" WHERE "ORDER_ID" = {order};
{" ".join(of_lines)}
INSERT INTO "{NAME}" SELECT h."ORDER_ID", h."STATUS_ID" FROM "ORDER_HEADER" h
WHERE h."ORDER_ID" = {order} AND h.{IS_SALE} AND {_CLOSED_ORDER} AND {_has_open_line(order)};"""


def _is_in(order: str) -> str:
    return f'EXISTS (SELECT 1 FROM "{NAME}" WHERE "ORDER_ID" = {order})'


_NEW, _OLD = 'NEW."ORDER_ID"', 'OLD."ORDER_ID"'
_IS_SALES_LINE = '{}."RECEIVED_QUANTITY" IS NULL'
_DIFFERS = 'NEW."STATUS_ID" <> OLD."STATUS_ID"'
_NEW_LINE, _OLD_LINE = _closed("NEW", ITEM_STATUSES), _closed("OLD", ITEM_STATUSES)
_NEW_ORDER, _OLD_ORDER = _closed("NEW", ORDER_STATUSES), _closed("OLD", ORDER_STATUSES)

# Each trigger: its name, the event, its condition, what it does.
_TRIGGERS: tuple[tuple[str, str, str, str], ...] = (
    (
        # An order that is not closed has no need of its open lines, one that is and not in the
        # table no need of a closed line.
        "PARTLY_CLOSED_LINE_NEW",
        'INSERT ON "ORDER_ITEM"',
        f"""{_IS_SALES_LINE.format("NEW")} AND CASE WHEN {_order(_NEW, _CLOSED_ORDER)}
 THEN NOT {_NEW_LINE} OR {_is_in(_NEW)} ELSE {_NEW_LINE} END""",
        _entered(_NEW),
    ),
    (
        "PARTLY_CLOSED_LINE_CHANGED",
        'UPDATE OF "STATUS_ID" ON "ORDER_ITEM"',
        f"{_IS_SALES_LINE.format('NEW')} AND {_DIFFERS} AND ({_NEW_LINE} OR {_OLD_LINE})",
        _entered(_NEW),
    ),
    (
        "PARTLY_CLOSED_LINE_GONE",
        'DELETE ON "ORDER_ITEM"',
        f"{_IS_SALES_LINE.format('OLD')} AND {_is_in(_OLD)}",
        _entered(_OLD),
    ),
    (
        "PARTLY_CLOSED_ORDER_CHANGED",
        'UPDATE OF "STATUS_ID" ON "ORDER_HEADER"',
        f"NEW.{IS_SALE} AND {_DIFFERS} AND ({_NEW_ORDER} OR {_OLD_ORDER})",
        _entered(_NEW),
    ),
)

_ROWS = f"""SELECT s."ORDER_ID", s."STATUS_ID" FROM (
 SELECT DISTINCT "ORDER_ID", "STATUS_ID" FROM "ORDER_ITEM" WHERE {CLOSED}
 UNION ALL SELECT h."ORDER_ID", h."STATUS_ID" FROM "ORDER_HEADER" h
 WHERE h.{IS_SALE} AND {_CLOSED_ORDER}) s WHERE {_may_have_open_line('s."ORDER_ID"')}"""


def is_part(table: str | None) -> bool:
    """Whether a table of that name is the one of this module."""
    return table == NAME


def create(connection: Connection) -> None:
    """Make the table, filled, and the triggers that keep it."""
    for statement in _TABLE:
        connection.exec_driver_sql(statement)
    _fill(connection)


def drop(connection: Connection) -> None:
    """Remove them again (a migration's way back)."""
    _drop_triggers(connection)
    connection.exec_driver_sql(f'DROP TABLE "{NAME}"')


def differences(connection: Connection, most: int) -> list[tuple[str, str]]:
    """Orders and statuses that are in the table and should not be, or the other way round."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql(
        f"""WITH found AS ({_ROWS})
SELECT * FROM (SELECT * FROM found EXCEPT SELECT * FROM "{NAME}")
UNION ALL SELECT * FROM (SELECT * FROM "{NAME}" EXCEPT SELECT * FROM found) LIMIT {most:d}"""
    )
    return [(order_id, status_id) for order_id, status_id in found]


@contextmanager
def filled_last(connection: Connection) -> Iterator[None]:
    """Without the triggers for the block, which writes a whole book: the table is filled after it.

    A transaction that fails has never been without.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    _drop_triggers(connection)
    yield
    connection.exec_driver_sql(f'DELETE FROM "{NAME}"')
    _fill(connection)


def _fill(connection: Connection) -> None:
    connection.exec_driver_sql(f'INSERT INTO "{NAME}" {_ROWS}')
    for name, event, condition, action in _TRIGGERS:
        connection.exec_driver_sql(
            f'CREATE TRIGGER "{name}" AFTER {event} WHEN {condition} BEGIN {action} END'
        )


def _drop_triggers(connection: Connection) -> None:
    for name, *_ in _TRIGGERS:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
