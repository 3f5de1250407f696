"""Calls to the service: keys wait, long ones say so, refusals are sentences, Esc may give up."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import StalePlan, Unreachable
from screens import service_calls
from screens.app import DeskApp, database_name
from screens.dialog import Confirm, Notice
from screens.line_list import LineList
from screens.widgets.message_line import MessageLine
from tests.screens.typing_ahead import settled, type_ahead, until
from tests.terminal.tiny_desk import TinyService, make

SIZE = (80, 24)


@pytest.fixture
def desk() -> Any:
    return make(TinyService())


async def page_of(desk: Any) -> Any:
    await until(lambda: desk.opened and desk.desk_pages())
    await settled(desk)
    return desk.desk_pages()[-1]


async def test_a_long_call_says_so_and_esc_stops_waiting(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)
        go_on = threading.Event()
        seen: list[str] = []

        async def steps() -> None:
            seen.append(await service_calls.call_or_abandon(desk, lambda: str(go_on.wait(60))))

        desk.start_flow(steps())
        type_ahead(desk, "escape", "down")  # typed before anybody could know: not an answer
        message = page.query_one(MessageLine)
        await until(lambda: "Working" in str(message.render()))
        assert "Esc stops" in str(message.render())
        type_ahead(desk, "escape")
        await until(lambda: "Stopped waiting" in page.last_sentence)
        go_on.set()
        await settled(desk)
        assert seen == []
        assert page.query_one(LineList).current.number == 0
        assert "Working" not in str(message.render())


async def test_a_call_that_writes_is_waited_for(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)
        go_on = threading.Event()
        seen: list[bool] = []

        async def steps() -> None:
            seen.append(await service_calls.call(desk, go_on.wait, 30))

        desk.start_flow(steps())
        await until(lambda: "Working" in str(page.query_one(MessageLine).render()))
        type_ahead(desk, "escape")
        await asyncio.sleep(0.05)
        assert desk.gate.held
        go_on.set()
        await until(lambda: seen == [True])


async def test_a_change_says_how_far_it_is_and_esc_stops_it_before_it_is_committed(
    desk: Any,
) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)
        go_on = threading.Event()
        committed: list[int] = []

        def write(*, tell: Any) -> None:
            tell(430, 1000)
            go_on.wait(60)
            tell(1000, 1000)
            committed.append(1)

        async def steps() -> None:
            await service_calls.call_or_stop(desk, write)

        desk.start_flow(steps())
        message = page.query_one(MessageLine)
        await until(lambda: "43 %" in str(message.render()))
        assert "Esc stops it" in str(message.render())
        type_ahead(desk, "escape")
        await until(lambda: "stopping" in str(message.render()))
        assert desk.gate.held  # until it is known how it ended
        go_on.set()
        await until(lambda: page.last_sentence == "Stopped. Nothing was changed.")
        assert committed == []


async def test_esc_too_late_gets_what_was_done(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)
        go_on = threading.Event()
        seen: list[str] = []

        def write(*, tell: Any) -> str:
            tell(1, 1)
            go_on.wait(60)  # committing
            return "done"

        async def steps() -> None:
            seen.append(await service_calls.call_or_stop(desk, write))

        desk.start_flow(steps())
        message = page.query_one(MessageLine)
        await until(lambda: "100 %" in str(message.render()))
        type_ahead(desk, "escape")
        await until(lambda: "stopping" in str(message.render()))
        go_on.set()
        await until(lambda: seen == ["done"])


async def test_a_refusal_is_a_sentence_and_a_long_one_a_notice(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)

        async def refuse(words: str) -> None:
            raise StalePlan(words)

        desk.start_flow(refuse("ada changed 10042/00001 meanwhile"))
        await until(lambda: page.last_sentence == "ada changed 10042/00001 meanwhile.")
        desk.start_flow(refuse("ada changed a line " * 10))
        await until(lambda: isinstance(desk.screen, Notice))
        await settled(desk)
        type_ahead(desk, "enter")
        await settled(desk)
        assert desk.screen is page


async def test_the_unexpected_gets_a_reference_and_a_log(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREORDER_TUI_LOG")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with desk.run_test(size=SIZE):
        await page_of(desk)
        type_ahead(desk, "v")
        await until(lambda: isinstance(desk.screen, Notice))
        reference = desk.screen.lines[2].split()[1].rstrip(",")
        log = (tmp_path / "preorder-tui" / "log" / "desk.log").read_text()
        assert reference in log
        assert "error=ValueError at=terminal/tiny_desk.py:" in log
        assert "a bug" not in log, "a message may quote data"


async def test_a_database_that_does_not_open_ends_with_its_sentence_and_status() -> None:
    def open_service(_: DeskOptions) -> Any:
        raise Unreachable("no such database: run preorder-tui init")

    desk = DeskApp(DeskOptions("sqlite:///x.db", "ada"), open_service)
    async with desk.run_test(size=SIZE):
        await until(lambda: desk._exit)
    assert desk.return_code == 4


async def test_a_dialog_answers_once(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        page = await page_of(desk)
        answers: list[object] = []

        async def steps() -> None:
            answers.append(await desk.ask(Confirm("Sure?")))

        desk.start_flow(steps())
        await until(lambda: isinstance(desk.screen, Confirm))
        confirm = desk.screen
        confirm.answer(True)
        confirm.answer(False)
        await until(lambda: answers)
        await settled(desk)
        assert answers == [True]
        assert desk.screen is page


async def test_a_desk_may_end_while_an_answer_is_tried(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[Exception] = []
    over = asyncio.Event()

    async def show_error(error: Exception) -> None:
        failed.append(error)

    monkeypatch.setattr(desk, "show_error", show_error)

    async def steps() -> None:
        try:
            async with service_calls.current_flow().asking(Confirm("Sure?")) as question:
                await question.answer()
                try:
                    await asyncio.Event().wait()  # a change that takes its time
                finally:
                    while desk.screen_stack:  # and ends after the last screen
                        await asyncio.sleep(0)
        finally:
            over.set()

    async with desk.run_test(size=SIZE):
        await page_of(desk)
        desk.start_flow(steps())
        await until(lambda: isinstance(desk.screen, Confirm))
        desk.screen.answer(True)
        await asyncio.sleep(0.05)
    await asyncio.wait_for(over.wait(), 30)
    await asyncio.sleep(0)
    assert not failed


async def test_asking_outside_a_flow_is_a_mistake_of_the_page(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await page_of(desk)
        with pytest.raises(LookupError):
            await desk.ask(Confirm("Sure?"))


async def test_a_small_terminal_keeps_keys_until_it_is_large_again(desk: Any) -> None:
    async with desk.run_test(size=SIZE) as pilot:
        page = await page_of(desk)
        await pilot.resize_terminal(60, 20)
        await until(lambda: desk.screen is not page)
        type_ahead(desk, "down", "down")
        await asyncio.sleep(0.05)
        assert page.query_one(LineList).current.number == 0
        await pilot.resize_terminal(100, 30)
        await until(lambda: desk.screen is page)
        await until(lambda: page.query_one(LineList).current.number == 2)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////var/lib/desk/orders.db", "orders.db"),
        ("sqlite://", "memory"),
        ("postgresql+psycopg://ada:secret@db.example.org:5432/oms?x=y", "db.example.org:5432/oms"),
        ("mysql+pymysql://ada:p%40ss@db/oms", "db/oms"),
        ("mariadb://ada:p%40ss@/oms?host=a:3306&host=b:3306", "a:3306,b:3306/oms"),
    ],
)
def test_a_database_is_named_without_its_password(url: str, name: str) -> None:
    assert database_name(url) == name
