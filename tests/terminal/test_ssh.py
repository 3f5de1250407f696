"""The desk behind a real sshd: whole workflows, lines that drop, and nothing left of either."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest

from preorder_tui.actor import Actor
from preorder_tui.service import Service
from tests.terminal.pty_desk import PATIENCE_SECONDS
from tests.terminal.ssh_site import SshSite, reason_against
from tests.terminal.test_procurement_workflows import (
    JUNE_1,
    JUNE_20,
    TO_PO_A,
    Site,
)

_reason = reason_against()
pytestmark = [
    pytest.mark.skipif(_reason is not None, reason=str(_reason)),
    pytest.mark.xdist_group("ssh"),
]
TO_PROMISE_DATES = ("F10", "exim", "Enter", *["Down"] * 6, "Enter")
"""Hamburger Menu > MDM > EXIM > Import > IMP_ORD_ITEM_UPD."""


@pytest.fixture
def book(sqlite_database_url: str) -> Iterator[Site]:
    """PO-A of 10 units, three sales orders of 4."""
    book = Site(sqlite_database_url)
    yield book
    book.engine.dispose()


@pytest.fixture
def site(book: Site, tmp_path: Path) -> Iterator[SshSite]:
    """It behind sshd."""
    with SshSite(tmp_path, book.url) as site:
        yield site


def test_the_shipped_set_up_shuts_every_door(site: SshSite) -> None:
    """As sshd itself understands the file, for this person."""
    effective = site.effective()
    assert "-I -m screens --restricted --settings " in effective["forcecommand"]
    for door in ("permituserrc", "allowagentforwarding", "allowtcpforwarding", "x11forwarding",
                 "allowstreamlocalforwarding", "permittunnel", "gatewayports"):  # fmt: skip
        assert effective[door] == "no", door
    assert effective["disableforwarding"] == "yes"
    assert effective["permitopen"] == effective["permitlisten"] == "none"
    assert effective["permittty"] == "yes"
    assert effective["permituserenvironment"] == "no"
    assert effective["acceptenv"] == "LANG LC_ALL LC_CTYPE NO_COLOR", "whatever the others may send"
    assert int(effective["clientaliveinterval"]) * int(effective["clientalivecountmax"]) == 60


def test_a_whole_workflow(site: SshSite, book: Site) -> None:
    """Allocate, move the purchase order's arrival, carry it to the promises; then undo."""
    with site.desk() as desk:
        desk.send(*TO_PO_A, "l", "y", "Space", "Down", "Space", "Enter", "y")
        desk.until("allocated 8  ATP 2")
        assert book.allocated() == [4, 4, 0]
        desk.send("e")
        desk.until("Arrival date of PO-A/00001")
        desk.send("20270620", "Enter")
        desk.until("1 change on 1 line")
        desk.send("y")
        desk.until("2027-06-20 Approved +sync 2")
        assert book.promises()[:2] == [JUNE_1] * 2
        desk.send("y")
        desk.until("Sync Date with SO\\?")
        desk.send("y")
        desk.until("2 ticked: 2 get later")
        desk.send("Enter")
        desk.until("2 changes on 2 lines")
        desk.send("y")
        desk.until("done, 2 changes on 2 lines")
        assert book.promises()[:2] == [JUNE_20] * 2
        (one,) = site.of_the_desk()
        assert one.cmdline()[1] == "-I"
        assert "preorder_tui" not in " ".join(one.environ()), "no variable of the client's"
        processes = site.processes()
        desk.send("F3")
        assert desk.end() == 0
    site.until_gone(processes)
    assert {one.user for one in book.service.change_sets()} == {site.login}
    assert book.service.verify().violations == ()
    lines = site.lines_of_log()
    for what in ("open", "allocate-sales-orders", "set-arrival-date", "sync-dates", "close"):
        (line,) = [one for one in lines if f" what={what} " in one]
        assert f" login={site.login} from=desk " in line
        assert " outcome=done ms=" in line
    assert "Ana" not in "".join(lines)


# --- Lines that drop ----------------------------------------------------------------------------


def drop(site: SshSite, how: str, client: psutil.Process) -> None:
    """Break the connection."""
    if how == "client killed":
        client.kill()
    elif how == "session process killed":
        for one in site.processes():
            if "sshd" in one.name():
                one.kill()
    elif how == "desk killed":
        min(site.of_the_desk(), key=lambda one: one.create_time()).kill()
    else:  # the line is dead, and nobody says so: only ClientAliveInterval notices
        client.suspend()


