"""The filters of Find Sales Order, as conditions with named parameters.

A statement depends only on the *shape* of a query: which filters are set and how many words are
searched for. The values are its parameters, so that each shape's statements are built once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    tuple_,
    union_all,
)

from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    order_role,
    party,
    product,
)
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.customers import PLACING_CUSTOMER
from preorder_tui.query_hints import in_list, not_by_index
from preorder_tui.records import SalesOrderQuery
from preorder_tui.site_days import first_moment, moment_after
from preorder_tui.text import clean
from preorder_tui.text_search import contains, pattern_parameters, patterns
from preorder_tui.words import SALES_ORDER

Condition = ColumnElement[bool]
Along = frozenset[str] | None

_HEADER_FILTERS = (
    "statuses",
    "product_store_id",
    "sales_channel_enum_id",
    "ordered_from",
    "ordered_to",
)
_LINE_FILTERS = (
    "item_statuses",
    "facility_ids",
    "shipment_method_type_id",
    "promised_from",
    "promised_to",
    "auto_cancel_from",
    "auto_cancel_to",
    "without_promise",
    "before_arrival",
    "overdue",
    "purchase_order_id",
    "product_id",
)
# Filters that find few lines, by an index of their own.
_SELECTIVE = {"purchase_order_id", "product_id"}
_OF_SHIP_GROUP = {"facility_ids", "shipment_method_type_id", "unallocated", "partly", "allocated"}


Products = Literal["none", "listed", "many"]
"""The products with a word: there are none, the parameter ``products_N`` lists them, or too many"""


@dataclass(frozen=True)
class Shape:
    """Which filters a query sets, and of each word searched for, how many spellings."""

    header: tuple[str, ...]
    line: tuple[str, ...]
    words: tuple[int, ...]
    # On SQLite: what is known of the products that have each word. Elsewhere nothing.
    products: tuple[Products, ...] = ()
    # On SQLite: whether the orders are given, in the parameter ``orders``, and come from nowhere
    # else; see preorder_tui.sales_order_ways.
    given: bool = False


def shape_of(query: SalesOrderQuery) -> Shape:
    """The shape of ``query``."""
    line = [name for name in _LINE_FILTERS if getattr(query, name)]
    if query.allocation != "any":
        line.append(query.allocation)
    return Shape(
        tuple(name for name in _HEADER_FILTERS if getattr(query, name)),
        tuple(line),
        tuple(map(len, patterns(query.text))),
    )


def parameters(clock: Clock, query: SalesOrderQuery) -> dict[str, Any]:
    """The values of ``query`` for the statements of its shape."""
    values: dict[str, Any] = dict(pattern_parameters(query.text))
    for name in ("statuses", "item_statuses", "facility_ids"):
        if given := getattr(query, name):
            values[name] = [clean(value) for value in given]
    for name in (
        "product_store_id",
        "sales_channel_enum_id",
        "shipment_method_type_id",
        "purchase_order_id",
        "product_id",
    ):
        if given := getattr(query, name):
            values[name] = clean(given)
    for name in ("ordered", "promised", "auto_cancel"):
        if start := getattr(query, f"{name}_from"):
            values[f"{name}_from"] = first_moment(clock, start)
        if end := getattr(query, f"{name}_to"):
            values[f"{name}_to"] = moment_after(clock, end)
    if query.overdue:
        values["start_of_today"] = clock.start_of(clock.today())
    return values


def order_conditions(
    shape: Shape, *, by_lines: bool = False, along: Along = None
) -> list[Condition]:
    """The conditions for an order to be listed: its own, and those that one of its lines meets.

    Args:
        shape: which filters there are.
        by_lines: the statement comes to the orders from their lines, not from their index.
        along: the filters by a day that the statement may begin or end its walk with. The others
            only look at what the walk finds: of two beginnings SQLite may take the farther one.
            None: all of them.
    """
    header = order_header
    conditions = [*_header_conditions(shape, by_lines=by_lines, along=along), *_narrowing(shape)]
    if not shape.line and not shape.words:
        return conditions
    line = order_item.alias("matching")
    group = order_item_ship_group.alias("matching_group")
    own_text = [_in_header(shape, word, count) for word, count in enumerate(shape.words)]
    if not shape.line and set(shape.products) == {"none"}:
        return [*conditions, *own_text]
    if shape.line or len(shape.words) > 1:
        wanted = _line_conditions(shape, line, group)
    else:
        # The one word is looked for in the order itself below, so here only in its lines.
        wanted = [_in_product(shape, line, 0, shape.words[0])]
    of_line: Select[Any] = (
        select(line.c.ORDER_ID)
        .where(line.c.ORDER_ID == header.c.ORDER_ID, *wanted)
        .correlate(header)
    )
    if _OF_SHIP_GROUP.intersection(shape.line):
        of_line = of_line.join_from(line, group, rules.in_ship_group(line, group))
    one_matches = exists(of_line)
    if shape.line:
        return [*conditions, one_matches]
    # An order found by its own text needs no line to be found by.
    return [*conditions, or_(and_(*own_text), one_matches)]


def line_conditions(
    shape: Shape, *, by_lines: bool = False, along: Along = None
) -> list[Condition]:
    """The conditions for a line to be listed: its order's and its own (arguments as above)."""
    return [
        *_header_conditions(shape, by_lines=by_lines, along=along),
        *_narrowing(shape),
        *_line_conditions(shape, order_item, order_item_ship_group, by_lines=by_lines, along=along),
    ]


