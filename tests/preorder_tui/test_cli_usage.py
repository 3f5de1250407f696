"""The frame of the command line: options, the desk, output, errors of the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from preorder_tui.cli import run
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.settings import (
    database_url,
    exchange_file,
    exchange_folder,
    user_name,
)
from tests.preorder_tui.command_line import CommandLine

PROGRAM = "import sys; from preorder_tui.cli import run; sys.exit(run(sys.argv[1:], lambda o: 0))"


def program(
    *argv: str, modules: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, *(["-X", "importtime"] if modules else []), "-c", PROGRAM, *argv],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


def test_options_stand_before_or_after_the_command(sqlite_cli: CommandLine) -> None:
    url = sqlite_cli.url
    opened: list[DeskOptions] = []

    def desk(options: DeskOptions) -> int:
        opened.append(options)
        return 0

    for argv in (
        ["--database", url, "--user", "bo", "--json", "find", "sales"],
        ["find", "sales", "--database", url, "--user", "bo", "--json"],
        ["find", "--database", url, "sales", "--json"],
        ["--database", "sqlite:////nowhere/x.db", "find", "sales", "--database", url],
    ):
        assert run(argv, desk) == 0
    assert opened == []


def test_without_a_command_the_desk_opens(
    sqlite_cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREORDER_TUI_EXCHANGE_FOLDER", str(tmp_path))
    sqlite_cli.at_desk = lambda options: 7
    assert sqlite_cli().status == 7
    (options,) = sqlite_cli.opened
    assert options.database_url == sqlite_cli.url
    assert options.user == "ana"
    assert options.exchange_folder == str(tmp_path.resolve())
    assert not options.restricted
    assert not options.demo
    sqlite_cli.refuses(2, "--json")


def test_demo_is_thrown_away(sqlite_cli: CommandLine) -> None:
    seen: list[Path] = []

    def desk(options: DeskOptions) -> int:
        path = Path(options.database_url.removeprefix("sqlite:///"))
        assert path.exists()
        seen.append(path)
        return 0

    sqlite_cli.at_desk = desk
    assert sqlite_cli("demo", "--orders", "20", "--seed", "3").status == 0
    (options,) = sqlite_cli.opened
    assert options.demo
    assert not seen[0].parent.exists()
    sqlite_cli.refuses(2, "demo", "--orders", "0")


def test_help_and_find_import_little() -> None:
    helped = program("--help", modules=True)
    assert helped.returncode == 0
    for command in ("find", "allocate", "set-arrival-date", "import", "verify"):
        assert f"  {command} " in helped.stdout
    imported = {line.rpartition("|")[2].strip() for line in helped.stderr.splitlines()}
    assert not imported & {"sqlalchemy", "pandas", "numpy", "alembic", "textual"}


def test_find_imports_neither_pandas_nor_alembic(sqlite_cli: CommandLine) -> None:
    found = program("find", "sales", "--database", sqlite_cli.url, modules=True)
    assert found.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}
    assert "sqlalchemy" in imported
    assert not imported & {"pandas", "numpy", "alembic", "textual"}


def test_bytes_that_are_no_utf8(sqlite_cli: CommandLine) -> None:
    assert sqlite_cli("find", "sales", "\udcff\x1b[2J").status == 0
    said = sqlite_cli.refuses(1, "show", "\udcff\x1b[2J")
    assert "\x1b" not in said
    assert sqlite_cli("find", "sales", "--user", "\udcff").status == 0


def test_an_ascii_terminal_is_no_obstacle(sqlite_cli: CommandLine) -> None:
    said = program("show", "Ä\u202e", "--database", sqlite_cli.url, PYTHONIOENCODING="ascii:strict")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_closed_pipe_is_no_traceback(sqlite_cli: CommandLine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "change-sets", "--database", sqlite_cli.url],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_a_reason_too_long_is_refused_before_anything(sqlite_cli: CommandLine) -> None:
    sqlite_cli.refuses(2, "undo", "--reason", "x" * 256)


def test_user_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_name("  Ana \x1b[2J María ") == "Ana [2J María"
    assert user_name(None, {"PREORDER_TUI_USER": "bo"}) == "bo"
    assert user_name(None, {})
    for text in ("", " \x1b ", "x" * 61):
        with pytest.raises(WrongUsage):
            user_name(text)


def test_database_url_from_the_environment() -> None:
    assert database_url("sqlite:///a.db", {"PREORDER_TUI_DATABASE_URL": "b"}) == "sqlite:///a.db"
    assert database_url(None, {"PREORDER_TUI_DATABASE_URL": "b"}) == "b"
    assert database_url(None, {}).startswith("sqlite:////")


def test_exchange_folder_keeps_files_in(tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    inside = exchange_folder({"PREORDER_TUI_EXCHANGE_FOLDER": str(folder)})
    assert exchange_file("a.csv", inside) == folder.resolve() / "a.csv"
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/etc/passwd"):
        with pytest.raises(Refused):
            exchange_file(name, inside)
    with pytest.raises(WrongUsage):
        exchange_folder({"PREORDER_TUI_EXCHANGE_FOLDER": str(tmp_path / "none")})
    assert exchange_folder({}) is None


def test_an_unexpected_error_is_a_sentence_and_a_log_entry(
    sqlite_cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.delenv("PREORDER_TUI_LOG")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("preorder_tui.verify.verify", fail)
    done = sqlite_cli("verify")
    assert done.status == 1
    assert "Something unexpected happened (ZeroDivisionError)." in done.err
    assert "Traceback" not in done.err
    log = next(tmp_path.rglob("desk.log")).read_text()
    assert "error=ZeroDivisionError at=preorder_tui/test_cli_usage.py:" in log
    assert 'what="command verify" outcome=failed' in log
    assert "inside" not in log, "a message may quote data"