DROPS = ("client killed", "session process killed", "line dead")
QUICK = {"ClientAliveInterval 15": "ClientAliveInterval 1", "CountMax 4": "CountMax 6"}
"""Seconds until a dead line is noticed: few, but more than a busy machine lets a live one wait."""


@pytest.mark.parametrize("how", DROPS)
def test_the_line_drops_in_the_middle_of_an_edit(how: str, book: Site, tmp_path: Path) -> None:
    with SshSite(tmp_path, book.url, QUICK) as site:
        with site.desk() as desk:
            desk.send(*TO_PO_A, "l", "y", "Space", "Enter", "y")
            desk.until("allocated 4  ATP 6")
            desk.send("e")
            desk.until("Arrival date of PO-A/00001")
            desk.send("202706")
            desk.until("202706")
            processes = site.processes()
            assert site.of_the_desk()
            drop(site, how, psutil.Process(desk.child.pid))
            site.until_gone(processes)
            desk.kill()
        # What was applied is there, what was only typed is kept, and the next session goes on.
        assert book.allocated() == [4, 0, 0]
        assert book.service.purchase_order("PO-A").items[0].arrival_date == JUNE_1
        assert book.service.verify().violations == ()
        (closed,) = [line for line in site.lines_of_log() if " what=close " in line]
        assert " outcome=interrupted " in closed
        assert closed.endswith(" status=129")
        with site.desk() as desk:
            desk.until("What you typed is kept")
            desk.until("the line dropped while you were at: Arrival date of PO-A/00001")
            desk.until_quiet()  # keys from before it was seen are not meant for it
            desk.send("Enter")
            desk.until("Date 202706 ")
            assert book.service.purchase_order("PO-A").items[0].arrival_date == JUNE_1
            desk.send("20", "Enter")
            desk.until("1 change on 1 line")
            desk.send("y")
            desk.until("2027-06-20 Approved +sync 1")
            desk.send("n")
            processes = site.processes()
            desk.send("F3")
            assert desk.end() == 0
        site.until_gone(processes)
        assert book.service.purchase_order("PO-A").items[0].arrival_date == JUNE_20
        assert [one.user for one in book.service.change_sets()] == [site.login] * 2
        mine = Service(book.engine, Actor(site.login, "desk"), book.service.clock)
        assert mine.kept_drafts() == ()
        assert "202706" not in "".join(site.lines_of_log())


def test_the_draft_of_a_line_that_is_only_thought_dead(book: Site, tmp_path: Path) -> None:
    """Who connects again before sshd has noticed is told when it has."""
    with SshSite(tmp_path, book.url, QUICK) as site:
        with site.desk() as desk:
            desk.send(*TO_PO_A, "e")
            desk.until("Arrival date of PO-A/00001")
            desk.send("202706")
            desk.until("202706")
            mine = Service(book.engine, Actor(site.login, "desk"), book.service.clock)
            give_up = time.monotonic() + PATIENCE_SECONDS
            while [one.draft.typed for one in mine.kept_drafts()] != ["typed 202706"]:
                assert time.monotonic() < give_up, "nothing is kept while it is typed"
                time.sleep(0.05)
            (draft,) = mine.kept_drafts()
            assert draft.in_use
            with site.desk() as other:
                other.until("3 orders")
                other.send("F10", "kept", "Enter")
                other.until("Since .* it is open on pts/")
                other.send("Enter")
                other.until("It is open at your other desk")
                drop(site, "client killed", psutil.Process(desk.child.pid))
                desk.kill()
                other.until("1 kept draft: F10/m, Workflow, Kept drafts")
                other.send("F5", "Enter")
                other.until("Date 202706 ")
                other.send("Esc", "F3")
                assert other.end() == 0
        assert mine.kept_drafts() == ()


def big_file(path: Path, rows: int) -> None:
    """Promise dates for the three lines of the book, and for many that are not there."""
    lines = [f"1000{n},1,2027-03-01" for n in (1, 2, 3)]
    lines += [f"{n},1,2027-03-01" for n in range(20_000, 20_000 + rows)]
    header = "order-id,order-item-seq-id,promised-datetime"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")


