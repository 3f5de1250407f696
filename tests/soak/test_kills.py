"""Ended at any moment of a large job, in any way: the book is as before or as after, and whole."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data.engine import open_engine, sqlite_url
from data.tables import change_set
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.conftest import empty_mariadb, empty_postgresql
from tests.preorder_tui.test_bad_databases import bound_by_rights
from tests.soak.wide_book import TODAY, content, promises, schema, wide_book

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
WAYS = ("statement", "statement", "statement", "moment", "moment", "full", "locked", "read-only")
JOBS = ("auto-allocate", "import", "undo")
BY_SET = 500


def service_on(url: str) -> Service:
    return Service(open_engine(url), Actor("auditor", "command"), Clock(UTC, TODAY))


def run_job(
    url: str,
    words: tuple[str, ...],
    *,
    end: str = "",
    by_set: int = BY_SET,
    limit: Callable[[], None] | None = None,
    while_running: Callable[[subprocess.Popen[str]], None] | None = None,
) -> tuple[int, str]:
    """Run the command; exit status, and what it said."""
    environment = os.environ | {
        "SOAK_END": end,
        "SOAK_BY_SET": str(by_set),
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.soak.job", "--database", url, "--user", "ana", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        preexec_fn=limit,
    ) as process:
        if while_running is not None:
            while_running(process)
        said, _ = process.communicate(timeout=120)
    assert "Traceback" not in said, said
    return process.returncode, said


@dataclass
class Prepared:
    """A book before and after each job."""

    files: dict[str, Path] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def prepare(folder: Path, template: Path, orders: int) -> Prepared:
    """Make the book, and do each job on a copy of it in peace."""
    made, book = Prepared(), folder / "book.db"
    shutil.copy(template, book)
    engine = open_engine(sqlite_url(book))
    wide_book(engine, orders)
    engine.dispose()
    made.words = {
        "auto-allocate": ("auto-allocate",),
        "import": ("import", "IMP_ORD_ITEM_UPD", str(promises(folder / "promises.csv", orders))),
        "undo": ("undo", "1"),
    }
    for job in JOBS:
        made.files[job] = folder / f"{job}.db"
        shutil.copy(folder / "done-auto-allocate.db" if job == "undo" else book, made.files[job])
        done = folder / f"done-{job}.db"
        shutil.copy(made.files[job], done)
        began = time.monotonic()
        status, said = run_job(sqlite_url(done), made.words[job])
        assert status == 0, said
        made.seconds[job] = time.monotonic() - began
        made.statements[job] = int(re.findall(r"statements (\d+)", said)[-1])
        for path, where in ((made.files[job], made.before), (done, made.after)):
            checkpoint(path)
            service = service_on(sqlite_url(path))
            where[job] = content(service.engine)
            service.close()
        assert made.before[job] != made.after[job]
    return made


def checkpoint(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def lock_for(path: Path, seconds: float) -> threading.Thread:
    """Somebody holds the one lock for a while."""
    locked = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        locked.set()
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    return thread


def one_run(made: Prepared, folder: Path, seed: int, longest_lock: float) -> str:
    """End a job as the seed says, look at everything; what it came to."""
    chance = random.Random(seed)
    job, way = chance.choice(JOBS), chance.choice(WAYS)
    number = chance.choice(SIGNALS)
    place = folder / f"run{seed}"
    place.mkdir()
    path = place / "desk.db"
    shutil.copy(made.files[job], path)
    before_schema, url = schema(path), sqlite_url(path)
    if way == "statement":
        at = chance.randint(1, made.statements[job])
        status, said = run_job(url, made.words[job], end=f"{at}:{number}")
    elif way == "moment":
        wait = chance.uniform(0.2, 1.0) * made.seconds[job]

        def end(process: subprocess.Popen[str]) -> None:
            time.sleep(wait)
            process.send_signal(number)

        status, said = run_job(url, made.words[job], while_running=end)
    elif way == "full":
        size = path.stat().st_size
        most = chance.randint(40_000, size)
        status, said = run_job(
            url,
            made.words[job],
            limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        )
    elif way == "locked":
        thread = lock_for(path, chance.uniform(0.5, longest_lock))
        status, said = run_job(url, made.words[job])
        thread.join()
    else:
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
        path.chmod(0o444)
        place.chmod(0o777)
        status, said = run_job(url, made.words[job], limit=bound_by_rights)
        path.chmod(0o644)
        assert status == 4, said
    by_signal = way in ("statement", "moment")
    allowed = (0, -number, 128 + number) if by_signal else (0, 4)
    assert status in allowed, (seed, job, way, status, said)
    if status == 4:
        sentence = said.splitlines()[0]
        assert len(sentence.split()) > 5, said
        assert sentence.endswith((".", "?")), said
    outcome = assert_whole(made, job, path, before_schema, ended_well=status == 0)
    shutil.rmtree(place)
    return f"{job}, {way}{f' {number.name}' if by_signal else ''}: {outcome}"


def assert_whole(
    made: Prepared,
    job: str,
    path: Path,
    before_schema: set[tuple[str, str, str | None]],
    *,
    ended_well: bool,
) -> str:
    """Nothing is broken, the guards stand, the book is as before or as after; which of them."""
    service = service_on(sqlite_url(path))
    try:
        said = service.left_behind()  # what the next start says
        found = content(service.engine)
        assert found in (made.before[job], made.after[job])
        applied = found == made.after[job]
        assert applied or not ended_well
        assert service.verify().violations == ()
        with service.engine.connect() as connection:
            sets = connection.execute(select(func.count()).select_from(change_set)).scalar_one()
        assert sets == (job == "undo") + applied
        if said:
            assert job == "import"
            assert not applied
            assert "was cut off: nothing of it was changed" in said
        assert service.left_behind() == ""  # said once
        if not applied:  # nothing stands in the way of doing it again
            rows = service.plan_auto_allocate() if job == "auto-allocate" else None
            assert rows is None or rows.row_count
    finally:
        service.close()
    assert schema(path) == before_schema
    return ("applied" if applied else "as before") + (", said so" if said else "")


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("small"), sqlite_template, 600)


@pytest.mark.parametrize("seed", range(10))
def test_a_job_is_ended(small: Prepared, tmp_path: Path, seed: int) -> None:
    print(one_run(small, tmp_path, seed, longest_lock=0.8))


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_a_job_is_ended_two_hundred_times(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """A book of twenty thousand orders: forty thousand rows in one transaction."""
    made = prepare(tmp_path_factory.mktemp("large"), sqlite_template, 20_000)
    print(f"{made.statements} statements, {made.seconds} s in peace")
    outcomes = Counter(one_run(made, tmp_path, 1000 + n, longest_lock=13.0) for n in range(200))
    for outcome, number in sorted(outcomes.items()):
        print(f"{number:4} {outcome}")
    assert sum("as before" in outcome for outcome in outcomes) >= 6
    assert sum("applied" in outcome for outcome in outcomes) >= 3


def ended_on_a_server(url: str, runs: int, orders: int) -> Counter[str]:
    """Kill the program, not the server, before any statement of a job; undo what was applied."""
    service = service_on(url)
    outcomes: Counter[str] = Counter()
    try:
        wide_book(service.engine, orders)
        before = content(service.engine)
        status, said = run_job(url, ("auto-allocate",))
        assert status == 0, said
        statements = int(re.findall(r"statements (\d+)", said)[-1])
        after = content(service.engine)
        service.apply(service.plan_undo(1))
        assert content(service.engine) == before
        for seed in range(runs):
            chance = random.Random(seed)
            number, at = chance.choice(SIGNALS), chance.randint(statements // 3, statements)
            status, said = run_job(url, ("auto-allocate",), end=f"{at}:{number}")
            assert status in (0, -number, 128 + number), (seed, status, said)
            found = content(service.engine)
            assert found in (before, after), (seed, at)
            assert service.verify().violations == ()
            outcomes["applied" if found == after else "as before"] += 1
            if found == after:
                last = service.change_sets(limit=1)[0].change_set_id
                service.apply(service.plan_undo(last))  # the locks of the dead are gone
    finally:
        service.close()
    return outcomes


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_a_job_on_a_server_is_ended(request: pytest.FixtureRequest, server: str) -> None:
    url: str = request.getfixturevalue(f"{server}_url")
    (empty_postgresql if server == "postgresql" else empty_mariadb)(url)
    outcomes = ended_on_a_server(url, 3, 300)
    assert outcomes["as before"] >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_a_job_on_a_server_is_ended_fifty_times(
    request: pytest.FixtureRequest, server: str
) -> None:
    url: str = request.getfixturevalue(f"{server}_url")
    (empty_postgresql if server == "postgresql" else empty_mariadb)(url)
    print(server, dict(ended_on_a_server(url, 50, 6_000)))
