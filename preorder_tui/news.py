"""What others have changed since somebody looked last: cheap to ask, again and again.

The journal knows. Its newest ids are compared with those known, one by one: on a server a change
set may be committed after one with a higher id, so that the highest id alone would miss it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data.tables import change_set, order_item_change
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.text import clean

REMEMBERED = 100
"""How many ids are compared; more change sets than that between two looks are told as many."""
MOST_ROWS = 2_000
"""Change sets with more rows than that are told without their lines."""

_NEWEST = (
    select(change_set.c.CHANGE_SET_ID).order_by(change_set.c.CHANGE_SET_ID.desc()).limit(REMEMBERED)
)
_rows = order_item_change.c


@dataclass(frozen=True, slots=True)
class NewChangeSet:
    """A change set that was not there at the last look."""

    change_set_id: int
    user: str
    changed_at: datetime
    command: str
    change_count: int


@dataclass(frozen=True, slots=True)
class News:
    """What came between two looks.

    Attributes:
        known: the newest ids of the journal, for the next look.
        change_sets: the new ones, the oldest first.
        lines: the order lines they changed; None: too many to say.
        orders: the orders of these lines; None: too many to say.
        put_back: the journal is shorter than it was: a backup has been restored.
    """

    known: frozenset[int]
    change_sets: tuple[NewChangeSet, ...] = ()
    lines: frozenset[LineId] | None = frozenset()
    orders: frozenset[str] | None = frozenset()
    put_back: bool = False

    def __bool__(self) -> bool:
        return bool(self.change_sets) or self.put_back

    def joined_to(self, earlier: News | None) -> News:
        """These and earlier ones together."""
        if not earlier:
            return self
        return News(
            self.known,
            (*earlier.change_sets, *self.change_sets),
            None if earlier.lines is None or self.lines is None else earlier.lines | self.lines,
            None if earlier.orders is None or self.orders is None else earlier.orders | self.orders,
            earlier.put_back or self.put_back,
        )

    def concerns(self, order_ids: Iterable[str]) -> bool:
        """Whether one of these orders may have changed."""
        return self.put_back or self.orders is None or not self.orders.isdisjoint(order_ids)


def since(connection: Connection, clock: Clock, known: frozenset[int] | None) -> News:
    """What is new to whoever knows the ids ``known``; None: everything is known already."""
    newest = frozenset(connection.execute(_NEWEST).scalars())
    if known is None or newest == known:
        return News(newest)
    if known and max(newest, default=0) < max(known):
        return News(newest, lines=None, orders=None, put_back=True)
    # What is older than all that is compared has only been pushed out of the comparison.
    oldest = min(known) if len(known) >= REMEMBERED else 0
    ids = sorted(one for one in newest - known if one > oldest)
    found = connection.execute(
        select(
            change_set.c.CHANGE_SET_ID,
            change_set.c.CHANGE_USER_LOGIN,
            change_set.c.CHANGE_DATETIME,
            change_set.c.COMMAND,
            change_set.c.CHANGE_COUNT,
        )
        .where(change_set.c.CHANGE_SET_ID.in_(ids))
        .order_by(change_set.c.CHANGE_SET_ID)
    ).all()
    change_sets = tuple(
        NewChangeSet(number, clean(user), clock.local(moment), clean(command), count)
        for number, user, moment, command, count in found
    )
    if sum(one.change_count for one in change_sets) > MOST_ROWS or len(ids) == REMEMBERED:
        return News(newest, change_sets, None, None)
    lines: set[LineId] = set()
    orders: set[str] = set()
    for order_id, item, to_order_id, to_item in connection.execute(
        select(
            _rows.ORDER_ID, _rows.ORDER_ITEM_SEQ_ID, _rows.TO_ORDER_ID, _rows.TO_ORDER_ITEM_SEQ_ID
        ).where(_rows.CHANGE_SET_ID.in_(ids))
    ):
        orders.add(order_id)
        if item is not None:
            lines.add(LineId(order_id, item))
        if to_order_id is not None:
            orders.add(to_order_id)
            lines.add(LineId(to_order_id, to_item))
    return News(newest, change_sets, frozenset(lines), frozenset(orders))


def sentence(news: News, own: str) -> str:
    """Who changed how much and when, in one line; ``own`` is who reads it."""
    if not news.change_sets:
        return "The database was put back to an earlier state: everything is read again."
    people = list(dict.fromkeys(one.user for one in news.change_sets))
    who = ", ".join("you, elsewhere," if one == own else one for one in people[:2])
    if len(people) > 2:
        who += f" and {len(people) - 2:,} more"
    first, last = news.change_sets[0], news.change_sets[-1]
    if news.lines:
        what = f"{len(news.lines):,} line{'s' * (len(news.lines) != 1)}"
    else:
        rows = sum(one.change_count for one in news.change_sets)
        what = f"{rows:,} row{'s' * (rows != 1)}" if rows else "who may do what"
    sets = f"change set {first.change_set_id}"
    if last is not first:
        sets = f"change sets {first.change_set_id} to {last.change_set_id}"
    text = f"{who} changed {what} ({sets}) {last.changed_at:%H:%M}."
    return text[0].upper() + text[1:] if people[0] == own else text
