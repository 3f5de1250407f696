"""What was changed, by whom and when: the journal read back, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    select,
)

from data.tables import change_set, order_item_change
from preorder_tui import purchase_names
from preorder_tui.clock import Clock
from preorder_tui.errors import UnknownId
from preorder_tui.journal_values import as_people_read, as_stored
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.paging import Statement
from preorder_tui.records import ChangeSetRow, HistoryRow
from preorder_tui.text import clean, clean_or_empty
from preorder_tui.words import word

_change = order_item_change.c
_newest_first = (_change.CHANGE_SET_ID.desc(), _change.ORDER_ITEM_CHANGE_ID.desc())
_limit: Any = bindparam("number", type_=Integer, literal_execute=True)

_ROWS = (
    select(
        _change.ORDER_ITEM_CHANGE_ID,
        _change.CHANGE_SET_ID,
        change_set.c.CHANGE_DATETIME,
        change_set.c.CHANGE_USER_LOGIN,
        _change.CHANGE_TYPE_ENUM_ID,
        _change.ORDER_ID,
        _change.ORDER_ITEM_SEQ_ID,
        _change.TO_ORDER_ID,
        _change.TO_ORDER_ITEM_SEQ_ID,
        _change.FIELD,
        _change.OLD_VALUE,
        _change.NEW_VALUE,
        _change.REASON_ENUM_ID,
        _change.CHANGE_COMMENTS,
        change_set.c.CHANGE_COMMENTS,
    )
    .join_from(order_item_change, change_set, change_set.c.CHANGE_SET_ID == _change.CHANGE_SET_ID)
    .order_by(*_newest_first)
    .limit(_limit)
)

_ALL = _ROWS
_OF_SET = _ROWS.where(_change.CHANGE_SET_ID == bindparam("change_set_id"))
# A line and an order are looked for on both sides, each through its own index.
_OF_LINE = (
    _ROWS.where(
        _change.ORDER_ID == bindparam("order_id"), _change.ORDER_ITEM_SEQ_ID == bindparam("item")
    ),
    _ROWS.where(
        _change.TO_ORDER_ID == bindparam("order_id"),
        _change.TO_ORDER_ITEM_SEQ_ID == bindparam("item"),
    ),
)
_OF_ORDER = (
    _ROWS.where(_change.ORDER_ID == bindparam("order_id")),
    _ROWS.where(_change.TO_ORDER_ID == bindparam("order_id")),
)

_SETS = select(change_set).order_by(change_set.c.CHANGE_SET_ID.desc()).limit(_limit)
_SETS_BEFORE = _SETS.where(change_set.c.CHANGE_SET_ID < bindparam("before"))


def history(
    connection: Connection,
    clock: Clock,
    *,
    line: LineId | None = None,
    order_id: str | None = None,
    limit: int = 1000,
) -> tuple[HistoryRow, ...]:
    """The journal rows of a line, of an order with its lines, or of everything; newest first.

    A purchase order line's history includes the allocations from it.
    """
    if line is not None:
        statements: Sequence[Statement] = _OF_LINE
        values = {"order_id": line.order_id, "item": line.order_item_seq_id}
    elif order_id is not None:
        statements, values = _OF_ORDER, {"order_id": order_id}
    else:
        statements, values = (_ALL,), {}
    found = [
        row
        for statement in statements
        for row in connection.execute(statement, {**values, "number": max(0, limit)})
    ]
    # No row is found twice: an allocation goes from a sales order to a purchase order.
    found.sort(key=lambda row: (row[1], row[0]), reverse=True)
    return _rows(connection, clock, found[: max(0, limit)])


def change_set_rows(
    connection: Connection, clock: Clock, change_set_id: int, *, limit: int = 1000
) -> tuple[HistoryRow, ...]:
    """The journal rows of one change set, the last written first.

    Raises:
        UnknownId: there is no such change set.
    """
    exists = select(change_set.c.CHANGE_SET_ID).where(change_set.c.CHANGE_SET_ID == change_set_id)
    if connection.execute(exists).first() is None:
        raise UnknownId(f"there is no change set {change_set_id}: see the list of change sets")
    values = {"change_set_id": change_set_id, "number": max(0, limit)}
    return _rows(connection, clock, connection.execute(_OF_SET, values).all())


def change_sets(
    connection: Connection, clock: Clock, *, before: int | None = None, limit: int = 200
) -> tuple[ChangeSetRow, ...]:
    """Change sets, newest first; ``before`` the id that the next page starts below."""
    statement, values = _SETS, {"number": max(0, limit)}
    if before is not None:
        statement, values = _SETS_BEFORE, {**values, "before": before}
    found = connection.execute(statement, values).mappings().all()
    taken_back = undone_by(connection, [row["CHANGE_SET_ID"] for row in found])
    return tuple(
        ChangeSetRow(
            change_set_id=row["CHANGE_SET_ID"],
            changed_at=clock.local(row["CHANGE_DATETIME"]),
            user=clean(row["CHANGE_USER_LOGIN"]),
            origin=row["ORIGIN"],
            command=clean(row["COMMAND"]),
            comments=clean_or_empty(row["CHANGE_COMMENTS"]),
            change_count=row["CHANGE_COUNT"],
            inverse_of=row["INVERSE_OF"],
            undone_by=taken_back.get(row["CHANGE_SET_ID"]),
        )
        for row in found
    )


def undone_by(connection: Connection, change_set_ids: Iterable[int]) -> dict[int, int]:
    """Of those change sets that stand undone: the change set that took each back.

    A change set is undone while an inverse of it stands, that is, is not itself undone.
    """
    inverses: dict[int, list[int]] = {}
    for piece in chunks(dict.fromkeys(change_set_ids)):
        for original, inverse in connection.execute(_INVERSES, {"originals": piece}):
            inverses.setdefault(original, []).append(inverse)
    found: dict[int, int] = {}
    # An inverse is younger than what it takes back: from the youngest down, it is known already.
    for original in sorted(inverses, reverse=True):
        standing = [inverse for inverse in inverses[original] if inverse not in found]
        if standing:
            found[original] = max(standing)
    return found


def _inverses() -> Select[Any]:
    """The pairs (original, inverse) that follow from some originals, inverses of inverses too."""
    chain = (
        select(
            change_set.c.INVERSE_OF.label("original"), change_set.c.CHANGE_SET_ID.label("inverse")
        )
        .where(change_set.c.INVERSE_OF.in_(bindparam("originals", expanding=True)))
        .cte("chain", recursive=True)
    )
    further = select(change_set.c.INVERSE_OF, change_set.c.CHANGE_SET_ID).join(
        chain, change_set.c.INVERSE_OF == chain.c.inverse
    )
    # UNION, not UNION ALL: a page often holds both ends of a pair.
    whole = chain.union(further)
    return select(whole.c.original, whole.c.inverse)


_INVERSES = _inverses()


def _rows(connection: Connection, clock: Clock, found: Sequence[Any]) -> tuple[HistoryRow, ...]:
    names = purchase_names.names(connection, (row[n] for row in found for n in (5, 7)))
    rows = []
    for row in found:
        change_set_id, changed_at, user, change_type = row[1:5]
        order_id, item, to_order_id, to_item, field, old, new, reason, own, common = row[5:]
        source = names.get(to_order_id) or clean_or_empty(to_order_id)
        name = names.get(order_id, order_id)
        rows.append(
            HistoryRow(
                change_set_id=change_set_id,
                changed_at=clock.local(changed_at),
                user=clean(user),
                change_type_enum_id=change_type,
                line=None if item is None else LineId(order_id, item),
                order_id=order_id,
                to_line=None if to_order_id is None else LineId(to_order_id, to_item),
                field=field,
                old_value=as_stored(clock, field, old),
                new_value=as_stored(clock, field, new),
                old_text=as_people_read(clock, field, old, source),
                new_text=as_people_read(clock, field, new, source),
                line_name=name if item is None else f"{name}/{item}",
                to_line_name="" if to_order_id is None else f"{source}/{to_item}",
                reason=word(reason),
                comments=clean_or_empty(own or common),
            )
        )
    return tuple(rows)
