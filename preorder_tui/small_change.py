"""A small change of allocations and promise dates, as most are, made ready before it runs.

Many people change the same few lines, and whoever has them locked keeps the others waiting: on
SQLite everybody. So whatever can be done without the lock is done before: which rows are locked and
compared, each statement with its values, the journal's rows. Under the lock nothing is left but to
run them and to look at what they found.

Part of :mod:`preorder_tui.apply`. Each line is written once, with its derived copies: what such a
change may break is the units alone.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, update
from sqlalchemy.exc import IntegrityError

from data.prepared import Bound, Prepared
from data.search_index import no_texts_change
from data.tables import order_item
from preorder_tui import journal
from preorder_tui.actor import Actor
from preorder_tui.by_keys import FEW
from preorder_tui.clock import Clock
from preorder_tui.derived import FewCopies
from preorder_tui.errors import StalePlan
from preorder_tui.lines import LineId
from preorder_tui.moved_units import FewUnits
from preorder_tui.plan import Plan
from preorder_tui.stale import FewVersions

FEW_ROWS = FEW

WRITTEN = {
    "promisedDatetime": "PROMISED_DATETIME",
    "estimatedDeliveryDate": "ESTIMATED_DELIVERY_DATE",
    "quantity": "QUANTITY",
    "cancelQuantity": "CANCEL_QUANTITY",
    "statusId": "STATUS_ID",
    "receivedQuantity": "RECEIVED_QUANTITY",
    "availableToPromise": "ATP_CEILING",
    "correspondingPoId": "CORRESPONDING_PO_ID",
}
"""The column behind each field of a line that is written."""

_KEY = (
    bindparam("b_order") == order_item.c.ORDER_ID,
    bindparam("b_item") == order_item.c.ORDER_ITEM_SEQ_ID,
)


@cache
def update_of(fields: tuple[str, ...]) -> Prepared:
    """The statement that writes some fields of a line, and that the line changed."""
    return Prepared(
        update(order_item)
        .where(*_KEY)
        .values(
            {WRITTEN[field]: bindparam(f"b_{field}") for field in fields}
            | {
                "ROW_VERSION": order_item.c.ROW_VERSION + 1,
                "CHANGE_BY_USER_LOGIN_ID": bindparam("b_user"),
                "LAST_UPDATED_STAMP": bindparam("b_now"),
            }
        )
    )


def values_of(
    line: LineId, fields: dict[str, Any], actor: Actor, now: datetime | None
) -> dict[str, Any]:
    """What :func:`update_of` is run with."""
    return {
        "b_order": line.order_id,
        "b_item": line.order_item_seq_id,
        "b_user": actor.user,
        "b_now": now,
    } | {f"b_{field}": value for field, value in fields.items()}


def is_small(plan: Plan) -> bool:
    """Whether it is a small change of allocations and promise dates alone."""
    changes = plan.changes
    linked = zip(changes.column("to_order_id"), changes.column("to_order_item_seq_id"), strict=True)
    return (
        0 < len(changes) <= FEW_ROWS
        and len(plan.versions.keys() | set(linked)) <= FEW
        and len(plan.order_versions) <= FEW
        and not plan.new_orders
        and not plan.new_lines
        and not plan.communications
        and all(
            field == "allocation" or (field == "promisedDatetime" and item is not None)
            for field, item in zip(
                changes.column("field"), changes.column("order_item_seq_id"), strict=True
            )
        )
    )


class SmallChange:
    """A small plan, made ready for one database; it may be tried again as it is."""

    __slots__ = (
        "_actor",
        "_copies",
        "_entry",
        "_fields",
        "_lines",
        "_plan",
        "_units",
        "_versions",
        "summary",
    )

    def __init__(self, dialect: Dialect, actor: Actor, plan: Plan) -> None:
        """Make ``plan`` ready, which :func:`is_small`."""
        rows = list(plan.changes)
        links = [row for row in rows if row.to_order_id is not None]
        fields: dict[LineId, dict[str, Any]] = {}
        for row in rows:
            if (line := row.line) is not None:
                written = fields.setdefault(line, {})
                if row.to_order_id is None:
                    written[row.field] = row.new
        self._actor, self._plan, self._fields = actor, plan, fields
        self._versions = FewVersions(
            dialect, plan, {to for row in links if (to := row.to_line) is not None}
        )
        self._units = FewUnits(dialect, actor, plan, links) if links else None
        self._copies = FewCopies(dialect, (line for row in links if (line := row.line) is not None))
        self._lines = {line: self._update(dialect, line, new) for line, new in fields.items()}
        self._entry = journal.Entry(dialect, actor, plan)
        self.summary = plan.summary()

    def _update(self, dialect: Dialect, line: LineId, fields: dict[str, Any]) -> Bound:
        return update_of(tuple(sorted(fields))).bound(
            dialect, values_of(line, fields, self._actor, None)
        )

    def write(self, connection: Connection, clock: Clock, reason: str | None, now: datetime) -> int:
        """Check it and write it; returns the id of its change set.

        Raises:
            StalePlan: a line, an order or the units it counts on changed since the plan was made.
        """
        standing = self._versions.check(connection, clock)
        try:
            if self._units is not None:
                self._units.write(connection, now, standing)
            copies = self._copies.differing(connection)
            for line, statement in self._lines.items():
                if line in copies:
                    arrival, order_id = copies[line]
                    fields = self._fields[line] | {
                        "estimatedDeliveryDate": arrival,
                        "correspondingPoId": order_id,
                    }
                    statement = self._update(connection.dialect, line, fields)
                statement.put(b_now=now)
                statement.run(connection)
        except IntegrityError as error:
            raise refused_by_the_store(self._plan) from error
        number = self._entry.write(connection, reason, now)
        no_texts_change(connection)
        return number


def refused_by_the_store(plan: Plan) -> StalePlan:
    """What a broken constraint of the store means."""
    return StalePlan(
        f"{plan.title}: the store refused it, a line no longer has these units: "
        "look again and make a new plan"
    )
