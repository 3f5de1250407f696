"""The command line on the test's database."""

from __future__ import annotations

import pytest

from tests.preorder_tui.command_line import CommandLine


@pytest.fixture
def cli(database_url: str, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on an empty database, SQLite and PostgreSQL in turn."""
    return CommandLine(database_url, capsys)


@pytest.fixture
def sqlite_cli(sqlite_database_url: str, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on an empty SQLite database."""
    return CommandLine(sqlite_database_url, capsys)
