"""Many desks at once on one host, each in a terminal of its own with a person who types.

``python -m tests.soak.many_terminals [DESKS] [SECONDS] [--orders N]`` prints what a key costs when
there is one desk per core and when there are many, and what memory each desk holds.

A key's latency is the time from its bytes going into the terminal to the first byte that comes
out. Keys are typed at a person's pace: most move in a list, the others open and close what is
there. None is Esc, which is waited for: it may be the beginning of another key.
"""

from __future__ import annotations

import argparse
import os
import random
import selectors
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.clock import parse_date
from tests.benchmarks.figures import Figure, table
from tests.terminal.pty_desk import Desk, keys

TODAY = "2026-11-25"
FIRST_ROW = r"^>   \d"
PACE = (0.25, 1.2)
"""Seconds between two keys of one person."""

UNANSWERED = 5.0
MOVES = ("Down", "Down", "Down", "Down", "PgDn")
TRIPS = (
    ("Enter", "Down", "F12"), ("i", "Down", "i"), ("Down", "Up"),
)  # fmt: skip


@dataclass
class Person:
    """Somebody at a desk."""

    desk: Desk
    chance: random.Random
    next_at: float
    plan: list[str] = field(default_factory=list)
    sent_at: float = 0.0
    latencies: list[float] = field(default_factory=list)
    unanswered: int = 0

    def next_key(self) -> str:
        """What is typed next."""
        if not self.plan:
            moves = self.chance.random() < 0.7
            self.plan = [self.chance.choice(MOVES)] if moves else [*self.chance.choice(TRIPS)]
        return self.plan.pop(0)


def memory(pid: int) -> tuple[float, float]:
    """Proportional and resident megabytes of a process and its children."""
    pss = rss = 0.0
    pids, known = [pid], set[int]()
    while pids:
        one = pids.pop()
        known.add(one)
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in ("Pss", "Rss"):
                megabytes = int(rest.split()[0]) / 1024
                pss, rss = (pss + megabytes, rss) if name == "Pss" else (pss, rss + megabytes)
        children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        pids += [int(child) for child in children if int(child) not in known]
    return pss, rss


@dataclass(frozen=True)
class Crowd:
    """What came of a crowd at their desks; milliseconds and megabytes."""

    desks: int
    keys: int
    median: float
    p95: float
    longest: float
    unanswered: int
    pss: float
    rss: float

    def __str__(self) -> str:
        return (
            f"{self.desks} desks: {self.keys:,} keys, median {self.median:.0f} ms, "
            f"p95 {self.p95:.0f} ms, longest {self.longest:.0f} ms, "
            f"{self.unanswered} that painted nothing; a desk holds {self.pss:.0f} MB (PSS), "
            f"{self.rss:.0f} MB (RSS)"
        )


def make_book(path: Path, orders: int) -> None:
    """A demo book."""
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    today = parse_date(TODAY, "today")
    generate(engine, orders=orders, seed=7, today=today)
    engine.dispose()


def crowd(book: Path, desks: int, seconds: float, seed: int = 1, at_least: int = 0) -> Crowd:
    """Open so many desks, type for so long and so many keys, leave them all.

    Raises:
        AssertionError: a desk ended by itself, or did not end well.
    """
    environment = {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(book),
        "PREORDER_TUI_TODAY": TODAY,
        "XDG_STATE_HOME": str(book.parent),
    }
    people: list[Person] = []
    try:
        for number in range(desks):
            desk = Desk(environment=environment)
            people.append(Person(desk, random.Random(seed * 1000 + number), 0.0))
            if number % 2 or number == desks - 1:  # two logins at a time
                for person in people[-2:]:
                    person.desk.until(FIRST_ROW, timeout=120)
        for person in people:
            person.desk.until_quiet(timeout=120)
        _type(people, seconds, at_least)
        sizes = [memory(person.desk.child.pid) for person in people]
        for person in people:
            assert person.desk.child.isalive(), person.desk.text
            person.desk.send("Esc", "Esc", "Esc", "F3")
        for person in people:
            assert person.desk.end(120) == 0, person.desk.text
            assert b"\x1b[?1049l" in person.desk.raw
    finally:
        for person in people:
            person.desk.__exit__(None, None, None)
    found = sorted(one for person in people for one in person.latencies)
    return Crowd(
        desks,
        len(found),
        found[len(found) // 2] * 1000,
        found[int(len(found) * 0.95)] * 1000,
        found[-1] * 1000,
        sum(person.unanswered for person in people),
        sum(size[0] for size in sizes) / desks,
        sum(size[1] for size in sizes) / desks,
    )


def _type(people: list[Person], seconds: float, at_least: int) -> None:
    """Everybody types; answers are taken in as they come, without drawing the screens."""
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for person in people:
            selector.register(person.desk.child.child_fd, selectors.EVENT_READ, person)
            person.next_at = began + person.chance.uniform(0, PACE[1])
        while (now := time.monotonic()) < began + seconds or _answered(people) < at_least:
            assert now < began + seconds + 120, "no answers come"
            due = min(person.next_at for person in people)
            for key, _ in selector.select(max(0.0, min(due - now, 0.05))):
                data = os.read(key.fd, 65536)
                arrived = time.monotonic()
                person = key.data
                person.desk.raw = (person.desk.raw + data)[-4000:]
                if person.sent_at:
                    person.latencies.append(arrived - person.sent_at)
                    person.sent_at = 0.0
            for person in people:
                now = time.monotonic()
                if person.next_at > now:
                    continue
                if person.sent_at and now - person.sent_at < UNANSWERED:
                    person.next_at = now + 0.05  # a person waits for the answer
                    continue
                if person.sent_at:
                    person.unanswered += 1
                data = keys(person.next_key()).encode()
                person.sent_at = time.monotonic()  # before: the desk may be quicker than we are
                os.write(person.desk.child.child_fd, data)
                person.next_at = now + person.chance.uniform(*PACE)


def _answered(people: list[Person]) -> int:
    return sum(len(person.latencies) for person in people)


def figures(desks: int, seconds: float, orders: int) -> list[Figure]:
    """One desk per core, then the crowd."""
    with tempfile.TemporaryDirectory(prefix="preorder-many-") as folder:
        book = Path(folder) / "book.db"
        make_book(book, orders)
        alone = crowd(book, len(os.sched_getaffinity(0)), min(seconds, 60.0))
        print(alone)
        many = crowd(book, desks, seconds)
        print(many)
    work = f"a key's answer, p95, {desks} desks at once"
    floor = f"{alone.desks} desks, one per core"
    return [
        Figure(work, floor, alone.p95, many.p95, "ms", "<= 2x"),
        Figure("memory of a desk (PSS)", floor, alone.pss, many.pss, "MB", "reported"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("desks", type=int, nargs="?", default=50)
    parser.add_argument("seconds", type=float, nargs="?", default=180.0)
    parser.add_argument("--orders", type=int, default=2000)
    given = parser.parse_args()
    print(table(figures(given.desks, given.seconds, given.orders)))
