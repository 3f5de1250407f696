"""A captive login (``--restricted``): everything that a client may try, and what comes of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from preorder_tui.captive_login import clean_environment
from preorder_tui.desk_options import DeskOptions
from screens.app import DeskApp
from tests.conftest import TODAY
from tests.terminal.pty_desk import Desk
from tests.terminal.ssh_site import SshSite, reason_against
from tests.terminal.test_procurement_workflows import TO_PO_A, Site
from tests.terminal.test_ssh import TO_PROMISE_DATES

_reason = reason_against()
needs_sshd = pytest.mark.skipif(_reason is not None, reason=str(_reason))
pytestmark = pytest.mark.xdist_group("ssh")


@pytest.fixture
def book(sqlite_database_url: str) -> Iterator[Site]:
    """PO-A of 10 units, three sales orders of 4."""
    book = Site(sqlite_database_url)
    yield book
    book.engine.dispose()


class CaptiveSite:
    """A site's settings, and captive sessions as its sshd starts them."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.settings = folder / "settings.toml"
        self.settings.write_text(
            f'database = "{database}"\nexchange-folder = "{self.exchange}"\ntoday = {TODAY}\n'
        )
        self.settings.chmod(0o640)

    def command(self, *python: str) -> list[str]:
        """The forced command; ``python`` are the interpreter's own options."""
        wanted = python or ("-I",)
        return [sys.executable, *(one for one in wanted if one), "-m", "screens",
                "--restricted", "--settings", str(self.settings)]  # fmt: skip

    def desk(self, *python: str, **environment: str) -> Desk:
        """A session."""
        return Desk(command=self.command(*python), environment=environment)


@pytest.fixture
def site(tmp_path: Path, book: Site) -> CaptiveSite:
    """The site."""
    return CaptiveSite(tmp_path, book.url)


# --- The environment ----------------------------------------------------------------------------


def hostile(folder: Path) -> dict[str, str]:
    """What a client could send where sshd let it; every one would do harm if it counted."""
    (folder / "sitecustomize.py").write_text(f"open({str(folder / 'imported')!r}, 'w')\n")
    (folder / "startup.py").write_text(f"open({str(folder / 'imported')!r}, 'w')\n")
    (folder / "terminfo").mkdir(exist_ok=True)
    return {
        "PREORDER_TUI_DATABASE_URL": f"sqlite:///{folder / 'other.db'}",
        "PREORDER_TUI_USER": "bob",
        "PREORDER_TUI_EXCHANGE_FOLDER": "/",
        "PREORDER_TUI_TODAY": "1999-12-31",
        "PREORDER_TUI_LOG": str(folder / "made.log"),
        "PREORDER_TUI_ASCII": "1",
        "PREORDER_TUI_RESTRICTED": "0",
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(folder / "textual.log"),
        "TEXTUAL_PRESS": "f3",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": str(folder),
        "TEXTUAL_SCREENSHOT_FILENAME": "screen.svg",
        "TEXTUAL_DRIVER": "os:abort",
        "TEXTUAL_FPS": "1",
        "PYTHONPATH": str(folder),
        "PYTHONHOME": "/nonexistent",
        "PYTHONSTARTUP": str(folder / "startup.py"),
        "PYTHONINSPECT": "1",
        "PYTHONPROFILEIMPORTTIME": "1",
        "PYTHONBREAKPOINT": "os.abort",
        "PYTHONTZPATH": str(folder),
        "PYTHONUSERBASE": str(folder),
        "EDITOR": "/bin/sh", "VISUAL": "/bin/sh", "PAGER": "/bin/sh", "BROWSER": "/bin/sh",
        "SHELL": "/bin/false",
        "XDG_DATA_HOME": str(folder), "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
        "TMPDIR": str(folder / "nowhere"),
        "TERMINFO": str(folder / "terminfo"),
        "TERMINFO_DIRS": str(folder / "terminfo"),
        "TZ": ":/etc/passwd",
        "PGSERVICEFILE": str(folder / "pg"), "PGPASSFILE": str(folder / "pg"),
        "ESCDELAY": "60000",
        "COLUMNS": "20", "LINES": "5",
        "LC_ALL": "../../../etc/passwd",
    }  # fmt: skip


MADE = ("imported", "made.log", "textual.log", "screen.svg", "other.db", "preorder-tui")


def assert_unmoved(desk: Desk, login: str, folder: Path) -> None:
    """The desk is the site's: its day, its database, one's own name, the terminal's own size."""
    desk.until("3 orders")
    title = desk.screen[0]
    assert f" {login} " in title
    assert title.rstrip().endswith(TODAY.isoformat())
    assert "F3/q Leave" in desk.screen[23]
    time.sleep(1.2)  # what TEXTUAL_SCREENSHOT would wait for
    desk.send("F1")
    desk.until("Esc Enter close")
    desk.send("Esc")  # not after a minute
    desk.until_gone("Esc Enter close", timeout=40)
    assert not [name for name in MADE if (folder / name).exists()]


