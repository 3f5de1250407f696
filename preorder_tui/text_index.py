"""Searching by a piece of text through SQLite's trigram index (:mod:`data.search_index`).

What a person types becomes trigrams, each quoted: no word of theirs is ever read as FTS5 syntax.
All that comes from here are candidates, to be compared with the text itself.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from data.search_index import ORDERS, SECONDS_PER_BUCKET, Subject

TRIGRAM = 3
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


def number_of(connection: Connection, subject: Subject, matching: str, limit: int) -> int:
    """How many ids the expression finds, with those that wait for it; counted to ``limit``."""
    waiting = connection.exec_driver_sql(
        f'SELECT count(*) FROM (SELECT 1 FROM "{subject.waiting}" LIMIT {limit})'
    ).scalar_one()
    found = 0
    if matching:
        found = connection.exec_driver_sql(
            f'SELECT count(*) FROM (SELECT 1 FROM "{subject.text}"'
            f' WHERE "{subject.text}" MATCH ? LIMIT {limit})',
            (matching,),
        ).scalar_one()
    number: int = min(waiting + found, limit)
    return number


def found_by(subject: Subject, matching: str, name: str) -> str:
    """SQL for the ids that an expression finds, which is in the parameter ``name``, and for those
    that wait."""
    column = f'"{subject.key_column}"'
    waiting = f'SELECT {column} FROM "{subject.waiting}"'
    if not matching:
        return waiting
    return (
        f'SELECT k.{column} FROM "{subject.text}" f CROSS JOIN "{subject.keys}" k'
        f' ON k."SEARCH_KEY" = f.rowid WHERE f."{subject.text}" MATCH :{name} UNION ALL {waiting}'
    )


def some_wait(connection: Connection) -> bool:
    """Whether there are orders that the index does not know yet."""
    waiting = connection.exec_driver_sql(f'SELECT 1 FROM "{ORDERS.waiting}" LIMIT 1')
    return waiting.first() is not None


def bucket(moment: datetime) -> int:
    """The bucket of an order's date, as the index reckons it."""
    return int(int((moment - _EPOCH).total_seconds() // 1) / SECONDS_PER_BUCKET)


def _trigrams(word: str) -> list[str]:
    # Enough to have each letter of it: those between find little less, and take as long to read.
    # Of a very long one as many as tell it from others.
    last = len(word) - TRIGRAM
    step = max(TRIGRAM, -(-last // _MOST_TRIGRAMS))
    starts = [*range(0, last, step), last]
    return list(dict.fromkeys(word[start : start + TRIGRAM] for start in starts))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
