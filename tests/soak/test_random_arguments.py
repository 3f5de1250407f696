"""Whatever stands on a command line: a sentence, a true exit status, nothing written elsewhere."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from data.demo import generate
from data.engine import open_engine, sqlite_url
from preorder_tui.cli import CAPTIVE, _preorder_tui
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine

HOSTILE = (
    "", " ", "-", "--", "-1", "0", "1", "00001", "10042/1", "10042/00001", "10042/99999", "/1",
    "1/", "//", "10042/x", "PO-0001", "2026-12-31", "2026-02-30", "2026-W50-1", "0000-00-00",
    "9999-12-31", "10000-01-01", "tomorrow", "99999999999999999999999", "1e9", "NaN", "٣", "１",
    "é", "\u202e", "\x1b[2J", "\x07", "a\nb", "a\tb", "%s", "{0}", "'; DROP TABLE ORDER_ITEM; --",
    "%", "_", "*", "x" * 5000, "--json", "--dry-run", "--help", "--no-such", "-z", "fifo",
    "sqlite://", "sqlite:///nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/x", "oracle://x",
    "IMP_ORDER", "EXP_ORD_ITEM_UPD", "IMP_NOTHING", "SHOPIFY_CANCELLATION", "ana", "sales",
    "purchase", "ORDER_APPROVED", "true", "[/]", "/etc/passwd", "/dev/full", "/dev/null", ".", "..",
    "../outside/escaped.csv", "inside.csv", "folder", "no/such/folder.csv", "\udcff",
)  # fmt: skip
READS_AND_CHANGES = sorted(
    name for name in _preorder_tui.commands if name not in ("demo", "init", "restore", "backup")
)
KEEPING = ("init", "backup", "restore")


@dataclass
class Place:
    """Where commands run, and what they must leave alone."""

    inside: Path
    outside: Path
    cli: CommandLine

    def traces(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.outside)): path.read_bytes()
            for path in self.outside.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def place(
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Place:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, inside / "folder", outside):
        folder.mkdir()
    (outside / "kept.csv").write_text("keep me")
    (outside / "home").mkdir()
    (inside / "inside.csv").write_text("order-id,promised-datetime\n10042,2026-12-31\n")
    monkeypatch.chdir(inside)
    monkeypatch.setenv("HOME", str(outside / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(outside / "home"))
    monkeypatch.setenv("PREORDER_TUI_EXCHANGE_FOLDER", str(inside))
    path = tmp_path / "desk.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(sqlite_url(path))
    generate(engine, orders=60, seed=7, today=TODAY)
    engine.dispose()
    return Place(inside, outside, CommandLine(sqlite_url(path), capsys))


def options_of(command: click.Command) -> list[str]:
    found = [name for one in command.params for name in one.opts if name.startswith("-")]
    return [*found, "--json", "--dry-run", "--reason"]


def words_for(chance: random.Random, name: str) -> list[str]:
    """A command with as many arguments as it takes, more or less, and options of its own."""
    command = _preorder_tui.commands[name]
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    number = max(0, len(arguments) + chance.choice((-1, 0, 0, 0, 0, 1)))
    words: list[str] = []
    for index in range(number):
        kind = arguments[index].type if index < len(arguments) else None
        if isinstance(kind, click.Choice) and chance.random() < 0.8:
            words.append(str(chance.choice(list(kind.choices))))
        else:
            words.append(chance.choice(HOSTILE))
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        words.insert(chance.randint(0, len(words)), chance.choice(options_of(command)))
        if chance.random() < 0.6:
            words.insert(chance.randint(0, len(words)), chance.choice(HOSTILE))
    before = [chance.choice(HOSTILE)] if chance.random() < 0.03 else []
    return [*before, name, *words]


def run_and_check(place: Place, words: list[str], seen: Counter[tuple[str, int]]) -> None:
    before = place.traces()
    said = place.cli(*words)
    assert said.status in (0, 1, 2, 3, 4), (words, said)
    for text in (said.out, said.err):
        assert "Traceback" not in text, (words, text)
        assert "\x1b" not in text, (words, text)
        assert "Something unexpected" not in text, (words, text)
    if said.status:
        assert said.err.strip(), words
    assert place.traces() == before, words
    seen[words[0], said.status] += 1


def test_random_arguments_of_every_command(place: Place) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    chance = random.Random(20261125)
    for name in READS_AND_CHANGES:
        for _ in range(20):
            run_and_check(place, words_for(chance, name), seen)
    assert {name for name, _ in seen} >= set(CAPTIVE) & set(READS_AND_CHANGES) - {""}
    assert place.cli("verify").status == 0


def test_random_arguments_of_keeping(place: Place) -> None:
    """These write where they are told; never over what is there, and never half."""
    seen: Counter[tuple[str, int]] = Counter()
    chance = random.Random(1)
    for _ in range(15):
        name = chance.choice(KEEPING)
        words = [word for word in words_for(chance, name) if not word.startswith("/dev")]
        run_and_check(place, words, seen)
    assert (place.outside / "kept.csv").read_text() == "keep me"


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_random_arguments_for_ten_minutes(place: Place) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    end, seed = time.monotonic() + 600, 0
    while time.monotonic() < end:
        seed += 1
        chance = random.Random(seed)
        run_and_check(place, words_for(chance, chance.choice(READS_AND_CHANGES)), seen)
        if not seed % 500:
            assert place.cli("verify").status == 0
    statuses = Counter[int]()
    for (_, status), number in seen.items():
        statuses[status] += number
    print(f"{seed:,} command lines, by exit status: {dict(sorted(statuses.items()))}")
