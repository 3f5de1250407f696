"""Naming orders and lines: what a person types, and which one it is."""

from __future__ import annotations

from sqlalchemy import Connection, String, bindparam, select

from data.tables import order_header, order_item
from preorder_tui import line_state
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.lines import LineId, parse_line
from preorder_tui.text import clean, clean_or_empty
from preorder_tui.words import PURCHASE_ORDER

_SHOWN = 8
"""How many orders or items a sentence names before it says how many more there are."""

_given = bindparam("given", type_=String)
_with_number_sign = bindparam("with_number_sign", type_=String)
_MATCHES = select(
    order_header.c.ORDER_ID,
    order_header.c.ORDER_TYPE_ID,
    order_header.c.ORDER_NAME,
    order_header.c.EXTERNAL_ID,
).order_by(order_header.c.ORDER_ID)
# Each name in turn: the first kind of name under which there is an order decides.
_KINDS = tuple(
    _MATCHES.where(condition)
    for condition in (
        order_header.c.ORDER_ID == _given,
        order_header.c.EXTERNAL_ID == _given,
        order_header.c.ORDER_NAME.in_([_given, _with_number_sign]),
    )
)
_ITEMS = (
    select(order_item.c.ORDER_ITEM_SEQ_ID)
    .where(order_item.c.ORDER_ID == bindparam("order_id", type_=String))
    .order_by(order_item.c.ORDER_ITEM_SEQ_ID)
)


def order(connection: Connection, clock: Clock, text: str, order_type: str | None = None) -> str:
    """The id of the order that ``text`` names: internal id, then external id, then order name.

    Args:
        connection: in a read transaction.
        clock: the site's clock.
        text: as typed; a name with or without its ``#``.
        order_type: SALES_ORDER or PURCHASE_ORDER, when only one will do.

    Raises:
        UnknownId: no order is named so.
        Refused: several are (they are named), or only one of the other type.
    """
    given = clean(text).strip()
    names = {"given": given, "with_number_sign": f"#{given.removeprefix('#')}"}
    other_type: str | None = None
    for statement in _KINDS if given else ():
        found = connection.execute(statement, names).all()
        fitting = [row for row in found if order_type in (None, row[1])]
        if len(fitting) == 1:
            order_id: str = fitting[0][0]
            return order_id
        if fitting:
            several = _listed([_described(*row) for row in fitting], len(fitting))
            raise Refused(f"{given!r} names {len(fitting)} orders, write one's id: {several}")
        if found and other_type is None:
            other_type = _kind(found[0][1])
    if other_type is not None:
        wanted = "purchase" if other_type == "sales" else "sales"
        raise Refused(f"{given} is a {other_type} order; a {wanted} order is needed here")
    raise UnknownId(f"there is no order {given!r}: look it up with preorder-tui find")


def line(connection: Connection, clock: Clock, text: str) -> LineId:
    """The existing line that ``text`` (ORDER/ITEM) names; ORDER as for :func:`order`.

    Raises:
        WrongUsage: it is not written so.
        UnknownId: there is no such order, or it has no such item (those it has are named).
        Refused: several orders are named so.
    """
    given = parse_line(text)
    order_id = order(connection, clock, given.order_id)
    items = list(connection.execute(_ITEMS, {"order_id": order_id}).scalars())
    if given.order_item_seq_id not in items:
        has = f"has {_listed(items[:_SHOWN], len(items))}" if items else "has no items"
        raise UnknownId(
            f"order {clean(given.order_id)} has no item {given.order_item_seq_id}: it {has}"
        )
    return LineId(order_id, given.order_item_seq_id)


def sales_line(connection: Connection, clock: Clock, line: LineId) -> LineId:
    """The same line, which exists and is one of a sales order.

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a purchase order.
    """
    return line_state.sales_line(connection, line).line


def purchase_line(connection: Connection, clock: Clock, line: LineId) -> LineId:
    """The same line, which exists and is one of a purchase order.

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    return line_state.purchase_line(connection, line).line


def _kind(order_type_id: str) -> str:
    return "purchase" if order_type_id == PURCHASE_ORDER else "sales"


def _described(order_id: str, order_type_id: str, name: str | None, external_id: str | None) -> str:
    also = ", ".join(filter(None, (clean_or_empty(name), clean_or_empty(external_id))))
    return f"{order_id} ({_kind(order_type_id)} order{', ' if also else ''}{also})"


def _listed(texts: list[str], total: int) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return shown if total <= _SHOWN else f"{shown} and {total - _SHOWN} more"