_OF_LINE_ALONE = {
    "item_statuses",
    "promised_from",
    "promised_to",
    "auto_cancel_from",
    "auto_cancel_to",
    "without_promise",
    "before_arrival",
    "overdue",
    "product_id",
}


def own_conditions(shape: Shape) -> list[Condition]:
    """What can be said of a line whose order is known from ORDER_ITEM alone: a part of its
    conditions."""
    alone = tuple(name for name in shape.line if name in _OF_LINE_ALONE)
    part = Shape((), alone, (), given=True)
    conditions = _line_conditions(part, order_item, order_item_ship_group)
    if "purchase_order_id" in shape.line:
        line = map(not_by_index, (order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID))
        conditions.append(tuple_(*line).in_(lines_of_purchase_order()))
    allocated = order_item.c.ALLOCATED_QUANTITY
    if "unallocated" in shape.line:
        conditions.append(allocated == 0)
    if "partly" in shape.line:
        conditions.append(rules.has_open_units(order_item))
    if "partly" in shape.line or "allocated" in shape.line:
        conditions.append(allocated > 0)
    return conditions


def _header_conditions(shape: Shape, *, by_lines: bool, along: Along) -> list[Condition]:
    column = order_header.c
    kind: ColumnElement[str] = column.ORDER_TYPE_ID
    store: ColumnElement[str] = column.PRODUCT_STORE_ID
    channel: ColumnElement[str | None] = column.SALES_CHANNEL_ENUM_ID
    if by_lines or shape.given or _SELECTIVE.intersection(shape.line):
        kind = not_by_index(kind)
        store, channel = not_by_index(store), not_by_index(channel)
    conditions = [kind == SALES_ORDER]

    def dated(name: str) -> ColumnElement[datetime]:
        return column.ORDER_DATE if _walks(shape, along, name) else not_by_index(column.ORDER_DATE)

    known: dict[str, Condition] = {
        "statuses": column.STATUS_ID.in_(_several("statuses")),
        "product_store_id": store == _text("product_store_id"),
        "sales_channel_enum_id": channel == _text("sales_channel_enum_id"),
        "ordered_from": dated("ordered_from") >= _moment("ordered_from"),
        "ordered_to": dated("ordered_to") < _moment("ordered_to"),
    }
    return conditions + [known[name] for name in shape.header]


def _narrowing(shape: Shape) -> list[Condition]:
    """What the filters that find few lines say of the order: a way in that reads only those."""
    conditions: list[Condition] = []
    order_id = order_header.c.ORDER_ID
    if shape.given:
        return [in_list(order_id, "orders")]
    if "purchase_order_id" in shape.line:
        lines = lines_of_purchase_order().subquery("linked_lines")
        conditions.append(order_id.in_(select(lines.c.ORDER_ID)))
    if "product_id" in shape.line:
        item = order_item.alias("of_product")
        of_product = select(item.c.ORDER_ID).where(item.c.PRODUCT_ID == _text("product_id"))
        conditions.append(order_id.in_(of_product))
    return conditions


def _walks(shape: Shape, along: Along, name: str) -> bool:
    return not shape.given and (along is None or name in along)


