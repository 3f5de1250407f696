"""Heads of change sets: which of a person's stand, newest first, and which are undos themselves.

A change set stands as long as no standing change set is its inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, literal_column, select

from data.prepared import Prepared
from data.tables import change_set
from preorder_tui.errors import UnknownId
from preorder_tui.history import undone_by


class Head(NamedTuple):
    """The head of a change set."""

    number: int
    user: str
    command: str
    changes: int
    inverse_of: int | None


_set = change_set.c
_HEAD = (
    _set.CHANGE_SET_ID,
    _set.CHANGE_USER_LOGIN,
    _set.COMMAND,
    _set.CHANGE_COUNT,
    _set.INVERSE_OF,
)
_HEADER = Prepared(select(*_HEAD).where(bindparam("b_number") == _set.CHANGE_SET_ID))

_original = change_set.alias("original")
_inverse = change_set.alias("inverse")
_its_inverse = change_set.alias("its_inverse")
_takes_it_back = _set.CHANGE_SET_ID == _inverse.c.INVERSE_OF
_takes_that_back = _inverse.c.CHANGE_SET_ID == _its_inverse.c.INVERSE_OF
_MINE = (
    select(
        *_HEAD,
        # What it takes back is the inverse of something itself.
        select(_original.c.INVERSE_OF)
        .where(_original.c.CHANGE_SET_ID == _set.INVERSE_OF)
        .scalar_subquery(),
        exists().where(_takes_it_back),
        # An inverse that nothing has taken back stands: then this is taken back for sure.
        exists().where(_takes_it_back, ~exists().where(_takes_that_back).correlate(_inverse)),
    )
    .where(
        bindparam("b_user") == _set.CHANGE_USER_LOGIN,
        _set.CHANGE_COUNT > 0,
        bindparam("b_before") > _set.CHANGE_SET_ID,
    )
    .order_by(_set.CHANGE_SET_ID.desc())
)
_MINE_PAGES = [(size, Prepared(_MINE.limit(literal_column(str(size))))) for size in (10, 200)]
"""A person's change sets below a number, newest first: what is wanted is mostly the first."""

_BEYOND = 2**62


def head_of(connection: Connection, change_set_id: int) -> Head:
    """The head of a change set.

    Raises:
        UnknownId: there is no such change set.
    """
    found = _HEADER.rows(connection, {"b_number": change_set_id})
    if not found:
        raise UnknownId(f"there is no change set {change_set_id}: see the list of change sets")
    return Head(*found[0])


def depth(connection: Connection, change_set_id: int) -> int:
    """0 for an ordinary change set, 1 for an undo, 2 for a redo, and so on."""
    steps = 0
    number: int | None = change_set_id
    while (number := _inverse_of(connection, number)) is not None:
        steps += 1
    return steps


def _inverse_of(connection: Connection, change_set_id: int | None) -> int | None:
    found = _HEADER.rows(connection, {"b_number": change_set_id})
    return Head(*found[0]).inverse_of if found else None


def standing(connection: Connection, user: str, *, undos: bool) -> Iterator[Head]:
    """A person's change sets that stand, newest first: what to undo, or (``undos``) to redo."""
    before, pages = _BEYOND, iter(_MINE_PAGES)
    size, statement = next(pages)
    while True:
        page = statement.rows(connection, {"b_user": user, "b_before": before})
        unclear = [row[0] for row in page if row[6] and not row[7]]  # taken back, and again
        undone = {row[0] for row in page if row[7]}.union(
            undone_by(connection, unclear) if unclear else ()
        )
        for *columns, originally, _, _ in page:
            head = Head(*columns)
            if undos and head.inverse_of is None:
                return  # a later change of one's own closes the way to redo what came before
            is_undo = head.inverse_of is not None and (
                originally is None or depth(connection, head.number) % 2 == 1
            )
            if is_undo == undos and head.number not in undone:
                yield head
        if len(page) < size:
            return
        before = page[-1][0]
        size, statement = next(pages, (size, statement))
