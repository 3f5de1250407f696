"""Text longer than its place, scrolled by keys without a scroll bar."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.line_columns import fit

_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -100000, "end": 100000}


class TextPages(Widget, can_focus=True):
    """Wrapped lines of plain text."""

    DEFAULT_CSS = "TextPages { height: auto; width: 1fr; }"

    def __init__(self, lines: Sequence[str], *, at_most: int = 16) -> None:
        super().__init__()
        self._text = tuple(lines)
        self._at_most = at_most
        self._wrapped: list[str] = []
        self._top = 0

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As high as the text, up to the limit."""
        self._wrap(width)
        return min(self._at_most, max(1, len(self._wrapped)))

    def _wrap(self, width: int) -> None:
        self._wrapped = []
        for line in self._text:
            indent = " " * (len(line) - len(line.lstrip()))
            hanging = " " * 17 if line.startswith("  ") and line[16:17] == " " else indent
            self._wrapped += wrap(
                line, max(20, width - 1), subsequent_indent=hanging, drop_whitespace=True
            ) or [""]

    def takes_key(self, event: events.Key) -> bool:
        """Scrolling is handled here alone."""
        return event.key in _STEPS

    async def _on_key(self, event: events.Key) -> None:
        step = _STEPS.get(event.key)
        if step is None:
            return
        event.stop()
        event.prevent_default()
        top = max(0, min(self._top + step, len(self._wrapped) - self.size.height))
        if top != self._top:
            self._top = top
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in sight; the last column says that there is more."""
        width = self.size.width
        strips = []
        for y in range(crop.y, crop.bottom):
            index = self._top + y
            text = self._wrapped[index] if 0 <= index < len(self._wrapped) else ""
            mark = " "
            if y == 0 and self._top:
                mark = "^"
            elif y == self.size.height - 1 and index < len(self._wrapped) - 1:
                mark = "v"
            strips.append(Strip([Segment(fit(text, width - 1) + mark)], width))
        return strips
