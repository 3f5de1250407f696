"""The search field of a Find page."""

from __future__ import annotations

from textual import events
from textual.message import Message

from screens.text_field import TextField


class SearchField(TextField):
    """Types what to look for; Enter, Down and Tab go to the list, Esc takes the text away."""

    class Left(Message):
        """The person goes on to the list."""

    class Cleared(Message):
        """Esc: the text is to go."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("down", "enter", "tab", "pagedown"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
        elif event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Cleared())
        else:
            await super()._on_key(event)
