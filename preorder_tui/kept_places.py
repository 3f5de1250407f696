"""What is kept of a list from one page to the next, on SQLite: its places, and the way to them.

What few filters and searches let through is gathered before the first page of it can be shown
(:mod:`preorder_tui.sales_order_places`, :mod:`preorder_tui.purchase_order_places`). Who asks for it
goes on to the next page, and the next. So the last places that were gathered stay with their
connection, and as long as nobody has written, a page that lies among them is read from there. And
where a page was found by a walk along its places, after other ways in vain, the next one begins so.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import Connection

from preorder_tui.along_keys import AlongKeys, Gathered, Known, NotKnown
from preorder_tui.paging import Execute
from preorder_tui.query_hints import written

if TYPE_CHECKING:  # the desk starts without the records of purchase orders
    from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery

    Query: TypeAlias = SalesOrderQuery | PurchaseOrderQuery

Result = TypeVar("Result")
Work: TypeAlias = Callable[[Any, Mapping[str, Any], Execute | None], Result]

MOST_KEPT = 20_000
MOST_WALKED = 100
_NAME, _WALKED = "preorder_kept_places", "preorder_walked_pages"


@dataclass(frozen=True)
class _Kept:
    """What was gathered, for what, and when."""

    state: tuple[int, int]
    list_of: tuple[Query, Mapping[str, Any], bool]
    places: Known
    shape: Any
    values: Mapping[str, Any]
    by_line: bool


def page_of(
    connection: Connection,
    query: Query,
    values: Mapping[str, Any],
    work: Work[Result],
    *,
    items: bool,
) -> Result | None:
    """The page that ``work`` reads, if all of its places are kept.

    Args:
        connection: in a read transaction.
        query: what is looked for.
        values: the values of its statements.
        work: reads the page; it is called again if this comes to nothing.
        items: whether it is a page of lines.
    """
    kept: _Kept | None = connection.info.get(_NAME)
    if kept is None or kept.list_of != (query, values, items) or kept.state != written(connection):
        return None
    along = AlongKeys(
        connection, kept.places, descending=query.sort == "orderDate", by_line=kept.by_line
    )
    try:
        return work(kept.shape, kept.values, along)
    except NotKnown:
        return None


def keep(
    connection: Connection,
    query: Query,
    given: Mapping[str, Any],
    places: Gathered,
    shape: Any,
    values: Mapping[str, Any],
    *,
    items: bool,
    by_line: bool = False,
) -> None:
    """Keep what was gathered instead of what is kept.

    Args:
        connection: in the transaction that gathered it.
        query: what is looked for.
        given: the values of its statements.
        places: what was gathered.
        shape: the shape of the statements that read the rows of some orders, or of some lines.
        values: the values of these statements.
        items: whether it is a list of lines.
        by_line: whether those statements are given lines.
    """
    known = places.known(MOST_KEPT)
    if known is not None:
        state, list_of = written(connection), (query, given, items)
        connection.info[_NAME] = _Kept(state, list_of, known, shape, values, by_line)


def seconds_walked(connection: Connection, page: Hashable) -> float | None:
    """The time that the last page of that kind had, say the next of a list, when it was found along
    its places; None: it was not."""
    walked: dict[Hashable, float] = connection.info.get(_WALKED, {})
    return walked.get(page)


def note_walk(connection: Connection, page: Hashable, seconds: float | None) -> None:
    """Note the time in which a page of that kind was found along its places; None: it was not."""
    walked: dict[Hashable, float] = connection.info.setdefault(_WALKED, {})
    walked.pop(page, None)
    if seconds is not None:
        walked[page] = seconds
    if len(walked) > MOST_WALKED:
        del walked[next(iter(walked))]
