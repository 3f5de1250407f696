"""``people``, ``groups``, ``whoami``, ``init --administrator``: who may do what, by command."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui import settings
from preorder_tui.cli import run
from preorder_tui.clock import Clock
from screens.open_service import open_service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine, Said


class Login:
    """Who sits at the keyboard, as the operating system says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.name = name
        monkeypatch.setattr(settings, "login_name", lambda: self.name)


class OwnCommandLine(CommandLine):
    """The command line without --user."""

    def __call__(self, *argv: object) -> Said:
        self._capsys.readouterr()
        status = run(["--database", self.url, *(str(word) for word in argv)], self._open)
        captured = self._capsys.readouterr()
        return Said(status, captured.out, captured.err)


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Login:
    """Rita, who sets the site up."""
    return Login(monkeypatch, "rita")


@pytest.fixture
def site(
    login: Login, sqlite_database_url: str, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """A site of two orders after ``init`` by rita."""
    engine = open_engine(sqlite_database_url)
    book = Book(engine, clock)
    book.sales_order("1", TODAY, [("A", 4)])
    book.purchase_order("8", TODAY, [("A", 10)])
    engine.dispose()
    cli = OwnCommandLine(sqlite_database_url, capsys)
    assert cli("init").status == 0
    return cli


def test_init_makes_the_one_who_runs_it_the_administrator(site: CommandLine) -> None:
    assert site.json("whoami") == {
        "userLoginId": "rita",
        "actingFor": "rita",
        "open": False,
        "known": True,
        "enabled": True,
        "permissions": [
            "VIEW", "ALLOCATE", "EDIT_DATES", "PO_EDIT", "EXIM", "OVERRIDE", "ADMINISTER",
        ],
    }  # fmt: skip
    assert [one["groupId"] for one in site.json("groups")] == [
        "Administrators", "Allocators", "Buyers", "Viewers",
    ]  # fmt: skip
    assert site.json("people") == [
        {
            "userLoginId": "rita",
            "enabled": True,
            "groups": ["Administrators"],
            "permissions": site.json("whoami")["permissions"],
        }
    ]
    assert "nothing has changed" in site("init").out
    assert "already" in site.refuses(1, "init", "--administrator", "eve")
    assert [one["userLoginId"] for one in site.json("people")] == ["rita"]
    assert site("people").out.splitlines()[-1] == "1 person."


def test_init_may_name_another(
    login: Login, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = OwnCommandLine(sqlite_url(tmp_path / "new.db"), capsys)
    assert "state" in cli.json("init", "--administrator", "ann", "--dry-run")
    assert "ann is its administrator" in cli("init", "--administrator", "ann").out
    assert "rita is not among the people" in cli.refuses(1, "find", "sales")
    assert "You are rita" in cli("whoami").out
    assert not cli.json("whoami")["known"]
    login.name = "ann"
    assert cli.json("find", "sales") == []


def test_a_site_from_before_gets_its_administrator(
    login: Login, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite_url(tmp_path / "old.db")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    cli = OwnCommandLine(url, capsys)
    assert cli.json("whoami")["open"]
    assert "No people are defined yet" in cli("people").out
    assert "No people are defined yet" in cli("whoami").out
    assert cli("find", "sales", "--user", "anybody").status == 0
    assert cli("init").status == 0
    assert not cli.json("whoami")["open"]
    login.name = "bo"
    assert "bo is not among the people" in cli.refuses(1, "find", "sales")


def test_demo_data_has_its_people(
    login: Login, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = OwnCommandLine(sqlite_url(tmp_path / "demo.db"), capsys)
    assert cli("init", "--demo", "--orders", "20").status == 0
    groups = {one["userLoginId"]: one["groups"] for one in cli.json("people")}
    assert groups == {
        "ana": ["Allocators", "Buyers"],
        "bogdan": ["Buyers"],
        "chen": ["Allocators"],
        "rita": ["Administrators"],
    }
    cli.opened.clear()
    seen: list[Any] = []

    def look(options: Any) -> int:
        service = open_service(options)
        seen.append(service.whoami())
        service.close()
        return 0

    cli.at_desk = look
    assert cli("demo", "--orders", "20").status == 0
    assert seen[0].permissions
    assert seen[0].login == "rita"


def test_a_refused_command_says_what_it_needs(site: CommandLine, login: Login) -> None:
    site.json("people", "add", "bo", "--group", "Viewers")
    login.name = "bo"
    assert site.json("find", "sales")
    assert site.json("allocate", "1/1", "8/1", "--dry-run")["changes"]
    assert site.refuses(1, "allocate", "1/1", "8/1") == (
        "You may look at allocations but not change them: that needs the permission allocate "
        "(ALLOCATE); ask an administrator (rita)."
    )
    assert "(EXIM)" in site.refuses(1, "export", "EXPORT_PO", "-")
    assert "(EXIM)" in site.refuses(1, "report", "unallocated", "--csv", os.devnull, "--replace")
    assert "(ADMINISTER)" in site.refuses(1, "people", "add", "eve")
    assert "(ADMINISTER)" in site.refuses(1, "groups", "allow", "Viewers", "ALLOCATE")
    login.name = "rita"
    site.json("people", "join", "bo", "Allocators")
    login.name = "bo"
    assert site.json("allocate", "1/1", "8/1")["applied"]
    assert "(OVERRIDE)" in site.refuses(1, "set-promise-date", "1/1", "2026-01-01", "--override")
    assert "or override" in site.refuses(1, "set-promise-date", "1/1", "2026-01-01")
    assert "(PO_EDIT)" in site.refuses(1, "set-quantity", "8/1", "12")
    login.name = "rita"
    document = site.json("set-promise-date", "1/1", "2026-01-01", "--override")
    assert [one["rule"] for one in document["warnings"]] == ["R-54", "R-55"]
    assert site.json("set-arrival-date", "8/1", "2026-01-01", "--override")["warnings"]
    assert site.json("verify")["violations"] == []


def test_user_names_another_only_for_administrators(site: CommandLine, login: Login) -> None:
    site.json("people", "add", "bo", "--group", "Allocators")
    number = site.json("allocate", "1/1", "8/1", "--user", "bo", "--reason", "asked")["changeSetId"]
    last = site.json("change-sets", "--limit", "1")[0]
    assert (last["changeUserLogin"], last["changeComments"]) == ("bo", "by rita: asked")
    login.name = "bo"
    assert "bo and may not act for rita" in site.refuses(1, "find", "sales", "--user", "rita")
    assert site("find", "sales", "--user", "bo").status == 0
    assert site.json("undo")["changeSetId"] == number + 1
    assert site.json("whoami", "--user", "rita")["actingFor"] == "rita"


def test_a_variable_makes_nobody_somebody_else(
    site: CommandLine, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    login.name = "bo"
    monkeypatch.setenv("PREORDER_TUI_USER", "rita")
    monkeypatch.setenv("LOGNAME", "rita")
    monkeypatch.setenv("USER", "rita")
    assert "bo is not among the people" in site.refuses(1, "find", "sales")


def test_the_login_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = pwd.getpwall()[-1]
    monkeypatch.setattr(os, "getuid", lambda: somebody.pw_uid)
    monkeypatch.setenv("LOGNAME", "rita")
    assert settings.login_name() == pwd.getpwuid(somebody.pw_uid).pw_name
    assert settings.user_name() == settings.login_name()
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert settings.login_name() == "uid-987654321"


def test_people_and_groups_by_command(site: CommandLine, login: Login) -> None:
    said = site("people", "add", "bo", "--group", "Viewers", "--reason", "new here")
    assert said.out.splitlines() == ["bo is added, in Viewers.", "Done: change set 1."]
    assert site("people", "disable", "bo", "--dry-run").out.splitlines() == [
        "bo is disabled.", "Nothing has changed (dry run).",
    ]  # fmt: skip
    assert site.json("people", "disable", "bo")["changeSetId"] == 2
    assert site("people", "disable", "bo").out.splitlines()[-1] == "Nothing to change."
    assert site.json("people", "enable", "bo")["message"] == "bo is enabled"
    assert site.json("groups", "add", "Night shift", "--permission", "view", "--permission", "EXIM")
    assert site.json("people", "join", "bo", "Night shift")["applied"] == 1
    assert site.json("people", "leave", "bo", "Viewers")["applied"] == 1
    assert site.json("groups", "allow", "Night shift", "po-edit")["applied"] == 1
    assert site.json("groups", "deny", "Night shift", "VIEW")["applied"] == 1
    (night,) = [one for one in site.json("groups") if one["groupId"] == "Night shift"]
    assert night["permissions"] == ["PO_EDIT", "EXIM"]
    assert night["people"] == ["bo"]
    assert "Night shift" in site("groups").out
    commands = [one["command"] for one in site.json("change-sets")]
    assert commands[:2] == ["groups deny 'Night shift' VIEW", "groups allow 'Night shift' PO_EDIT"]
    assert site.json("change-sets")[-1]["changeComments"] == "new here"


@pytest.mark.parametrize(
    ("status", "words", "sentence"),
    [
        (1, ["people", "disable", "rita"], "rita is the last administrator"),
        (1, ["people", "leave", "rita", "Administrators"], "rita is the last administrator"),
        (1, ["groups", "deny", "Administrators", "ADMINISTER"], "rita is the last administrator"),
        (1, ["people", "join", "bo", "Viewers"], "bo is not among the people"),
        (1, ["people", "join", "rita", "Nothing"], "there is no group 'Nothing'"),
        (1, ["people", "add", "rita"], "among the people already"),
        (2, ["people", "add", " "], "the login is blank"),
        (2, ["groups", "allow", "Viewers", "EVERYTHING"], "is no permission"),
        (2, ["people", "fire", "rita"], "No such command"),
    ],
)
def test_what_is_refused(site: CommandLine, status: int, words: list[str], sentence: str) -> None:
    assert sentence in site.refuses(status, *words)


def test_the_desk_does_not_open_for_who_may_not_look(site: CommandLine, login: Login) -> None:
    login.name = "bo"
    from preorder_tui.errors import NotPermitted

    said: list[str] = []

    def open_desk(options: Any) -> int:
        with pytest.raises(NotPermitted) as refused:
            open_service(options)
        said.append(str(refused.value))
        return 1

    site.at_desk = open_desk
    assert site().status == 1
    assert "bo is not among the people" in said[0]
