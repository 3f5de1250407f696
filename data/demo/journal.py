"""The demo's history: change sets by slot, written in the order in which they happened.

An event may be told before its day has come (a purchase order's cancellation takes the allocations
of orders that are still to be placed), so change sets wait as drafts until their day is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from data.demo.batches import Batch, Heap, Row
from data.demo.story_time import PHASES, StoryTime

DESK_USERS = ("ana", "bogdan", "chen")
NIGHTLY_USER = "demo"

UPDATE, APPEND, CANCEL, DATE = (
    "ODR_ITM_UPDATE", "ODR_ITM_APPEND", "ODR_ITM_CANCEL", "ITM_DLVRYDATE_CHNGD",
)  # fmt: skip


class Line(NamedTuple):
    """A line's key."""

    order_id: str
    seq: str

    def __str__(self) -> str:
        return f"{self.order_id}/{self.seq}"


class Draft:
    """A change set that waits for its day; ``rows`` lack only their ids."""

    __slots__ = ("closed", "command", "comments", "reason", "rows", "user")

    def __init__(self, command: str, user: str, comments: str | None, reason: str | None) -> None:
        self.command, self.user, self.comments, self.reason = command, user, comments, reason
        self.rows: list[Row] = []
        self.closed = False

    def allocation(self, sales: tuple[str, str], purchase: Line, old: int, new: int) -> None:
        """The units of ``purchase`` that ``sales`` has went from ``old`` to ``new``."""
        self.rows.append((*sales, *purchase, UPDATE, "allocation", str(old), str(new), None))

    def promise(self, sales: tuple[str, str], old: str | None, new: str) -> None:
        """The promise date of a sales order line changed."""
        self.rows.append((*sales, None, None, DATE, "promisedDatetime", old, new, None))

    def arrival(self, purchase: Line, old: str, new: str) -> None:
        """The arrival date of a purchase order line changed."""
        self.rows.append((*purchase, None, None, DATE, "estimatedDeliveryDate", old, new, None))

    def append(self, line: Line, quantity: int) -> None:
        """The line was added to its order later."""
        self.rows.append((*line, None, None, APPEND, "quantity", None, str(quantity), None))

    def cancel(self, line: tuple[str, str], units: int, *, whole: bool) -> None:
        """Units of the line were cancelled, or the whole line with its status."""
        if whole:
            self.rows.append(
                (*line, None, None, CANCEL, "statusId", "ITEM_APPROVED", "ITEM_CANCELLED",
                 self.reason)
            )  # fmt: skip
        self.rows.append(
            (*line, None, None, CANCEL, "cancelQuantity", "0", str(units), self.reason)
        )

    def cancel_order(self, order_id: str) -> None:
        """All lines of the order were cancelled, and it with them; told once."""
        if not self.closed:
            self.closed = True
            self.rows.append(
                (order_id, None, None, None, CANCEL, "statusId", "ORDER_APPROVED",
                 "ORDER_CANCELLED", self.reason)
            )  # fmt: skip


class Journal:
    """Collects drafts and makes rows of CHANGE_SET and ORDER_ITEM_CHANGE of them."""

    def __init__(self, time: StoryTime) -> None:
        self._time = time
        self._sets = Heap(
            "CHANGE_SET",
            "CHANGE_SET_ID CHANGE_DATETIME CHANGE_USER_LOGIN ORIGIN COMMAND CHANGE_COMMENTS"
            " CHANGE_COUNT",
        )
        self._changes = Heap(
            "ORDER_ITEM_CHANGE",
            "ORDER_ITEM_CHANGE_ID CHANGE_SET_ID ORDER_ID ORDER_ITEM_SEQ_ID TO_ORDER_ID"
            " TO_ORDER_ITEM_SEQ_ID CHANGE_TYPE_ENUM_ID FIELD OLD_VALUE NEW_VALUE REASON_ENUM_ID",
        )
        self._drafts: dict[int, dict[object, Draft]] = {}
        self._set_id = 0
        self._change_id = 0

    def draft(
        self,
        at: int,
        key: object,
        command: str = "",
        *,
        user: str = NIGHTLY_USER,
        comments: str | None = None,
        reason: str | None = None,
    ) -> Draft:
        """The change set ``key`` of the slot ``at``, begun with the rest when it is not there."""
        of_slot = self._drafts.get(at)
        if of_slot is None:
            of_slot = self._drafts[at] = {}
        found = of_slot.get(key)
        if found is None:
            found = of_slot[key] = Draft(command, user, comments, reason)
        return found

    def until(self, day: int) -> Iterator[Batch]:
        """What happened up to the end of ``day``; nothing more may be told of it after."""
        end = (day + 1) * PHASES
        for at in sorted(at for at in self._drafts if at < end):
            drafts = self._drafts.pop(at).values()
            for index, draft in enumerate(drafts):
                self._write(draft, self._time.within_slot(at, index, len(drafts)))
                if self._changes.is_high():
                    yield from self.last()

    def _write(self, draft: Draft, moment: str) -> None:
        if not draft.rows:
            return
        self._set_id += 1
        self._sets.add(
            (self._set_id, moment, draft.user, "demo", draft.command, draft.comments,
             len(draft.rows))
        )  # fmt: skip
        set_id, change_id, add = self._set_id, self._change_id, self._changes.add
        for row in draft.rows:
            change_id += 1
            add((change_id, set_id, *row))
        self._change_id = change_id

    def last(self) -> Iterator[Batch]:
        """What is not yet in a batch, change sets first."""
        yield from self._sets.taken()
        yield from self._changes.taken()
