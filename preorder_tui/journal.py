"""The journal: applied plans as change sets over ORDER_ITEM_CHANGE rows, values as text."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, insert, select, union_all

from data.prepared import Bound, Prepared
from data.tables import change_set, communication_event, order_item_change
from preorder_tui.actor import Actor
from preorder_tui.by_keys import FEW
from preorder_tui.permissions import Grants
from preorder_tui.plan import Plan, Value
from preorder_tui.progress import Progress
from preorder_tui.text import LONGEST_REASON

DATE_FIELDS = ("promisedDatetime", "estimatedDeliveryDate")
NUMBER_FIELDS = (
    "allocation",
    "quantity",
    "cancelQuantity",
    "receivedQuantity",
    "availableToPromise",
)


def to_text(value: Value) -> str | None:
    """A plan's value as the journal keeps it: ISO 8601 to the microsecond, digits, or itself."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return None if value is None else str(value)


def from_text(field: str, text: str | None) -> Value:
    """The value of a field from the journal's text; the inverse of :func:`to_text`."""
    if text is None:
        return None
    if field in DATE_FIELDS:
        return datetime.fromisoformat(text)
    if field in NUMBER_FIELDS:
        return int(text)
    return text


def with_who_acted(reason: str | None, granted: Grants) -> str | None:
    """Why, and by whom where somebody acted for another; without people nobody is known."""
    if granted.open or granted.login == granted.acting_for:
        return reason
    by = f"by {granted.login}"
    return f"{by}: {reason}" if reason else by


_HEAD = [name for name in change_set.c.keys() if name != "CHANGE_SET_ID"]  # noqa: SIM118
_OPEN = Prepared(insert(change_set), _HEAD)
_COLUMNS = [name for name in order_item_change.c.keys() if name != "ORDER_ITEM_CHANGE_ID"]  # noqa: SIM118
_RECORD_MANY = Prepared(insert(order_item_change), _COLUMNS)
_RECORD_FEW = [
    Prepared(
        insert(order_item_change).values(
            [
                {
                    name: bindparam(
                        name if name == "CHANGE_SET_ID" else f"{name}_{row}",
                        type_=order_item_change.c[name].type,
                    )
                    for name in _COLUMNS
                }
                for row in range(number + 1)
            ]
        )
    )
    for number in range(FEW)
]
"""The rows of a small change at once."""


@cache
def _both(rows: int) -> Prepared:
    """The head of a change set and its rows in one statement, on PostgreSQL; it returns the id."""
    head = (
        insert(change_set)
        .values({name: bindparam(name, type_=change_set.c[name].type) for name in _HEAD})
        .returning(change_set.c.CHANGE_SET_ID)
        .cte("head")
    )
    written = [
        select(
            head.c.CHANGE_SET_ID,
            *(
                bindparam(f"{name}_{row}", type_=order_item_change.c[name].type).label(name)
                for name in _COLUMNS[1:]
            ),
        )
        for row in range(rows)
    ]
    return Prepared(
        insert(order_item_change)
        .from_select(_COLUMNS, union_all(*written) if rows > 1 else written[0])
        .returning(order_item_change.c.CHANGE_SET_ID)
    )


class Entry:
    """A small change set, ready to be written once it is known when, and why."""

    __slots__ = ("_head", "_rows")

    def __init__(self, dialect: Dialect, actor: Actor, plan: Plan) -> None:
        head = _head(actor, plan, None, None, len(plan.changes))
        rows = {
            name if name == "CHANGE_SET_ID" else f"{name}_{number}": value
            for number, row in enumerate(_rows(plan, None))
            for name, value in row.items()
        }
        self._rows: Bound | None = None
        if dialect.name == "postgresql":
            del rows["CHANGE_SET_ID"]
            self._head = _both(len(plan.changes)).bound(dialect, head | rows)
        else:
            self._head = _OPEN.bound(dialect, head)
            self._rows = _RECORD_FEW[len(plan.changes) - 1].bound(dialect, rows)

    def write(self, connection: Connection, reason: str | None, now: datetime) -> int:
        """Write it; returns its id."""
        self._head.put(CHANGE_DATETIME=now, CHANGE_COMMENTS=_comment(reason))
        if self._rows is None:
            number: int = self._head.rows(connection)[0][0]
            return number
        number = self._head.new_id(connection)
        self._rows.put(CHANGE_SET_ID=number)
        self._rows.run(connection)
        return number


def _head(
    actor: Actor, plan: Plan, reason: str | None, now: datetime | None, count: int
) -> dict[str, Any]:
    return {
        "CHANGE_DATETIME": now,
        "CHANGE_USER_LOGIN": actor.user,
        "ORIGIN": actor.origin,
        "COMMAND": plan.command,
        "CHANGE_COMMENTS": _comment(reason),
        "CHANGE_COUNT": count,
        "INVERSE_OF": plan.inverse_of,
    }


def _comment(reason: str | None) -> str | None:
    return (reason or "").strip()[:LONGEST_REASON] or None


def open_change_set(
    connection: Connection, actor: Actor, plan: Plan, reason: str | None, now: datetime, count: int
) -> int:
    """Write the head of a change set of ``count`` rows; returns its id."""
    return _OPEN.new_id(connection, _head(actor, plan, reason, now, count))


def record(
    connection: Connection,
    actor: Actor,
    plan: Plan,
    reason: str | None,
    now: datetime,
    progress: Progress,
) -> int:
    """Write a plan as a change set; returns its id."""
    change_set_id = open_change_set(connection, actor, plan, reason, now, len(plan.changes))
    progress.execute(connection, _RECORD_MANY, _rows(plan, change_set_id))
    return change_set_id


def _rows(plan: Plan, change_set_id: int | None) -> list[dict[str, Any]]:
    return [
        {
            "CHANGE_SET_ID": change_set_id,
            "ORDER_ID": row.order_id,
            "ORDER_ITEM_SEQ_ID": row.order_item_seq_id,
            "TO_ORDER_ID": row.to_order_id,
            "TO_ORDER_ITEM_SEQ_ID": row.to_order_item_seq_id,
            "CHANGE_TYPE_ENUM_ID": row.change_type_enum_id,
            "FIELD": row.field,
            "OLD_VALUE": to_text(row.old),
            "NEW_VALUE": to_text(row.new),
            "REASON_ENUM_ID": plan.reasons.get(row.line, plan.reason_enum_id),
            "CHANGE_COMMENTS": plan.comments.get(row.line),
        }
        for row in plan.changes
    ]


def communicate(connection: Connection, plan: Plan, change_set_id: int, now: datetime) -> None:
    """Write what the plan has to say to orders, as their communication events (R-81)."""
    if plan.communications:
        connection.execute(
            insert(communication_event),
            [
                {
                    "ORDER_ID": order_id,
                    "ENTRY_DATE": now,
                    "SUBJECT": subject,
                    "CONTENT": content,
                    "CHANGE_SET_ID": change_set_id,
                }
                for order_id, subject, content in plan.communications
            ],
        )