@pytest.mark.parametrize("how", [*DROPS, "desk killed"])
def test_the_line_drops_in_the_middle_of_an_import(how: str, book: Site, tmp_path: Path) -> None:
    with SshSite(tmp_path, book.url, QUICK) as site:
        big_file(site.exchange / "big.csv", 400_000)
        with site.desk() as desk:
            desk.send(*TO_PROMISE_DATES, "f", "big", "Enter")
            desk.until("Checking the rows")
            processes = site.processes()
            assert len(site.of_the_desk()) == 2, "the desk and its worker"
            mine = Service(book.engine, Actor(site.login, "desk"), book.service.clock)
            give_up = time.monotonic() + PATIENCE_SECONDS
            while [one.draft.title for one in mine.kept_drafts()] != ["Import > IMP_ORD_ITEM_UPD"]:
                assert time.monotonic() < give_up, mine.kept_drafts()
                time.sleep(0.05)
            drop(site, how, psutil.Process(desk.child.pid))
            site.until_gone(processes)
            desk.kill()
        assert book.promises() == [None, None, None]
        assert book.service.verify().violations == ()
        assert [one.name for one in site.exchange.iterdir()] == ["big.csv"]
        if how == "client killed":
            with site.desk() as desk:
                desk.until("while you were at: Import > IMP_ORD_ITEM_UPD")
                desk.until_quiet()
                desk.send("Enter")
                desk.until("Checking the rows")
                desk.send("Esc")
                desk.until("Cancelled. Nothing was changed.")
                desk.send("F3")
                assert desk.end() == 0
            assert book.promises() == [None, None, None]


def test_an_import_that_was_being_applied_is_whole_or_not_there(book: Site, tmp_path: Path) -> None:
    """And the log of imports says which."""
    with SshSite(tmp_path, book.url) as site:
        big_file(site.exchange / "big.csv", 60_000)
        with site.desk() as desk:
            desk.send(*TO_PROMISE_DATES, "f", "big", "Enter")
            desk.until("3 would change, .* fail")
            desk.send("i", "new dates", "Enter")
            desk.until("Importing|Imported")
            processes = site.processes()
            drop(site, "client killed", psutil.Process(desk.child.pid))
            site.until_gone(processes)
            desk.kill()
        (entry,) = book.service.import_log("IMP_ORD_ITEM_UPD")
        done = entry.status_id == "SERVICE_FINISHED"
        assert book.promises() == [date(2027, 3, 1) if done else None] * 3
        assert entry.user == site.login
        assert done or entry.status_id in ("SERVICE_CANCELLED", "SERVICE_FAILED", "SERVICE_CRASHED")
        assert len(book.service.change_sets()) == int(done)
        assert book.service.verify().violations == ()


# --- Other ways in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [(), ("bash",), ("/bin/sh", "-c", "touch {}"), ("scp", "-t", "/")]
)
def test_what_a_client_asks_sshd_to_run_is_not_run(
    words: tuple[str, ...], site: SshSite, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    asked = [word.format(made) for word in words]
    ended = subprocess.run(
        [*site.ssh("-T"), *asked], input="id\n", capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert "The desk needs a terminal" in ended.stderr
    assert "uid=" not in ended.stdout
    assert not made.exists()


def test_a_command_on_a_terminal_opens_the_desk(site: SshSite) -> None:
    with site.desk(words=("bash", "-i")) as desk:
        desk.until("3 orders")
        desk.send("F3")
        assert desk.end() == 0


def test_no_forwarding_no_files(site: SshSite) -> None:
    forward = subprocess.run(
        [*site.ssh("-T", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert forward.returncode == 255
    assert "remote port forwarding failed" in forward.stderr
    sftp = subprocess.run(
        [*site.ssh("-T", "-s")[:-1], "127.0.0.1", "sftp"],
        input="", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert sftp.returncode == 2, "the desk, which wants a terminal, and not sftp"
    assert not sftp.stdout


def test_many_sessions_end_alone(site: SshSite) -> None:
    """One person's lost line is nobody else's."""
    with site.desk() as first:
        first.until("3 orders")
        alone = site.processes()
        with site.desk() as second:
            second.until("3 orders")
            seconds = [one for one in site.processes() if one not in alone]
            second.signal(signal.SIGKILL)
            psutil.wait_procs(seconds, PATIENCE_SECONDS)
            assert not any(one.is_running() for one in seconds)
        first.send("F1")
        first.until("Esc Enter close")
        first.send("Esc", "F3")
        assert first.end() == 0
