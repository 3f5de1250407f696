"""A one-line text field: no blinking, one row high, nothing unprintable in it."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from preorder_tui.text import clean


class TextField(Input):
    """Textual's Input, quiet on the line and safe against what scanners and pastes contain."""

    def __init__(
        self, value: str = "", *, placeholder: str = "", id: str | None = None, max_length: int = 0
    ) -> None:
        super().__init__(
            clean(value),
            placeholder=placeholder,
            id=id,
            compact=True,
            select_on_focus=False,
            max_length=max_length,
        )
        self.cursor_blink = False  # a blinking cursor sends 1.7 KB a second

    def put_back(self, value: str) -> None:
        """Show what was typed here before; the cursor stands behind it."""
        self.value = clean(value)[: self.max_length or None]
        self.cursor_position = len(self.value)

    def takes_key(self, event: events.Key) -> bool:
        """Whether the field handles this key by itself: plain characters, in their own queue."""
        return event.is_printable and event.character is not None

    def _on_paste(self, event: events.Paste) -> None:
        """Paste as one line, cleaned; a list pasted from a sheet keeps all its words."""
        text = clean(event.text).strip()
        if text:
            selection = self.selection
            if selection.is_empty:
                self.insert_text_at_cursor(text)
            else:
                self.replace(text, *selection)
        event.stop()
        event.prevent_default()
