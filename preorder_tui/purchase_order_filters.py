"""The filters of Find Purchase Orders, as conditions with named parameters (see
:mod:`preorder_tui.sales_order_filters` for why), and the numbers that lists derive of a line.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ScalarSelect,
    String,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)

from data.sqlite_indexes import IS_SALE
from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    product,
    product_assoc,
)
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock, parse_date
from preorder_tui.marks import OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.purchase_line_rules import is_late
from preorder_tui.query_hints import in_list, in_list_of_lines, not_by_index, on_sqlite
from preorder_tui.records import PurchaseGrouping, PurchaseOrderQuery
from preorder_tui.site_days import first_moment, moment_after
from preorder_tui.text import clean
from preorder_tui.text_search import contains, pattern_parameters, patterns
from preorder_tui.words import PRESELL_PARKINGS, PURCHASE_ORDER

Condition = ColumnElement[bool]

_FILTERS = (
    "statuses",
    "item_statuses",
    "facility_id",
    "arrival_from",
    "arrival_to",
    "late",
    "has_atp",
    "out_of_sync",
)

_sales_item = order_item.alias("sales_item")
_sales_header = order_header.alias("sales_header")
_sales_group = order_item_ship_group.alias("sales_group")

# Sales order lines of the outer purchase order line that sync would change.
out_of_sync_links = (
    order_item_assoc.join(
        _sales_item,
        and_(
            _sales_item.c.ORDER_ID == order_item_assoc.c.ORDER_ID,
            _sales_item.c.ORDER_ITEM_SEQ_ID == order_item_assoc.c.ORDER_ITEM_SEQ_ID,
        ),
    )
    .join(_sales_header, _sales_header.c.ORDER_ID == _sales_item.c.ORDER_ID)
    .join(_sales_group, rules.in_ship_group(_sales_item, _sales_group))
)
is_out_of_sync = and_(
    rules.out_of_sync(_sales_item), rules.waits(_sales_header, _sales_item, _sales_group)
)

OUT_OF_SYNC_COUNTS = (
    select(order_item_assoc.c.TO_ORDER_ID, order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID, func.count())
    .select_from(out_of_sync_links)
    .where(
        # SQLite finds rows in an index by a list of orders, not by a list of pairs.
        order_item_assoc.c.TO_ORDER_ID.in_(bindparam("orders", expanding=True)),
        tuple_(order_item_assoc.c.TO_ORDER_ID, order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID).in_(
            bindparam("lines", expanding=True)
        ),
        is_out_of_sync,
    )
    .group_by(order_item_assoc.c.TO_ORDER_ID, order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID)
)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


# On SQLite: the sales order line of an allocation ``a``, for its ship group. Most lines of one
# purchase order lie side by side in an index; the key of a line that was found there becomes null,
# and a null is not looked up.
LINE_OF_LINK = """ LEFT JOIN "ORDER_ITEM" kept INDEXED BY "ORDER_ITEM_OF_PURCHASE_ORDER_IX"
 ON kept."CORRESPONDING_PO_ID" = a."TO_ORDER_ID" AND kept."ORDER_ID" = a."ORDER_ID"
 AND kept."ORDER_ITEM_SEQ_ID" = a."ORDER_ITEM_SEQ_ID"
 LEFT JOIN "ORDER_ITEM" line
 ON line."ORDER_ID" = CASE WHEN kept."ORDER_ID" IS NULL THEN a."ORDER_ID" END
 AND line."ORDER_ITEM_SEQ_ID" = a."ORDER_ITEM_SEQ_ID"
"""
ITS_SHIP_GROUP = """g."ORDER_ID" = a."ORDER_ID"
 AND g."SHIP_GROUP_SEQ_ID" = coalesce(kept."SHIP_GROUP_SEQ_ID", line."SHIP_GROUP_SEQ_ID")"""

# Those out of sync, on SQLite. They are few; an index that has only these says so of a line without
# reading it.
_ORDER_OF_LINE = f"""
 CROSS JOIN "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"
 ON h."ORDER_ID" = s."ORDER_ID" AND h.{IS_SALE}