def _line_conditions(
    shape: Shape,
    line: FromClause,
    group: FromClause,
    *,
    by_lines: bool = False,
    along: Along = None,
) -> list[Condition]:
    column, header = line.c, order_header
    # Where the order is known its lines are read by it, never by what they have.
    of_order = shape.given or line is not order_item
    sold = not_by_index(column.PRODUCT_ID) if of_order else column.PRODUCT_ID
    place = not_by_index(group.c.FACILITY_ID) if of_order or by_lines else group.c.FACILITY_ID
    method = not_by_index(group.c.SHIPMENT_METHOD_TYPE_ID)

    def promised(name: str) -> ColumnElement[datetime]:
        own: ColumnElement[datetime] = column.PROMISED_DATETIME
        return own if _walks(shape, along, name) else not_by_index(own)

    def cancelled(name: str) -> ColumnElement[datetime]:
        own: ColumnElement[datetime] = column.AUTO_CANCEL_DATE
        return own if _walks(shape, along, name) else not_by_index(own)

    known: dict[str, Condition] = {
        "item_statuses": column.STATUS_ID.in_(_several("item_statuses")),
        "facility_ids": place.in_(_several("facility_ids")),
        "shipment_method_type_id": method == _text("shipment_method_type_id"),
        "promised_from": promised("promised_from") >= _moment("promised_from"),
        "promised_to": promised("promised_to") < _moment("promised_to"),
        "auto_cancel_from": cancelled("auto_cancel_from") >= _moment("auto_cancel_from"),
        "auto_cancel_to": cancelled("auto_cancel_to") < _moment("auto_cancel_to"),
        "without_promise": promised("without_promise").is_(None),
        "before_arrival": rules.before_arrival(line),
        "overdue": and_(_moment("start_of_today") > promised("overdue"), rules.not_closed(line)),
        "purchase_order_id": tuple_(column.ORDER_ID, column.ORDER_ITEM_SEQ_ID).in_(
            lines_of_purchase_order()
        ),
        "product_id": sold == _text("product_id"),
        "unallocated": rules.unallocated(header, line, group),
        "partly": rules.partly(header, line, group),
        "allocated": rules.allocated(header, line, group),
    }
    return [
        *(known[name] for name in shape.line),
        *(
            _in_header(shape, word, count)
            if shape.products and shape.products[word] == "none"
            else or_(_in_header(shape, word, count), _in_product(shape, line, word, count))
            for word, count in enumerate(shape.words)
        ),
    ]


def lines_of_purchase_order() -> Any:
    """Sales order lines allocated to the order, and cancelled ones that were (R-111)."""
    item = order_item.alias("linked")
    return union_all(
        select(order_item_assoc.c.ORDER_ID, order_item_assoc.c.ORDER_ITEM_SEQ_ID).where(
            order_item_assoc.c.TO_ORDER_ID == _text("purchase_order_id")
        ),
        select(item.c.ORDER_ID, item.c.ORDER_ITEM_SEQ_ID).where(
            item.c.CORRESPONDING_PO_ID == _text("purchase_order_id")
        ),
    )


def _in_header(shape: Shape, word: int, spellings: int) -> Condition:
    column = order_header.c
    named = contains(party.c.PARTY_NAME, word, spellings)
    of_customer: Condition
    if shape.products:  # few orders are looked at, so each asks for its own customer
        of_customer = exists(
            select(party.c.PARTY_ID)
            .join_from(order_role, party, party.c.PARTY_ID == order_role.c.PARTY_ID)
            .where(
                order_role.c.ORDER_ID == column.ORDER_ID,
                order_role.c.ROLE_TYPE_ID == PLACING_CUSTOMER,
                named,
            )
            .correlate(order_header)
        )
    else:
        people = select(party.c.PARTY_ID).where(named)
        theirs = select(order_role.c.ORDER_ID).where(
            order_role.c.ROLE_TYPE_ID == PLACING_CUSTOMER, order_role.c.PARTY_ID.in_(people)
        )
        of_customer = column.ORDER_ID.in_(theirs)
    return or_(
        contains(column.ORDER_ID, word, spellings),
        contains(column.ORDER_NAME, word, spellings),
        contains(column.EXTERNAL_ID, word, spellings),
        of_customer,
    )


def product_has(word: int, spellings: int) -> Condition:
    """Whether a row of PRODUCT has the word in its SKU or name."""
    return or_(
        contains(product.c.INTERNAL_NAME, word, spellings),
        contains(product.c.PRODUCT_NAME, word, spellings),
    )


def _in_product(shape: Shape, line: FromClause, word: int, spellings: int) -> Condition:
    known = shape.products[word] if shape.products else None
    if known == "none":
        return false()
    if known == "listed":
        return in_list(not_by_index(line.c.PRODUCT_ID), f"products_{word}")
    having = select(product.c.PRODUCT_ID).where(product_has(word, spellings))
    if known == "many":
        return exists(having.where(product.c.PRODUCT_ID == line.c.PRODUCT_ID).correlate(line))
    return line.c.PRODUCT_ID.in_(having)


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


def _moment(name: str) -> Any:
    return bindparam(name, type_=DateTime)
