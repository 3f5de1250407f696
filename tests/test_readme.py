"""The README tells the truth: its key table, its pictures and its commands are the program's."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from click import Group

from preorder_tui.cli import _preorder_tui as desk_commands
from preorder_tui.cli import run
from screens import keys
from tests.conftest import TODAY

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


def commands() -> list[list[str]]:
    """The command lines of the page, in its order, without what is said behind them."""
    blocks = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [
        shlex.split(line, comments=True)[1:] for line in lines if line.startswith("preorder-tui ")
    ]


def test_every_command_line_does_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREORDER_TUI_DATABASE_URL", "sqlite:///try.db")
    first = ["init", "--demo", "--orders", "2000"]
    assert f"PREORDER_TUI_TODAY={TODAY}" in README
    assert first in commands()
    assert len(commands()) > 25
    for command in (first, *(one for one in commands() if one != first)):
        status = run(command, lambda options: 0)
        assert status == 0, (command, capsys.readouterr())


if __name__ == "__main__":
    (ROOT / "README.md").write_text(with_key_table(README))
    sys.exit(0)