"""
_CHANGES_BY_SYNC = f"""
 s."RECEIVED_QUANTITY" IS NULL AND s."ESTIMATED_DELIVERY_DATE" IS NOT NULL
 AND (s."PROMISED_DATETIME" IS NULL OR s."PROMISED_DATETIME" <> s."ESTIMATED_DELIVERY_DATE")
 AND s."STATUS_ID" IN ({_listed(OPEN_ITEM_STATUSES)})
 AND h."STATUS_ID" IN ({_listed(OPEN_ORDER_STATUSES)})
 AND g."FACILITY_ID" IN ({_listed(PRESELL_PARKINGS)})"""
_LINKS_ON_SQLITE = f"""
 FROM "ORDER_ITEM_ASSOC" a
 CROSS JOIN "ORDER_ITEM" s INDEXED BY "ORDER_ITEM_OUT_OF_SYNC_IX"
 ON s."ORDER_ID" = a."ORDER_ID" AND s."ORDER_ITEM_SEQ_ID" = a."ORDER_ITEM_SEQ_ID"
{_ORDER_OF_LINE}{LINE_OF_LINK} CROSS JOIN "ORDER_ITEM_SHIP_GROUP" g ON {ITS_SHIP_GROUP}
 WHERE {_CHANGES_BY_SYNC}"""

OUT_OF_SYNC_COUNTS_ON_SQLITE = text(
    f"""SELECT a."TO_ORDER_ID", a."TO_ORDER_ITEM_SEQ_ID", count(*){_LINKS_ON_SQLITE}
 AND a."TO_ORDER_ID" IN :orders AND (a."TO_ORDER_ID", a."TO_ORDER_ITEM_SEQ_ID") IN :lines
 GROUP BY 1, 2"""
).bindparams(bindparam("orders", expanding=True), bindparam("lines", expanding=True))
_IS_OUT_OF_SYNC_ON_SQLITE = f"""EXISTS (SELECT 1{_LINKS_ON_SQLITE}
 AND a."TO_ORDER_ID" = "ORDER_ITEM"."ORDER_ID"
 AND a."TO_ORDER_ITEM_SEQ_ID" = "ORDER_ITEM"."ORDER_ITEM_SEQ_ID")"""
# All of them at once, from the index of those: for who reads most purchase order lines.
_AMONG_OUT_OF_SYNC_ON_SQLITE = f"""("ORDER_ITEM"."ORDER_ID", "ORDER_ITEM"."ORDER_ITEM_SEQ_ID") IN
 (SELECT a."TO_ORDER_ID", a."TO_ORDER_ITEM_SEQ_ID"
 FROM "ORDER_ITEM" s INDEXED BY "ORDER_ITEM_OUT_OF_SYNC_IX"{_ORDER_OF_LINE}
 CROSS JOIN "ORDER_ITEM" line
 ON line."ORDER_ID" = s."ORDER_ID" AND line."ORDER_ITEM_SEQ_ID" = s."ORDER_ITEM_SEQ_ID"
 CROSS JOIN "ORDER_ITEM_SHIP_GROUP" g
 ON g."ORDER_ID" = s."ORDER_ID" AND g."SHIP_GROUP_SEQ_ID" = line."SHIP_GROUP_SEQ_ID"
 CROSS JOIN "ORDER_ITEM_ASSOC" a
 ON a."ORDER_ID" = s."ORDER_ID" AND a."ORDER_ITEM_SEQ_ID" = s."ORDER_ITEM_SEQ_ID"
 WHERE {_CHANGES_BY_SYNC})"""


@dataclass(frozen=True)
class Shape:
    """Which filters a query sets, the words it searches for, and the grouping of an open group."""

    filters: tuple[str, ...]
    words: tuple[int, ...]
    group: PurchaseGrouping | None
    group_is_empty: bool
    # On SQLite: the purchase orders are given, in the parameter ``orders``, or the lines, in
    # ``lines`` (see preorder_tui.purchase_order_ways).
    given: Literal["", "orders", "lines"] = ""
    # On SQLite: of each word, whether the products that have it are listed, in the parameter
    # ``products_N``.
    listed: tuple[bool, ...] = ()
    # On SQLite: many lines arrive in the days asked for, so in another order these are no way.
    many_arrive: bool = False
    # On SQLite: most purchase order lines are read anyway.
    reads_most: bool = False


def shape_of(query: PurchaseOrderQuery) -> Shape:
    """The shape of ``query``."""
    opened = query.group is not None and query.grouping != "item"
    return Shape(
        tuple(name for name in _FILTERS if getattr(query, name)),
        tuple(map(len, patterns(query.text))),
        query.grouping if opened else None,
        opened and not query.group,
    )


def parameters(clock: Clock, query: PurchaseOrderQuery) -> dict[str, Any]:
    """The values of ``query`` for the statements of its shape.

    Raises:
        WrongUsage: the group of the grouping by arrival date is no date.
    """
    values: dict[str, Any] = dict(pattern_parameters(query.text))
    for name in ("statuses", "item_statuses"):
        if given := getattr(query, name):
            values[name] = [clean(value) for value in given]
    if query.facility_id:
        values["facility_id"] = clean(query.facility_id)
    if query.arrival_from:
        values["arrival_from"] = first_moment(clock, query.arrival_from)
    if query.arrival_to:
        values["arrival_to"] = moment_after(clock, query.arrival_to)
    if query.late:
        values["start_of_today"] = clock.start_of(clock.today())
    if query.group and query.grouping == "arrival date":
        day = parse_date(query.group, "the arrival date of the group")
        values["group_from"] = first_moment(clock, day)
        values["group_to"] = moment_after(clock, day)
    elif query.group and query.grouping != "item":
        values["group"] = clean(query.group)
    return values


def conditions(
    shape: Shape, *, of_header: bool = True, hidden: Collection[str] = ()
) -> list[Condition]:
    """The conditions for a purchase order line to be listed, over ORDER_ITEM, its ORDER_HEADER and
    ORDER_ITEM_SHIP_GROUP.

    Args:
        shape: which filters there are.
        of_header: whether the statement reads ORDER_HEADER; if not, no filter may ask for it.
        hidden: the filters that a walk must not begin with: it has a nearer beginning.
    """
    item, header, group = order_item.c, order_header.c, order_item_ship_group.c

    def own(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return not_by_index(column) if name in hidden else column

    known: dict[str, Condition] = {
        "statuses": header.STATUS_ID.in_(bindparam("statuses", expanding=True)),
        "item_statuses": item.STATUS_ID.in_(bindparam("item_statuses", expanding=True)),
        "facility_id": not_by_index(group.FACILITY_ID) == _text("facility_id"),
        "arrival_from": own("arrival_from", item.ESTIMATED_DELIVERY_DATE)
        >= _moment("arrival_from"),
        "arrival_to": own("arrival_to", item.ESTIMATED_DELIVERY_DATE) < _moment("arrival_to"),
        "late": is_late(order_item, _moment("start_of_today")),
        "has_atp": own("has_atp", item.AVAILABLE_TO_PROMISE) > 0,
        "out_of_sync": on_sqlite(
            exists(
                select(order_item_assoc.c.ORDER_ID)
                .select_from(out_of_sync_links)
                .where(
                    order_item_assoc.c.TO_ORDER_ID == item.ORDER_ID,
                    order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID == item.ORDER_ITEM_SEQ_ID,
                    is_out_of_sync,
                )
                .correlate(order_item)
            ),
            _AMONG_OUT_OF_SYNC_ON_SQLITE if shape.reads_most else _IS_OUT_OF_SYNC_ON_SQLITE,
        ),
    }
    # Only purchase order lines have received units; said so, the index by arrival can be used.
    found: list[Condition] = [item.RECEIVED_QUANTITY.is_not(None)]
    if of_header:
        found.append(not_by_index(header.ORDER_TYPE_ID) == PURCHASE_ORDER)
    if shape.given == "orders":
        found.append(in_list(item.ORDER_ID, "orders"))
    elif shape.given == "lines":
        found.append(in_list_of_lines(item.ORDER_ID, item.ORDER_ITEM_SEQ_ID, "lines"))
    found += [known[name] for name in shape.filters]
    found += [_contains(shape, word, spellings) for word, spellings in enumerate(shape.words)]
    if shape.group is not None:
        found.append(_in_group(shape.group, empty=shape.group_is_empty))
    return found


def parent_of_item() -> ScalarSelect[str | None]:
    """The parent product's id of the outer ORDER_ITEM row; null when the product has none."""
    return (
        select(func.min(product_assoc.c.PRODUCT_ID))
        .where(
            product_assoc.c.PRODUCT_ID_TO == order_item.c.PRODUCT_ID,
            product_assoc.c.PRODUCT_ASSOC_TYPE_ID == "PRODUCT_VARIANT",
        )
        .correlate(order_item)
        .scalar_subquery()
    )


