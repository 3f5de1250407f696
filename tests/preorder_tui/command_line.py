"""Runs the command line in this process and keeps what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from preorder_tui.cli import run
from preorder_tui.desk_options import DeskOptions


@dataclass(frozen=True)
class Said:
    """What one run of the program left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line on standard error."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


class CommandLine:
    """``cli("find", "sales")`` runs it on one database as user ``ana``."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self._capsys = capsys
        self.opened: list[DeskOptions] = []
        self.at_desk: Callable[[DeskOptions], int] = lambda options: 0

    def __call__(self, *argv: object) -> Said:
        self._capsys.readouterr()
        status = run(
            ["--database", self.url, "--user", "ana", *(str(word) for word in argv)], self._open
        )
        captured = self._capsys.readouterr()
        return Said(status, captured.out, captured.err)

    def json(self, *argv: object) -> Any:
        """The document of a command that succeeds."""
        said = self(*argv, "--json")
        assert said.status == 0, said.err
        return said.document

    def refuses(self, status: int, *argv: object) -> str:
        """The sentence of a command that fails with that status and prints nothing else."""
        said = self(*argv)
        assert said.status == status, (said.status, said.out, said.err)
        assert said.out == ""
        assert said.sentence.endswith((".", "?", "!"))
        return said.sentence

    def _open(self, options: DeskOptions) -> int:
        self.opened.append(options)
        return self.at_desk(options)
