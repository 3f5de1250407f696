"""Nothing that anybody types or pastes, at any page, makes the desk fail."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from data.demo import generate
from data.engine import open_engine, sqlite_url
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.service import Service
from screens.app import DeskApp
from tests.conftest import TODAY
from tests.screens.procurement_desk import NARROW, WIDE
from tests.screens.typing_ahead import until
from tests.soak.random_keys import AT_LEAST, hit, landings

SOAK_SECONDS = 600.0


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(sqlite_url(path))
    generate(engine, orders=300, seed=7, today=TODAY)
    engine.dispose()
    return path


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where failures are written; files that are typed go to a folder of the test's own."""
    path = tmp_path / "desk.log"
    monkeypatch.setenv("PREORDER_TUI_LOG", str(path))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return path


@pytest.fixture
def service(demo: Path, tmp_path: Path) -> Iterator[Service]:
    path = tmp_path / "desk.db"
    shutil.copy(demo, path)
    service = Service(open_engine(sqlite_url(path)), Actor("ana", "desk"), Clock(UTC, TODAY))
    yield service
    service.close()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_random_keys_at_every_page(
    service: Service, log: Path, size: tuple[int, int]
) -> None:
    pages = list(landings(service))
    for number, page in enumerate(pages):
        keys = await hit(service, page, seed=number, seconds=10 / len(pages), size=size, log=log)
        assert keys.keys >= AT_LEAST
    assert service.verify().violations == ()


@pytest.mark.soak
@pytest.mark.timeout(1500)
async def test_random_keys_for_ten_minutes(service: Service, log: Path) -> None:
    pages, seen, typed = list(landings(service)), Counter[str](), 0
    rounds = 6
    for number in range(rounds * len(pages)):
        keys = await hit(
            service,
            pages[number % len(pages)],
            seed=1000 + number,
            seconds=SOAK_SECONDS / (rounds * len(pages)),
            size=(NARROW, WIDE, (100, 30), (200, 60))[number % 4],
            log=log,
        )
        seen += keys.seen
        typed += keys.keys
        assert service.verify().violations == ()
    print(f"{typed:,} keys; bursts by page: {dict(seen.most_common())}")
    assert len(seen) >= 20


@pytest.mark.timeout(180)
async def test_a_desk_that_found_no_room_can_be_closed(service: Service) -> None:
    """The notice that it is too small goes with the desk; nothing waits for it in circles."""
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service)
    async with app.run_test(size=(40, 12)):
        await until(lambda: app.opened and app._too_small is not None)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 60  # in circles it would not come back at all
