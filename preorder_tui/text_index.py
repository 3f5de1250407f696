"""Searching by a piece of text through SQLite's trigram index (:mod:`data.search_index`).

What a person types becomes trigrams, each quoted: no word of theirs is ever read as FTS5 syntax.
All that comes from here are candidates, to be compared with the text itself.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, String, Subquery, column, text

from data.search_index import KEYS_PER_BUCKET, ORDERS, SECONDS_PER_BUCKET, Subject

TRIGRAM = 3
ORDER_ID = column("ORDER_ID", String)
_MOST_TRIGRAMS = 24
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  stored moments have no zone
_LAST_CHARACTER = "\U0010ffff"


def expression(connection: Connection, subject: Subject, spellings: Iterable[str]) -> str | None:
    """The FTS5 expression for a word in any of its spellings.

    Empty when no text has the word; None when the index cannot tell (one or two letters whose case
    is not a matter of one letter for another, such as a dotted capital I).
    """
    found = []
    for word in spellings:
        if len(word) >= TRIGRAM:
            found.append(" AND ".join(map(_quoted, _trigrams(word))))
        elif len(word.lower()) == len(word.upper()) == len(word):
            # Each text ends with two line breaks, so that every short word begins a trigram.
            for start in {word, word.lower()}:
                terms = connection.exec_driver_sql(
                    f'SELECT term FROM "{subject.terms}" WHERE term >= ? AND term < ?',
                    (start, start + _LAST_CHARACTER),
                ).scalars()
                found += map(_quoted, terms)
        else:
            return None
    return " OR ".join(f"({each})" for each in found)


def all_of(expressions: Iterable[str]) -> str:
    """The expression for texts that have every word; empty when one of them is."""
    listed = list(expressions)
    return " AND ".join(f"({each})" for each in listed) if all(listed) else ""


def candidates(
    connection: Connection, subject: Subject, matching: str, limit: int
) -> list[str] | None:
    """The ids that the expression finds, and those that wait for it; None: more than ``limit``."""
    column = f'"{subject.key_column}"'
    found = list(
        connection.exec_driver_sql(
            f'SELECT {column} FROM "{subject.waiting}" LIMIT {limit + 1}'
        ).scalars()
    )
    if matching:
        keys = connection.exec_driver_sql(
            f'SELECT count(*) FROM (SELECT 1 FROM "{subject.text}" WHERE "{subject.text}" MATCH ?'
            f" LIMIT {limit + 1})",
            (matching,),
        ).scalar_one()
        if keys + len(found) > limit:
            return None
        found += connection.exec_driver_sql(
            f'SELECT k.{column} FROM "{subject.text}" f CROSS JOIN "{subject.keys}" k'
            f' ON k."SEARCH_KEY" = f.rowid WHERE f."{subject.text}" MATCH ?',
            (matching,),
        ).scalars()
    return found if len(found) <= limit else None


def number_of_orders(connection: Connection, matching: str, limit: int) -> int:
    """How many orders the expression finds, with those that wait; counted to ``limit``."""
    waiting = connection.exec_driver_sql(
        f'SELECT count(*) FROM (SELECT 1 FROM "{ORDERS.waiting}" LIMIT {limit})'
    ).scalar_one()
    found = 0
    if matching:
        found = connection.exec_driver_sql(
            f'SELECT count(*) FROM (SELECT 1 FROM "{ORDERS.text}" WHERE "{ORDERS.text}" MATCH ?'
            f" LIMIT {limit})",
            (matching,),
        ).scalar_one()
    number: int = waiting + found
    return number


def orders_matching(matching: str) -> Subquery:
    """The orders that an expression finds, in the parameter ``matching``, and those that wait."""
    waiting = f'SELECT "ORDER_ID" FROM "{ORDERS.waiting}"'
    found = (
        f'SELECT k."ORDER_ID" FROM "{ORDERS.text}" f CROSS JOIN "{ORDERS.keys}" k'
        f' ON k."SEARCH_KEY" = f.rowid WHERE f."{ORDERS.text}" MATCH :matching UNION ALL {waiting}'
    )
    return text(found if matching else waiting).columns(ORDER_ID).subquery("matching_orders")


def some_wait(connection: Connection) -> bool:
    """Whether there are orders that the index does not know yet."""
    waiting = connection.exec_driver_sql(f'SELECT 1 FROM "{ORDERS.waiting}" LIMIT 1')
    return waiting.first() is not None


def bucket(moment: datetime) -> int:
    """The bucket of an order's date, as the index reckons it."""
    return int(int((moment - _EPOCH).total_seconds() // 1) / SECONDS_PER_BUCKET)


def by_date(
    connection: Connection, matching: str, start: int | None, limit: int, *, ascending: bool
) -> list[tuple[int, str]]:
    """Orders that the expression finds, with their buckets, along their dates.

    Args:
        connection: in a read transaction.
        matching: from :func:`expression` or :func:`all_of`.
        start: the bucket to begin with; None: the very first, or the last, going down.
        limit: at most so many.
        ascending: which way.
    """
    bound, order = ("rowid >= ?", "ASC") if ascending else ("rowid < ?", "DESC")
    key = None if start is None else (start + (not ascending)) * KEYS_PER_BUCKET
    values = (matching,) if key is None else (matching, key)
    found = connection.exec_driver_sql(
        f'SELECT f.rowid, k."ORDER_ID" FROM "{ORDERS.text}" f CROSS JOIN "{ORDERS.keys}" k'
        f' ON k."SEARCH_KEY" = f.rowid WHERE f."{ORDERS.text}" MATCH ?'
        f"{'' if key is None else f' AND f.{bound}'} ORDER BY f.rowid {order} LIMIT {limit}",
        values,
    )
    return [(key // KEYS_PER_BUCKET, order_id) for key, order_id in found]


def _trigrams(word: str) -> list[str]:
    # Each of them for a word that people type; of a very long one as many as tell it from others.
    found = list(dict.fromkeys(word[n : n + TRIGRAM] for n in range(len(word) - TRIGRAM + 1)))
    step = -(-len(found) // _MOST_TRIGRAMS)
    return found[::step]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