def login() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("python", ["-I", "-B"])
def test_no_variable_of_the_client_changes_anything(
    python: str, site: CaptiveSite, tmp_path: Path
) -> None:
    """Started as documented, and started as carelessly as a site may."""
    sent = hostile(tmp_path)
    if python != "-I":  # these act before any program of Python's does
        for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONPROFILEIMPORTTIME"):
            del sent[name]
    with site.desk(python, **sent) as desk:
        assert_unmoved(desk, login(), tmp_path)
        process = psutil.Process(desk.child.pid)
        assert process.cmdline()[1] == "-I"
        left = set(process.environ())
        assert left <= {"TERM", "LANG", "LC_CTYPE", "USER", "LOGNAME", "PATH", "HOME", "COLUMNS",
                        "LINES"}  # fmt: skip
        assert process.cwd() == str(site.exchange.resolve())
        desk.send("F3")
        assert desk.end() == 0
    assert not [name for name in MADE if (tmp_path / name).exists()]


@needs_sshd
def test_nor_does_one_that_comes_through_sshd(book: Site, tmp_path: Path) -> None:
    """Even where sshd is told to accept everything."""
    sent = hostile(tmp_path)
    accepting = {"AcceptEnv LANG LC_ALL LC_CTYPE NO_COLOR": "AcceptEnv *"}
    with SshSite(tmp_path, book.url, accepting) as ssh:
        names = ["-o", f"SendEnv={' '.join(sent)}"]
        sent["PATH"] = os.environ["PATH"]
        with ssh.desk(*names, environment=sent) as desk:
            assert_unmoved(desk, ssh.login, tmp_path)
            desk.send("F3")
            assert desk.end() == 0
        assert not [name for name in MADE if (tmp_path / name).exists()]
        assert {" login=" + ssh.login in line for line in ssh.lines_of_log()} == {True}


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a b", "xterm\n", "$(id)", "x" * 99])
def test_a_terminal_name_is_a_name(name: str, site: CaptiveSite) -> None:
    with site.desk(TERM=name) as desk:
        assert desk.end() == 2
    assert b"TERM is not set" in desk.raw


def test_what_a_client_may_say() -> None:
    said = {
        "TERM": "screen.xterm-256color", "LANG": "de_DE.UTF-8@euro", "LC_CTYPE": "C.UTF-8",
        "NO_COLOR": "1", "COLORTERM": "truecolor", "COLUMNS": "132",
    }  # fmt: skip
    cleaned = clean_environment(said | {"LC_ALL": "../x", "LINES": "9" * 9, "LD_PRELOAD": "x"})
    assert cleaned.items() >= said.items()
    assert set(cleaned) - set(said) == {"USER", "LOGNAME", "PATH", "HOME"}


# --- Keys and commands --------------------------------------------------------------------------


def test_keys_that_lead_out_elsewhere_do_nothing(site: CaptiveSite, tmp_path: Path) -> None:
    r"""Ctrl+Z and Ctrl+\ before the desk is there and in it; the palette, a screenshot."""
    with site.desk() as desk:
        for _ in range(20):
            desk.send("\x1a")
            time.sleep(0.02)
        desk.until("3 orders")
        process = psutil.Process(desk.child.pid)
        for key in ("\x1a", "\x1c", "\x03", "\x10", "\x13", "\x0f", "\x1b!", "!"):
            desk.send(key)
            desk.until_quiet()
        assert process.status() != psutil.STATUS_STOPPED
        process.send_signal(signal.SIGTSTP)
        desk.send("F1")
        desk.until("Esc Enter close")
        desk.send("End")
        desk.until("This login is restricted to the desk")
        desk.send("Esc")
        assert not process.children(recursive=True)
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        desk.send("F3")
        assert desk.end() == 0
    assert not [one for one in tmp_path.rglob("*") if one.suffix in (".svg", ".log")]


@pytest.mark.parametrize(
    "command",
    ["!id", "shell", "sh", "!/bin/sh", "e /etc/passwd", "r !id", "w /tmp/x", "screenshot",
     "suspend", "database sqlite:///x", "set log=/tmp/x", "python", "open /etc/passwd", "../../x"],
)  # fmt: skip
def test_no_command_leads_out(command: str, site: CaptiveSite, shared_desk: Desk) -> None:
    shared_desk.send(":", command, "Enter")
    shared_desk.until("is no order, page or command")
    assert not psutil.Process(shared_desk.child.pid).children(recursive=True)
    shared_desk.send("Esc")
    shared_desk.until_quiet()