def order_has(word: int, spellings: int) -> Condition:
    """Whether a purchase order has the word in one of its ids."""
    return or_(
        contains(order_header.c.ORDER_ID, word, spellings),
        contains(order_header.c.EXTERNAL_ID, word, spellings),
    )


def _contains(shape: Shape, word: int, spellings: int) -> Condition:
    if shape.listed and shape.listed[word]:
        listed = in_list(not_by_index(order_item.c.PRODUCT_ID), f"products_{word}")
        return or_(order_has(word, spellings), listed)
    return or_(
        order_has(word, spellings),
        order_item.c.PRODUCT_ID.in_(
            select(product.c.PRODUCT_ID).where(
                or_(
                    contains(product.c.INTERNAL_NAME, word, spellings),
                    contains(product.c.PRODUCT_NAME, word, spellings),
                )
            )
        ),
    )


def _in_group(grouping: PurchaseGrouping, *, empty: bool) -> Condition:
    item = order_item.c
    if grouping == "arrival date":
        if empty:
            return item.ESTIMATED_DELIVERY_DATE.is_(None)
        return and_(
            item.ESTIMATED_DELIVERY_DATE >= _moment("group_from"),
            item.ESTIMATED_DELIVERY_DATE < _moment("group_to"),
        )
    if grouping == "facility" and empty:
        return order_item_ship_group.c.FACILITY_ID.is_(None)
    column: ColumnElement[Any] = {
        "purchase order": item.ORDER_ID,
        "product": item.PRODUCT_ID,
        "parent product": func.coalesce(parent_of_item(), item.PRODUCT_ID),
        "facility": not_by_index(order_item_ship_group.c.FACILITY_ID),
    }[grouping]
    # An empty group of another grouping cannot be: its key is never null. It finds nothing.
    wanted: Any = "" if empty else _text("group")
    found: Condition = column == wanted
    if grouping != "parent product":
        return found
    # Its products, or itself: said so, their lines are found by an index.
    variants: Any = select(product_assoc.c.PRODUCT_ID_TO).where(
        product_assoc.c.PRODUCT_ID == wanted
    )
    own = or_(item.PRODUCT_ID.in_(variants), item.PRODUCT_ID == wanted)
    return and_(own, found)


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


def _moment(name: str) -> Any:
    return bindparam(name, type_=DateTime)
