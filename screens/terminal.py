"""What this terminal can show, found out before Textual is imported (it reads its own variables).

Nothing here imports Textual: commands ask for the facts too.
"""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from collections.abc import MutableMapping
from dataclasses import dataclass

ASCII_VARIABLE = "PREORDER_TUI_ASCII"
MINIMUM_WIDTH, MINIMUM_HEIGHT = 80, 24

_WITHOUT_COLOUR = ("vt100", "vt102", "vt220", "vt320", "ansi-m", "xterm-mono", "screen-mono")
_WITHOUT_UNICODE = ("vt100", "vt102", "vt220", "vt320")


@dataclass(frozen=True, slots=True)
class Terminal:
    """The facts that the look depends on."""

    name: str
    ascii_only: bool = False
    monochrome: bool = False


def refusal(environment: MutableMapping[str, str] = os.environ) -> str | None:
    """Why the desk cannot open here, as a sentence; None when it can."""
    name = environment.get("TERM", "")
    if not name or name in ("dumb", "unknown"):
        return (
            f"The desk needs a terminal that can place text, and TERM is "
            f"{repr(name) if name else 'not set'}: set it, for example TERM=xterm-256color, "
            "or use the commands (preorder-tui --help)."
        )
    for stream in (sys.__stdin__, sys.__stderr__):
        if stream is None or stream.closed or not stream.isatty():
            return (
                "The desk needs a terminal for its keys and screen: run it without redirecting; "
                "with ssh use `ssh -t`, or use the commands (preorder-tui --help)."
            )
    return None


def examine(environment: MutableMapping[str, str] = os.environ) -> Terminal:
    """The facts about this terminal, from the environment and the locale's encoding."""
    name = environment.get("TERM", "")
    encoding = locale_encoding(environment)
    forced = environment.get(ASCII_VARIABLE, "")
    if forced in ("0", "1"):
        ascii_only = forced == "1"
    else:
        ascii_only = encoding != "utf-8" or name.startswith(_WITHOUT_UNICODE)
    monochrome = bool(environment.get("NO_COLOR")) or name.startswith(_WITHOUT_COLOUR)
    return Terminal(name, ascii_only, monochrome)


def locale_encoding(environment: MutableMapping[str, str] = os.environ) -> str:
    """The encoding that the person's locale names, not the one Python coerced it to.

    Python turns the C locale into UTF-8 for itself (PEP 538 sets LC_CTYPE to C.UTF-8), which says
    nothing about the emulator at the other end; a person in a plain C locale gets ASCII.
    """
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        locale = environment.get(variable, "")
        if not locale:
            continue
        if variable == "LC_CTYPE" and locale == "C.UTF-8" and _coerced(environment):
            continue
        _, dot, charset = locale.partition(".")
        if not dot:
            return "ascii"
        try:
            return codecs.lookup(charset.partition("@")[0]).name
        except LookupError:
            return "ascii"
    return "ascii"


def _coerced(environment: MutableMapping[str, str]) -> bool:
    return environment.get("LANG", "C") in ("", "C", "POSIX") and not environment.get("LC_ALL")


def prepare(terminal: Terminal, environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what Textual reads when it is imported: no animation, one key behaviour for everybody."""
    environment["TEXTUAL_ANIMATIONS"] = "none"
    environment["TEXTUAL_SMOOTH_SCROLL"] = "0"
    environment["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    environment["TEXTUAL_THEME"] = "ansi-dark"
    environment.setdefault("ESCDELAY", "100")
    for variable in ("TEXTUAL_DRIVER", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_COLOR_SYSTEM"):
        environment.pop(variable, None)
    if _knows_its_size():  # COLUMNS and LINES that a shell exported tell the size of another time
        environment.pop("COLUMNS", None)
        environment.pop("LINES", None)
    # Our own monochrome look uses no colour at all; Textual's filter would add codes to each cell.
    environment.pop("NO_COLOR", None)


def fall_silent() -> None:
    """After the desk nothing is written to the terminal any more.

    What Python says at its end, of steps that were never taken, would stand in the person's shell,
    and the program would wait for ever on a line whose client reads nothing.
    """
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the process ends)


def _knows_its_size() -> bool:
    try:
        return all(os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1))
    except (OSError, ValueError):
        return False


_PLAIN = {
    "›": ">", "»": ">", "→": ">", "←": "<", "…": "~", "–": "-", "—": "-", "‘": "'", "’": "'",
    "“": '"', "”": '"', "•": "*", "·": ".", "×": "x", "\u00a0": " ",
    "─": "-", "━": "=", "│": "|", "┃": "|",
}  # fmt: skip


class PlainText(dict[int, str]):
    """A translation table that turns any character into ASCII of the same width, made as needed."""

    def __missing__(self, code: int) -> str:
        plain = chr(code) if code < 128 else self._plain(chr(code))
        self[code] = plain
        return plain

    @staticmethod
    def _plain(character: str) -> str:
        from rich.cells import cell_len

        if character in _PLAIN:
            return _PLAIN[character]
        if 0x2500 <= ord(character) <= 0x257F:
            return "+"
        width = cell_len(character)
        if width != 1:
            return "?" * width
        # A letter with an accent keeps its letter: "Müller" reads better as "Muller" than "M?ller",
        # but only what looks like the data may stand for it, so anything else is a question mark.
        letter = unicodedata.normalize("NFD", character)[0]
        return letter if letter.isascii() and letter.isalpha() else "?"


PLAIN_TEXT = PlainText()
"""For ``str.translate``: what leaves the program when only ASCII may."""
