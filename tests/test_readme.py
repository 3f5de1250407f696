"""The README tells the truth: its key table, its pictures and its commands are the program's."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from click import Group

from preorder_tui.cli import _preorder_tui as desk_commands
from preorder_tui.cli import run
from screens import keys

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BETWEEN = re.compile(r"<!-- keys -->\n(.*)<!-- /keys -->", re.DOTALL)


def with_key_table(text: str) -> str:
    """``text`` with the key table as the program has it."""
    return BETWEEN.sub(lambda _: f"<!-- keys -->\n{keys.markdown()}\n<!-- /keys -->", text)


def test_the_key_table_is_the_programs() -> None:
    assert with_key_table(README) == README, "run `python -m tests.test_readme`"


def test_every_picture_is_there() -> None:
    for picture in re.findall(r"\]\((docs/[^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture
        assert "http" not in re.sub(r"http://www.w3.org/\S+", "", (ROOT / picture).read_text())


def test_every_command_named_exists() -> None:
    assert isinstance(desk_commands, Group)
    named = set(re.findall(r"^preorder-tui ([a-z-]+)", README, re.MULTILINE))
    assert len(named) > 8
    assert named <= set(desk_commands.commands)
    for command in sorted(named):
        assert run([command, "--help"], lambda options: 0) == 0, command


if __name__ == "__main__":
    (ROOT / "README.md").write_text(with_key_table(README))
    sys.exit(0)