@pytest.fixture(scope="module")
def shared_desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One captive session for many attempts."""
    import shutil

    from data.engine import sqlite_url

    folder = tmp_path_factory.mktemp("captive")
    shutil.copy(sqlite_template, folder / "desk.db")
    book = Site(sqlite_url(folder / "desk.db"))
    with CaptiveSite(folder, book.url).desk() as desk:
        desk.until("3 orders")
        yield desk
    book.engine.dispose()


def test_no_picture_no_browser_no_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's own ways out, called as a message from data or a new binding might."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", lambda *_: (tmp_path / "browser").touch())
    app = DeskApp(DeskOptions("", "ana", restricted=True), lambda _: pytest.fail("not opened"))

    async def try_all() -> None:
        async with app.run_test():
            await app.run_action("app.screenshot")
            await app.run_action("app.command_palette")
            app.deliver_screenshot()
            with pytest.raises(PermissionError):
                app.save_screenshot()
            app.open_url("http://example.com")
            await app.run_action("app.suspend_process")
            await asyncio.sleep(0.2)

    asyncio.run(try_all())
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


# --- Files, at the desk -------------------------------------------------------------------------


def test_the_desk_exports_into_the_exchange_folder_only(site: CaptiveSite, tmp_path: Path) -> None:
    (site.exchange / "out").symlink_to(tmp_path)
    with site.desk() as desk:
        desk.send(*TO_PO_A, "v")
        desk.until("Review Allocations")
        desk.send("o")
        desk.until("CSV")
        for name in ("../x.csv", str(tmp_path / "x.csv"), "out/x.csv", "/dev/null", "~/../../x"):
            desk.send("\x15", name, "Enter")
            desk.until("outside the exchange folder|There is no folder of that name")
            desk.until_quiet()
        desk.send("\x15", "inside.csv", "Enter")
        desk.until("0 rows written to")
        desk.send("F3")
        assert desk.end() == 0
    assert (site.exchange / "inside.csv").is_file()
    assert not (tmp_path / "x.csv").exists()


def test_the_desk_imports_from_the_exchange_folder_only(site: CaptiveSite, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("order-id\n1\n")
    (site.exchange / "link.csv").symlink_to(tmp_path / "secret.csv")
    (site.exchange / "zero.csv").symlink_to("/dev/zero")
    (site.exchange / "mine.csv").write_text("order-id\n1\n")
    os.mkfifo(site.exchange / "pipe.csv")
    with site.desk() as desk:
        desk.send(*TO_PROMISE_DATES, "f")
        desk.until("In exchange folder")
        desk.until("mine.csv")
        for hidden in ("link.csv", "zero.csv", "pipe.csv", "secret.csv"):
            assert hidden not in desk.text
        for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/etc/passwd",
                     "zero.csv", "pipe.csv", "~root"):  # fmt: skip
            desk.send("\x15", name, "Enter")
            desk.until("There is no file of that name")
            desk.send("\x15")
            desk.until("mine.csv")
        desk.send("Esc", "F3")
        assert desk.end() == 0


# --- The settings file --------------------------------------------------------------------------


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program without a terminal."""
    return subprocess.run(
        [sys.executable, "-I", "-m", "screens", *arguments],
        capture_output=True, text=True, timeout=120, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "mode", "sentence"),
    [
        ("database = ", 0o640, "is no TOML"),
        ("exchange-folder = '/tmp'", 0o640, "names no database"),
        ("database = 'sqlite:///x'\nshell = '/bin/sh'", 0o640, "has 'shell', which is no setting"),
        ("database = 7.5", 0o646, "may be written by others"),
        ("database = 'sqlite:///x'", 0o660, "may be written by others"),
        ("database = ['x']", 0o640, "gives no text for database"),
        ("database = 'x'\nlog = 'desk.log'", 0o640, "write a full path"),
        ("database = 'x'\nexchange-folder = '/nowhere'", 0o640, "which is not a folder"),
    ],
)
def test_a_settings_file_that_cannot_be_trusted_opens_nothing(
    text: str, mode: int, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    path.chmod(mode)
    done = run("--restricted", "--settings", str(path), "find", "sales")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_settings_file_opens_nothing(tmp_path: Path) -> None:
    for arguments in (("--restricted",), ("--restricted", "--settings", str(tmp_path / "none"))):
        done = run(*arguments, "find", "sales")
        assert done.returncode == 2
        assert "settings.toml cannot be read" in done.stderr or "none cannot be read" in done.stderr
    assert "goes before everything else" in run("--json", "--restricted", "find").stderr
    assert run("find", "sales", "--restricted").returncode == 2


def test_a_persons_own_variables_go_before_a_settings_file_without_restricted(
    site: CaptiveSite,
) -> None:
    said = run("--settings", str(site.settings), "settings", "--json",
               PREORDER_TUI_DATABASE_URL="sqlite:////mine.db").stdout  # fmt: skip
    assert '"database": "/mine.db"' in said
    assert str(site.exchange) in said
    captive = run("--restricted", "--settings", str(site.settings), "settings",
                  PREORDER_TUI_DATABASE_URL="sqlite:////mine.db").stdout  # fmt: skip
    assert "mine.db" not in captive
    assert "Restricted       yes: files of the exchange folder only" in captive


def test_files_are_the_groups(site: CaptiveSite) -> None:
    before = os.umask(0o022)
    try:
        done = run(
            "--restricted", "--settings", str(site.settings), "export", "EXP_PO_ATP", "a.csv"
        )
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert (site.exchange / "a.csv").stat().st_mode & 0o777 == 0o660
