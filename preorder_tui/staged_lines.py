"""Order lines and allocations as the parts of a staged plan name, lock and write them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Delete,
    FromClause,
    Insert,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from data.columns import ID
from data.staging import fails_whole
from data.tables import order_item, order_item_assoc
from preorder_tui.staged_plan import Applying

_item, _assoc = order_item.c, order_item_assoc.c
_LINE = ("ORDER_ID", "ORDER_ITEM_SEQ_ID")
_LINK = (*_LINE, "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID")


def line_columns(*, primary_key: bool = False) -> tuple[Column[Any], Column[Any]]:
    """The columns of a temporary table that name a line."""
    first, second = (Column(name, ID, nullable=False, primary_key=primary_key) for name in _LINE)
    return first, second


def link_columns() -> tuple[Column[Any], ...]:
    """The columns of a temporary table that name an allocation."""
    return tuple(Column(name, ID, nullable=False) for name in _LINK)


def same_line(rows: FromClause) -> ColumnElement[bool]:
    """An order line is the one that a row names."""
    return and_(*(_item[name] == rows.c[name] for name in _LINE))


def same_link(rows: FromClause) -> ColumnElement[bool]:
    """An allocation is the one that a row names."""
    return and_(*(_assoc[name] == rows.c[name] for name in _LINK))


def link_key(rows: FromClause) -> tuple[Any, ...]:
    """An allocation in the order of the primary key, so that it is found by it."""
    order_id, item, to_order_id, to_item = (rows.c[name] for name in _LINK)
    return (order_id, item, literal("_NA_"), to_order_id, to_item)


def unlinked(found: Select[Any], *and_columns: ColumnElement[Any]) -> Delete:
    """Delete the allocations whose key (:func:`link_key`), and more columns, are among those found.

    By a list of keys, because SQLite deletes from one table.
    """
    key = (
        _assoc.ORDER_ID,
        _assoc.ORDER_ITEM_SEQ_ID,
        _assoc.SHIP_GROUP_SEQ_ID,
        _assoc.TO_ORDER_ID,
        _assoc.TO_ORDER_ITEM_SEQ_ID,
    )
    return delete(order_item_assoc).where(tuple_(*key, *and_columns).in_(found))


def lock_lines(connection: Connection, rows: FromClause, *chosen: Any) -> None:
    """Lock the lines that the chosen rows name, in the order of their keys.

    In one order, so that two people who change the same lines wait for each other. SQLite has one
    writer at a time, and this transaction is it.
    """
    if connection.dialect.name == "sqlite":
        return
    locked = (
        select(_item.ORDER_ID)
        .join(rows, same_line(rows))
        .where(*chosen)
        .order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
        .with_for_update(of=order_item)
    )
    connection.execute(select(func.count()).select_from(locked.subquery()))


def changed_by(applying: Applying) -> dict[Any, Any]:
    """What every change of a line sets beside what it is about."""
    return {
        _item.ROW_VERSION: _item.ROW_VERSION + 1,
        _item.CHANGE_BY_USER_LOGIN_ID: applying.user,
        _item.LAST_UPDATED_STAMP: applying.now,
    }


def new_links(
    rows: FromClause, units: ColumnElement[Any], applying: Applying, *chosen: Any, by: Any
) -> Insert:
    """Make the allocations that the chosen rows name, of so many units, in the order of ``by``."""
    values = {
        **{name: rows.c[name] for name in _LINK},
        "SHIP_GROUP_SEQ_ID": literal("_NA_"),
        "TO_SHIP_GROUP_SEQ_ID": literal("_NA_"),
        "ORDER_ITEM_ASSOC_TYPE_ID": literal("PURCHASE_ORDER"),
        "QUANTITY": units,
        "FROM_DATE": literal(applying.now, DateTime),
        "CREATED_BY": literal(applying.user),
        "PINNED": literal("N"),
    }
    made = select(*values.values()).where(*chosen).order_by(by)
    return fails_whole(insert(order_item_assoc)).from_select(list(values), made)
