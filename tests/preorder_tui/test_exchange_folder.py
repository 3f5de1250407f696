"""A captive login's files: whatever a name says, nothing outside the exchange folder is touched."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from preorder_tui import cli, exchange_folder, settings
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Refused
from preorder_tui.export_file import write_file
from tests.preorder_tui.command_line import CommandLine, Said

SECRET = "order-id,order-item-seq-id,promised-datetime\n1,1,2027-01-01\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exchange folder with every trap in it, and a secret beside it."""
    folder = tmp_path / "exchange"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "secret.csv").write_text(SECRET)
    (tmp_path / "outside" / "secret.csv").write_text(SECRET)
    (folder / "dates.csv").write_text(SECRET)
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "up").symlink_to("..")
    (folder / "gone.csv").symlink_to(tmp_path / "made.csv")
    (folder / "loop").symlink_to("loop")
    (folder / "etc").symlink_to("/etc")
    os.mkfifo(folder / "pipe.csv")
    (folder / "null.csv").symlink_to("/dev/null")
    return folder


@pytest.fixture
def captive(
    folder: Path, sqlite_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> CaptiveCommands:
    """The command line of a captive login."""
    monkeypatch.setattr(settings._Captive, "database", sqlite_cli.url)
    monkeypatch.setattr(exchange_folder, "_confinement", exchange_folder._Confinement())
    monkeypatch.setenv("PREORDER_TUI_EXCHANGE_FOLDER", str(folder))
    exchange_folder.confine(folder)
    monkeypatch.chdir(folder)
    return CaptiveCommands(sqlite_cli)


class CaptiveCommands:
    """Runs commands as a captive login may: without naming a database or another person."""

    def __init__(self, commands: CommandLine) -> None:
        self._capsys = commands._capsys

    def __call__(self, *argv: str) -> Said:
        self._capsys.readouterr()
        status = cli.run(argv, self._no_desk)
        captured = self._capsys.readouterr()
        return Said(status, captured.out, captured.err)

    @staticmethod
    def _no_desk(_: DeskOptions) -> int:
        raise AssertionError("no desk was asked for")


def everything(top: Path) -> dict[str, str]:
    """Each plain file outside the exchange folder, with what is in it."""
    return {
        str(path): path.read_text()
        for path in top.rglob("*.csv")
        if path.is_file() and not path.is_symlink() and "exchange" not in path.parts
    }


LEADING_OUT = [
    "../secret.csv", "inner/../../secret.csv", "{top}/secret.csv", "link.csv", "out/secret.csv",
    "up/secret.csv", "up/outside/secret.csv", "/etc/passwd", "etc/passwd", "/proc/self/environ",
    "/dev/zero", "null.csv", "loop", "loop/x.csv", "~/secret.csv/../../../../../etc/passwd",
    "/dev/fd/0", "/dev/stdin", "nul\x00byte.csv", "../" * 40 + "etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("name", LEADING_OUT)
def test_no_name_leads_out(name: str, captive: CaptiveCommands, folder: Path) -> None:
    top = folder.parent
    named = name.format(top=top)
    before = everything(top)
    for argv in (
        ("import", "IMP_ORD_ITEM_UPD", named),
        ("import", "IMP_ORD_ITEM_UPD", "dates.csv", "--failed-records", named),
        ("import", "IMP_ORD_ITEM_UPD", "dates.csv", "--conflicts", named),
        ("export", "EXP_PO_ATP", named),
        ("export", "EXP_PO_ATP", named, "--replace"),
        ("report", "unallocated", "--csv", named, "--replace"),
    ):
        done = captive(*argv)
        assert done.status in (1, 2), (argv, done)
        assert done.sentence
        assert "Traceback" not in done.err
        assert "root:" not in done.err
    assert everything(top) == before
    assert not (top / "made.csv").exists()


def test_a_pipe_keeps_nobody_waiting(captive: CaptiveCommands, folder: Path) -> None:
    done: list[Said] = []
    one = threading.Thread(
        target=lambda: done.append(captive("import", "IMP_ORD_ITEM_UPD", "pipe.csv")), daemon=True
    )
    one.start()
    one.join(60)
    assert not one.is_alive(), "it waits for somebody to write"
    assert done[0].status == 1
    assert "no plain file" in done[0].err


def test_a_broken_link_is_not_written_through(captive: CaptiveCommands, folder: Path) -> None:
    done = captive("export", "EXP_PO_ATP", "gone.csv", "--replace")
    assert done.status == 1
    assert not (folder.parent / "made.csv").exists()


def test_what_is_inside_works(captive: CaptiveCommands, folder: Path) -> None:
    assert captive("export", "EXP_PO_ATP", "inner/atp.csv").status == 0
    assert (folder / "inner" / "atp.csv").read_text().startswith("po-id,")
    done = captive("import", "IMP_ORD_ITEM_UPD", "dates.csv", "--failed-records", "failed.csv")
    assert done.status == 0, done.err
    assert "does not exist" in (folder / "failed.csv").read_text()
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize(
    "argv",
    [
        ("init",),
        ("demo",),
        ("find", "sales", "--database", "sqlite:////etc/passwd"),
        ("--database", "sqlite:///other.db", "verify"),
        ("find", "sales", "--user", "bob"),
        ("--user", "bob", "undo"),
        ("backup", "x.db"),
        ("restore", "x.db"),
    ],
)
def test_what_is_the_sites_is_not_theirs(argv: tuple[str, ...], captive: CaptiveCommands) -> None:
    done = captive(*argv)
    assert done.status in (1, 2), done
    assert "restricted" in done.sentence or "No such command" in done.sentence


def test_without_an_exchange_folder_there_are_no_files(
    captive: CaptiveCommands, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREORDER_TUI_EXCHANGE_FOLDER")
    monkeypatch.setattr(exchange_folder, "_confinement", exchange_folder._Confinement())
    exchange_folder.confine(None)
    for argv in (
        ("import", "IMP_ORD_ITEM_UPD", "dates.csv"),
        ("export", "EXP_PO_ATP", "atp.csv"),
        ("report", "unallocated", "--csv", "x.csv"),
    ):
        assert "may read and write no files" in captive(*argv).sentence
    with pytest.raises(Refused):
        write_file(folder / "x.csv", lambda take: 0)


# --- Between the look and the opening -----------------------------------------------------------


@pytest.fixture
def confined(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process in the exchange folder."""
    monkeypatch.setattr(exchange_folder, "_confinement", exchange_folder._Confinement())
    exchange_folder.confine(folder)
    return folder.resolve()


def test_a_link_that_was_put_in_place_meanwhile_is_not_followed(confined: Path) -> None:
    name = settings.exchange_file("inner/dates.csv", confined)
    (confined / "inner").rmdir()
    (confined / "inner").symlink_to(confined.parent / "outside")
    with pytest.raises(Refused, match="outside the exchange folder"):
        write_file(name, lambda take: 1 if take("x") else 0)
    with (
        pytest.raises(Refused, match="outside the exchange folder"),
        exchange_folder.file_to_read(name.with_name("secret.csv")),
    ):
        pass
    assert os.listdir(confined.parent / "outside") == ["secret.csv"]


def test_a_file_that_became_a_link_is_not_read(confined: Path) -> None:
    name = settings.exchange_file("dates.csv", confined)
    name.unlink()
    name.symlink_to(confined.parent / "secret.csv")
    with pytest.raises(Refused, match="outside"), exchange_folder.file_to_read(name):
        pass


def test_a_folder_that_is_swapped_while_it_is_written_to_changes_nothing(confined: Path) -> None:
    name = settings.exchange_file("inner/out.csv", confined)

    def write(take: Callable[[str], object]) -> int:
        (confined / "inner").rename(confined / "renamed")
        (confined / "inner").symlink_to(confined.parent / "outside")
        take("all of it")
        return 1

    assert write_file(name, write) == 1
    assert (confined / "renamed" / "out.csv").read_text() == "all of it"
    assert os.listdir(confined.parent / "outside") == ["secret.csv"]


def test_what_is_read_is_pinned(confined: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system has no /proc: a file that is swapped meanwhile is not noticed")
    with exchange_folder.file_to_read(confined / "dates.csv") as pinned:
        (confined / "dates.csv").unlink()
        (confined / "dates.csv").symlink_to("/etc/passwd")
        assert pinned.read_text() == SECRET


def test_a_confined_process_stays_so(confined: Path) -> None:
    with pytest.raises(AssertionError):
        exchange_folder.confine(confined.parent)


def test_a_spool_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with exchange_folder.spool("x-") as (file, path):
        file.write(b"abc")
        file.flush()
        assert path.read_bytes() == b"abc"
        if Path("/proc/self/fd").exists():
            assert not os.listdir(tmp_path), "it has no name that a kill could leave behind"
    assert not os.listdir(tmp_path)
