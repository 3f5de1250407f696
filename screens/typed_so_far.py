"""What was typed and picked on a screen, in a form that can be kept and put back: fields and ticks.

Rows are kept by what they are, as text, so that they are found again on fresh data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from textual.screen import Screen
from textual.widgets import Input

from screens.line_list import LineList
from screens.text_field import TextField

COMPARED = ("fields", "ticks", "more")
"""The parts that are a person's input; the others say where the cursor was."""


def of_dialog(screen: Screen[Any]) -> dict[str, Any]:
    """Fields, ticks, and where the cursor is."""
    focused = screen.focused
    return {
        "fields": {name: one.value for name, one in _named(screen.query(Input))},
        "ticks": ticks(screen),
        "rows": {
            name: str(one.row_id(one.current))
            for name, one in _named(screen.query(LineList))
            if one.current is not None
        },
        "focus": "" if focused is None else focused.id or "",
    }


def ticks(screen: Screen[Any]) -> dict[str, list[str]]:
    """The ticked rows of each list that has ticks."""
    return {
        name: [str(one.row_id(row)) for row in one.tagged]
        for name, one in _named(screen.query(LineList))
        if one.taggable
    }


async def put_back(screen: Screen[Any], kept: Mapping[str, Any]) -> int:
    """Put fields, ticks and cursors back; how many ticked rows are not there any more."""
    fields, rows = _part(kept, "fields"), _part(kept, "rows")
    for name, one in _named(screen.query(Input)):
        value = fields.get(name)
        if isinstance(value, str) and value != one.value and isinstance(one, TextField):
            one.put_back(value)
    missing = await put_ticks_back(screen, _part(kept, "ticks"))
    for name, line_list in _named(screen.query(LineList)):
        if isinstance(rows.get(name), str):
            go_to(line_list, rows[name])
    focus = kept.get("focus")
    for widget in screen.query("*"):
        if focus and widget.id == focus and widget.focusable:
            screen.set_focus(widget)
    return missing


async def put_ticks_back(screen: Screen[Any], kept: Mapping[str, Any]) -> int:
    """Tick these rows and no others; how many of them are not there any more."""
    missing = 0
    for name, line_list in _named(screen.query(LineList)):
        wanted = kept.get(name)
        if line_list.taggable and isinstance(wanted, list):
            missing += await line_list.tag_named({str(one) for one in wanted})
    return missing


def not_there(missing: int) -> str:
    """What to say of ticks that could not be put back."""
    return f"{missing:,} of the ticked rows {'is' if missing == 1 else 'are'} not here any more."


def go_to(line_list: LineList[Any], row: str) -> bool:
    """Put the cursor on the row that is called so, if it is in memory."""
    for one in line_list.loaded_rows:
        if str(line_list.row_id(one)) == row:
            return line_list.go_to(line_list.row_id(one))
    return False


def differs(kept: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a person has typed or picked something."""
    return any(kept.get(part) != before.get(part) for part in COMPARED)


def in_words(kept: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """What was typed and picked, short."""
    old = _part(before, "fields")
    parts = [
        f"typed {value}" if value else "a field emptied"
        for name, value in _part(kept, "fields").items()
        if value != old.get(name)
    ]
    if kept.get("ticks") != before.get("ticks"):
        number = sum(len(one) for one in _part(kept, "ticks").values())
        parts.append(f"{number:,} ticked")
    if kept.get("more") != before.get("more"):
        parts.append("choices made")
    return ", ".join(parts)


def _part(kept: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = kept.get(name)
    return part if isinstance(part, dict) else {}


def _named(widgets: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Widgets by their id, or by their place where they have none."""
    for number, widget in enumerate(widgets):
        yield widget.id or str(number), widget
