"""The line above the keys: the last feedback, as one sentence."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from preorder_tui.text import clean


class MessageLine(Widget):
    """Shows one sentence until the next one comes."""

    DEFAULT_CSS = "MessageLine { height: 1; text-style: bold; }"

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""
        self._working = ""

    def say(self, sentence: str) -> None:
        """Show a sentence. The same sentence again costs nothing."""
        cleaned = clean(sentence)
        if cleaned != self.sentence:
            self.sentence = cleaned
            self.refresh()

    def say_working(self, text: str) -> None:
        """Show that something runs, in place of the sentence; empty text brings it back."""
        if text != self._working:
            self._working = text
            self.refresh()

    def render(self) -> Content:
        """The sentence, cut where the line ends: F1 shows it whole."""
        text = self._working or self.sentence
        width = self.size.width
        content = Content(text)
        return content if content.cell_length <= width else content.truncate(width, ellipsis=True)
