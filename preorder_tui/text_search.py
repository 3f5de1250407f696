"""Text typed into a search box, as LIKE patterns: every word must be found somewhere."""

from __future__ import annotations

from functools import reduce

from sqlalchemy import ColumnElement, String, bindparam, or_

from preorder_tui.query_hints import ESCAPE, caseless_like
from preorder_tui.text import clean

MAX_WORDS = 12


def patterns(text: str) -> tuple[tuple[str, ...], ...]:
    """For each word of ``text`` the patterns one of which a column must match.

    One pattern is enough for ASCII, whose case databases ignore. SQLite keeps to ASCII there, so a
    word with other letters is also looked for as it is written in lower, upper and title case.
    """
    return tuple(
        tuple(f"%{_escaped(spelling)}%" for spelling in spellings) for spellings in words(text)
    )


def words(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of ``text``, each in the spellings that are looked for."""
    found = []
    for word in clean(text).split()[:MAX_WORDS]:
        spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.title()}
        found.append(tuple(sorted(spellings)))
    return tuple(found)


def pattern_parameters(text: str) -> dict[str, str]:
    """The values of the parameters that :func:`contains` refers to."""
    return {
        _name(word, spelling): pattern
        for word, spellings in enumerate(patterns(text))
        for spelling, pattern in enumerate(spellings)
    }


def contains(column: ColumnElement[str], word: int, spellings: int) -> ColumnElement[bool]:
    """Whether ``column`` contains word number ``word``, which has so many spellings."""
    return or_(
        *(
            caseless_like(column, bindparam(_name(word, spelling), type_=String))
            for spelling in range(spellings)
        )
    )


def _name(word: int, spelling: int) -> str:
    return f"word_{word}_{spelling}"


def _escaped(word: str) -> str:
    return reduce(lambda text, mark: text.replace(mark, ESCAPE + mark), f"{ESCAPE}%_", word)
