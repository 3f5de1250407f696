"""Bytes from the terminal, cut so that a pressed Esc is never taken for the start of Alt+key.

Terminals send Esc for the Esc key, and Esc with a letter for Alt and the letter. Who types ahead
sends Esc and the next key in one go: Textual would see Alt+y, or Enter alone, and the Esc that was
to close a dialog would be lost. The desk has no Alt keys, so Esc is Esc unless a sequence follows.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

ESCAPE = "\x1b"
_LONE = re.compile(r"\x1b(?![\[O\]P^_X\\])")  # these begin (or, the backslash, end) a sequence
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"


class TypedInput:
    """Turns what was read into pieces: a lone Esc, or text for the parser of sequences."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._pasting = False
        self._kept = ""

    @property
    def waiting(self) -> bool:
        """Whether an Esc has come and nothing after it: a key, or the start of a sequence."""
        return bool(self._kept)

    def give_up_waiting(self) -> str:
        """Nothing followed the Esc in time: it was the key."""
        kept, self._kept = self._kept, ""
        return kept

    def pieces(self, data: bytes) -> Iterator[str]:
        """The pieces of ``data``; bytes that are no UTF-8 are replaced."""
        text = self._kept + self._decode(data)
        self._kept = ""
        while text:
            if self._pasting:
                inside, ends, text = text.partition(_PASTE_ENDS)
                self._pasting = not ends
                yield inside + ends
                continue
            typed, begins, rest = text.partition(_PASTE_BEGINS)
            yield from self._typed(typed, last=not begins)
            if begins:
                self._pasting = True
                yield begins
            text = rest

    def _typed(self, text: str, *, last: bool) -> Iterator[str]:
        position = 0
        for lone in _LONE.finditer(text):
            if lone.start() > position:
                yield text[position : lone.start()]
            position = lone.end()
            if last and position == len(text):
                self._kept = ESCAPE
            else:
                yield ESCAPE
        if position < len(text):
            yield text[position:]
