"""Only the widgets that a change touches are rendered, and what is painted is the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.widget import Widget

from screens.line_list import LineList
from screens.painted_widgets import TouchedWidgets
from tests.screens.typing_ahead import settled, type_ahead, until
from tests.terminal.tiny_desk import TinyService, make

SIZE = (80, 24)


async def ready(desk: Any) -> LineList[Any]:
    await until(lambda: desk.opened and desk.desk_pages())
    found: LineList[Any] = desk.screen.query_one(LineList)
    await until(lambda: found.current is not None)
    await settled(desk)
    return found


async def test_a_cursor_move_renders_the_list_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make(TinyService())
    async with desk.run_test(size=SIZE) as pilot:
        line_list = await ready(desk)
        await pilot.pause(0.1)
        rendered: Counter[str] = Counter()
        for kind in {type(widget) for widget in desk.screen.walk_children(Widget)}:

            def counted(widget: Widget, crop: Any, render: Any = kind.render_lines) -> Any:
                rendered[type(widget).__name__] += 1
                return render(widget, crop)

            monkeypatch.setattr(kind, "render_lines", counted)
        type_ahead(desk, "down")
        await settled(desk)
        await until(lambda: rendered)
        assert line_list.current.number == 1
        assert set(rendered) == {"LineList"}


async def test_what_is_painted_is_what_textual_would_paint() -> None:
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        await ready(desk)
        for key in ("down", "pagedown", "space", "e", "escape", "end"):
            type_ahead(desk, key)
            await settled(desk)
            ours = desk.screen._compositor
            lines = [strip.text for strip in ours.render_strips()]
            if isinstance(ours, TouchedWidgets):
                everything = Compositor._get_renders(ours, ours.size.region)
                touched = ours._get_renders(ours.size.region)
                pairs = zip(everything, touched, strict=True)
                assert all(one[0] == other[0] and one[2] == other[2] for one, other in pairs)
            assert any(lines)
