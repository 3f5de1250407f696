"""Words of a command line as values: text, whole numbers, days.

A word that is no such value is wrong usage (exit status 2). What a rule says about the value, zero
units or a day that is over, is the service's to refuse (exit status 1).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click

from preorder_tui.clock import parse_date
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.text import clean

LARGEST_NUMBER = 999_999_999_999
"""What DECIMAL(18,6) holds."""
LONGEST_CHANGE_SET = 18
"""Digits of a number that every database's BIGINT holds."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")


class _Text(click.ParamType[str]):
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.isprintable():
            # Bytes that were no UTF-8, and NUL, which no database takes.
            text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            text = text.replace("\x00", "")
        return text


class _WholeNumber(click.ParamType[int]):
    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip()
        if not _WHOLE_NUMBER.fullmatch(text):
            raise WrongUsage(f"{clean(text)!r} is not a whole number of units")
        if len(text.lstrip("+-0")) > len(str(LARGEST_NUMBER)):
            shown = text if len(text) <= 20 else f"{text[:20]}…"
            raise Refused(f"{shown} units are more than any order can hold")
        return int(text)


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        return value if isinstance(value, date) else parse_date(clean(str(value)))


class _ChangeSet(click.ParamType[int]):
    name = "change set"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip()
        if not (text.isascii() and text.isdigit()):
            raise WrongUsage(f"{clean(text)!r} is not a change set: write its number")
        if len(text.lstrip("0")) > LONGEST_CHANGE_SET:
            raise UnknownId(f"there is no change set {text[:20]}…: see preorder-tui change-sets")
        return int(text)


TEXT = _Text()
WHOLE_NUMBER = _WholeNumber()
CHANGE_SET = _ChangeSet()
DAY = _Day()

override_option = click.option(
    "--override", is_flag=True, help="Also a date that is over; needs the permission OVERRIDE."
)
"""Of commands that may go against a rule."""
