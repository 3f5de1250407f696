"""What is found out about a terminal, and what only ASCII leaves of a text."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from screens.terminal import PLAIN_TEXT, Terminal, examine, prepare


@pytest.mark.parametrize(
    ("environment", "ascii_only", "monochrome"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}, False, False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.utf8", "NO_COLOR": "1"}, False, True),
        ({"TERM": "xterm-256color", "LANG": "C"}, True, False),
        ({"TERM": "xterm-256color", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, True, False),
        ({"TERM": "xterm-256color", "LC_CTYPE": "en_US.UTF-8"}, False, False),
        ({"TERM": "xterm-256color", "LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True, False),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, True, False),
        ({"TERM": "xterm", "LANG": "de_DE@euro"}, True, False),
        ({"TERM": "xterm", "LANG": "x.nonsense"}, True, False),
        ({"TERM": "vt100", "LANG": "en_US.UTF-8"}, True, True),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, False, False),
        ({"TERM": "linux", "LANG": "C"}, True, False),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "PREORDER_TUI_ASCII": "1"}, True, False),
        ({"TERM": "vt100", "LANG": "C.UTF-8", "PREORDER_TUI_ASCII": "0"}, False, True),
    ],
)
def test_examine(environment: dict[str, str], ascii_only: bool, monochrome: bool) -> None:
    assert examine(environment) == Terminal(environment["TERM"], ascii_only, monochrome)


def test_prepare_overrides_what_would_break_the_desk() -> None:
    environment = {"TEXTUAL_COLOR_SYSTEM": "nonsense", "TEXTUAL_DRIVER": "x:Y", "NO_COLOR": "1"}
    prepare(Terminal("xterm"), environment)
    assert "TEXTUAL_COLOR_SYSTEM" not in environment
    assert "TEXTUAL_DRIVER" not in environment
    assert environment["TEXTUAL_ANIMATIONS"] == "none"
    assert environment["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("abc \x1b[7m", "abc \x1b[7m"),
        ("a › b…", "a > b~"),
        ("╭──┐│", "+--+|"),
        ("日本", "????"),
        ("Müller", "Muller"),
        ("ß€", "??"),
        ("e\u0301", "e"),
    ],
)
def test_plain_text_keeps_the_width(text: str, plain: str) -> None:
    assert text.translate(PLAIN_TEXT) == plain
    assert cell_len(plain) == cell_len(text) or "\x1b" in text
