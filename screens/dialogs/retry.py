"""The database does not answer: what was typed is kept, and one key tries again."""

from __future__ import annotations

from textwrap import wrap

from screens import keys
from screens.dialog import Confirm


class NoDatabase(Confirm):
    """Answers true to try again."""

    KEPT = False
    HELP = (
        "The database cannot be reached just now. Nothing was changed, and what you typed or "
        "picked is kept. Enter tries again, as often as you like; Esc leaves it."
    )

    def __init__(self, sentence: str) -> None:
        super().__init__(
            "The database does not answer",
            [*wrap(sentence, 72), "", "What you typed is kept."],
            "Try again",
            unexpected=True,
        )

    def key_line(self) -> str:
        """Again, or not."""
        return f"{keys.keys_of('yes')} Try again  {keys.keys_of('no')} Leave it"
