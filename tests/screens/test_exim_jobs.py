"""How the EXIM pages live with a job: keys, progress, cancelling, a process that dies.

The process is a stand-in here, so that it can be as slow as it has to be; the real one is in
``test_exim.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from preorder_tui.errors import StalePlan
from preorder_tui.exim.client import Cancelled, WorkerLost
from preorder_tui.exim.configurations import configuration
from preorder_tui.exim.records import (
    ColumnMatch,
    ExportResult,
    Failure,
    ImportOptions,
    ImportResult,
    Preview,
    Progress,
    Understanding,
)
from preorder_tui.service import Service
from screens import exim_page
from screens.exim_export import ExportPage
from screens.exim_import import ImportPage
from screens.exim_page import progress_words, time_left
from screens.help import Help
from tests.screens.procurement_desk import Hand, desk_on
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import type_ahead, until

__all__ = ["engine", "service"]

UNDERSTANDING = Understanding(
    "IMP_ORD_ITEM_UPD", "dates.csv", 99, "utf-8", ",", "iso",
    (ColumnMatch("order-id", "order-id", "name", "10001"),), (), 3, (("10001",),),
)  # fmt: skip
PREVIEW = Preview("Set 2 promise dates", 3, 2, 0, 0, 1, (Failure(4, "bad date"),))


class StandIn:
    """A process that does what the test lets it."""

    def __init__(self) -> None:
        self.slow = ""
        self.go_on = Event()
        self.cancelled = Event()
        self.error: Exception | None = None
        self.told = [Progress("checking", 250_000, 1_000_000, 83_000.4, 9.04)]
        self.calls: list[str] = []
        self.options: list[ImportOptions] = []
        self.closed = 0

    def _work(self, name: str, tell: Callable[[Progress], None] | None = None) -> None:
        self.calls.append(name)
        if self.slow == name:
            for one in self.told:
                if tell is not None:
                    tell(one)
            while not self.go_on.wait(0.01):
                if self.cancelled.is_set():
                    self.cancelled.clear()
                    raise Cancelled("cancelled: nothing was changed")
        if self.error is not None:
            error, self.error = self.error, None
            raise error

    def understand(self, config_id: str, path: str, options: ImportOptions) -> Understanding:
        self.options.append(options)
        self._work("understand")
        return UNDERSTANDING

    def preview(
        self, config_id: str, path: str, options: ImportOptions, tell: Callable[[Progress], None]
    ) -> Preview:
        self._work("preview", tell)
        return PREVIEW

    def apply(self, *, reason: str | None, on_progress: Callable[[Progress], None]) -> ImportResult:
        self._work("apply", on_progress)
        return ImportResult(7, "SERVICE_FINISHED", 12, PREVIEW, "/x/dates-failed.csv")

    def export(
        self, config_id: str, path: str, filters: Any, *, replace: bool,
        on_progress: Callable[[Progress], None],
    ) -> ExportResult:  # fmt: skip
        self._work("export", on_progress)
        return ExportResult(config_id, path, 5)

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed += 1
        self.cancelled.set()


@pytest.fixture
def worker(service: Service, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in that every page gets."""
    made = StandIn()
    monkeypatch.setattr(Service, "exim_worker", lambda *_: made)
    monkeypatch.setattr(exim_page, "PATIENCE", 0.8)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to choose; nobody reads it."""
    path = tmp_path / "dates.csv"
    path.write_text("order-id\n10001\n")
    return path


def page() -> Any:
    return ImportPage(configuration("IMP_ORD_ITEM_UPD", "import"))


async def choose(hand: Hand, file: Path) -> None:
    """f and the path."""
    await hand.press("f")
    await hand.until("Down list")
    type_ahead(hand.app, *str(file), "enter")


async def test_a_quick_file_keeps_type_ahead_in_order(
    service: Service, worker: StandIn, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exim_page, "PATIENCE", 60.0)  # quick, however busy the machine is
    async with desk_on(service, page) as hand:
        type_ahead(hand.app, "f", *str(file), "enter", "i", *"late", "enter")
        await hand.until("2 changed, 0 stayed as they were, 1 failed")
        assert worker.calls == ["understand", "preview", "apply"]
        await until(lambda: "change set 12" in hand.sentence)
        await hand.until("1 row in dates-failed.csv: correct it and choose it with f")
    assert worker.closed == 1


async def test_a_long_job_leaves_the_keys_alive_and_says_how_far_it_is(
    service: Service, worker: StandIn, file: Path
) -> None:
    worker.slow = "preview"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until(r"Checking 250,000 of 1,000,000 \(25%\), 83,000 rows/s, 9 s left")
        await until(lambda: not hand.app.gate.held)
        type_ahead(hand.app, "f1")
        await until(lambda: isinstance(hand.app.screen, Help))  # while the job waits for us
        await hand.press("escape", "i")
        assert "is being worked on" in hand.sentence
        await hand.press("b")
        assert "is being worked on" in hand.sentence
        await hand.press("tab")
        assert "[Failures]" in hand.text
        worker.go_on.set()
        await hand.until("2 would change, 0 stay as they are, 1 fail, 0 conflict")
        assert "Checking" not in hand.text


@pytest.mark.parametrize("key", ["escape", "c"])
@pytest.mark.parametrize("early", [True, False], ids=["while keys wait", "later"])
async def test_esc_and_c_cancel_a_job(
    service: Service, worker: StandIn, file: Path, key: str, early: bool
) -> None:
    worker.slow = "preview"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until("Checking")
        if not early:
            await until(lambda: not hand.app.gate.held)
        else:
            await asyncio.sleep(0.55)
        type_ahead(hand.app, key)
        await hand.until("Cancelled. Nothing was changed.")
        assert isinstance(hand.app.screen, ImportPage)
        await hand.press("i")
        assert "not judged yet" in hand.sentence


async def test_an_import_is_cancelled_before_its_commit(
    service: Service, worker: StandIn, file: Path
) -> None:
    worker.slow = "apply"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until("2 would change")
        await hand.press("i", "enter")
        await hand.until("Checking 250,000")
        await until(lambda: not hand.app.gate.held)
        await hand.press("escape")
        await hand.until("Cancelled. Nothing was changed.")
        await hand.press("i")
        await hand.until("Import dates.csv.")
        worker.slow = ""
        await hand.press("enter")
        await hand.until("Imported: 2 changed")


async def test_what_was_typed_ahead_of_a_long_job_is_not_let_loose_later(
    service: Service, worker: StandIn, file: Path
) -> None:
    worker.slow = "preview"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        type_ahead(hand.app, "i", "enter")
        await until(lambda: "preview" in worker.calls)
        await until(lambda: not hand.app.gate.held)
        worker.go_on.set()
        await hand.until("2 would change")
        assert worker.calls == ["understand", "preview"]


async def test_leaving_the_desk_asks_while_a_job_runs(
    service: Service, worker: StandIn, file: Path
) -> None:
    worker.slow = "preview"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until("Checking 250,000")
        await until(lambda: not hand.app.gate.held)
        await hand.press("q")
        await hand.until("Checking the rows is running and would be cancelled")
        await hand.press("n")
        worker.go_on.set()
        await hand.until("2 would change")


async def test_a_process_that_dies_is_told_and_replaced(
    service: Service, worker: StandIn, file: Path
) -> None:
    async with desk_on(service, page) as hand:
        worker.error = WorkerLost("the import process ended by itself: look into the log")
        await choose(hand, file)
        await hand.until("the import process ended by itself")
        assert worker.closed == 1
        await hand.press("r")
        await hand.until("2 would change")


async def test_a_stale_preview_is_told_and_judged_again(
    service: Service, worker: StandIn, file: Path
) -> None:
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until("2 would change")
        worker.error = StalePlan("bob changed 10001/00001 meanwhile")
        await hand.press("i", "enter")
        await hand.until("bob changed 10001/00001 meanwhile. Nothing was changed")
        await hand.press("r")
        await hand.until("2 would change")
        await hand.press("i", "enter")
        await hand.until("Imported: 2 changed")


async def test_an_import_goes_on_behind_other_pages(
    service: Service, worker: StandIn, file: Path
) -> None:
    worker.slow = "apply"
    async with desk_on(service, page) as hand:
        await choose(hand, file)
        await hand.until("2 would change")
        type_ahead(hand.app, "i", "enter")
        await until(lambda: "apply" in worker.calls)
        await until(lambda: not hand.app.gate.held)
        await hand.press("f10", "s", "enter")
        await hand.until("5 orders")
        worker.go_on.set()
        await until(lambda: (worker.calls[-1] == "apply" and not worker.slow) or True)
        await hand.press("b")
        await hand.until("2 changed, 0 stayed as they were")


async def test_an_export_is_cancelled_and_no_file_told(
    service: Service, worker: StandIn, tmp_path: Path
) -> None:
    worker.slow = "export"
    async with desk_on(
        service, lambda: ExportPage(configuration("EXP_ORD_ITEM_UPD", "export"))
    ) as hand:
        await hand.press("o")
        await hand.until("Export EXP_ORD_ITEM_UPD")
        type_ahead(hand.app, *str(tmp_path / "x.csv"), "enter")
        await hand.until("Checking 250,000")
        await until(lambda: not hand.app.gate.held)
        await hand.press("c")
        await hand.until("Cancelled. No file was written.")


def test_progress_in_words() -> None:
    assert progress_words(None, "Importing") == "Importing…  Esc or c cancels"
    assert progress_words(Progress("reading", 5, 0), "x") == "Reading 5  Esc or c cancels"
    assert progress_words(Progress("committing", 0, 0), "x") == "Committing…"
    assert time_left(0.2) == "1 s left"
    assert time_left(59.4) == "59 s left"
    assert time_left(150) == "2 min left"
