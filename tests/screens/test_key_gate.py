"""Keys take effect in the order typed, where they were meant to, however fast they come."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from screens.dialog import Confirm
from screens.line_list import LineList
from tests.screens.typing_ahead import PATIENCE_SECONDS, settled, type_ahead, until
from tests.terminal.tiny_desk import TinyService, make

SIZE = (80, 24)


@pytest.fixture
def service() -> TinyService:
    return TinyService(rows=1000)


@pytest.fixture
def desk(service: TinyService) -> Any:
    return make(service)


def sentence(desk: Any) -> str:
    page = desk.desk_pages()[-1]
    return str(page.last_sentence)


def list_of(desk: Any) -> LineList[Any]:
    found: LineList[Any] = desk.desk_pages()[-1].query_one(LineList)
    return found


async def opened(desk: Any) -> None:
    await until(lambda: desk.opened and desk.desk_pages() and list_of(desk).current is not None)


async def test_fields_of_a_form_get_what_was_typed_for_them(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "down", "enter", *"25", "tab", *"7 pcs", "enter")
        await until(lambda: sentence(desk))
        assert sentence(desk) == "Answer: 25|7 pcs"


async def test_keys_typed_before_the_desk_is_open_reach_its_first_page(
    service: TinyService,
) -> None:
    service.slow = 0.2
    desk = make(service)
    async with desk.run_test(size=SIZE):
        type_ahead(desk, "down", "down", "space", "enter", *"12", "tab", "3", "enter")
        await until(lambda: desk.desk_pages() and sentence(desk))
        assert sentence(desk) == "Answer: 12|3"
        assert [row.number for row in list_of(desk).tagged] == [2]


async def test_an_answer_typed_ahead_of_slow_work_reaches_its_question(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "down", "down", "space", "f6", "y", "down", "space")
        await until(lambda: sentence(desk).startswith("Allocated"))
        await settled(desk)
        assert sentence(desk) == "Allocated 1. Worked for 1.5 s."
        assert [row.number for row in list_of(desk).tagged] == [2, 3]


async def test_no_answers_no(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "f6", "n", "space")
        await until(lambda: sentence(desk) == "Not allocated.")
        await settled(desk)
        assert [row.number for row in list_of(desk).tagged] == [0]


async def test_fifty_downs_at_once_all_count(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, *["down"] * 50)
        await settled(desk)
        assert list_of(desk).current.number == 50


async def test_a_thousand_keys_at_once_keep_their_order(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        for _ in range(40):
            type_ahead(desk, "down", "enter", *"a1b2", "tab", *"c3d4", "tab", *"9", "escape")
            type_ahead(desk, *["down", "up"] * 5, "space")
        await until(lambda: len(list_of(desk).tagged) == 40)
        await settled(desk)
        assert [row.number for row in list_of(desk).tagged] == list(range(1, 41))


async def test_an_unexpected_question_is_not_answered_by_what_was_typed_before(
    desk: Any,
) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "e", "y", "y")
        await until(lambda: isinstance(desk.screen, Confirm))
        await settled(desk)
        assert isinstance(desk.screen, Confirm)
        assert not desk.gate.held
        type_ahead(desk, "y")
        await until(lambda: sentence(desk) == "Surprise: True")


async def test_enter_twice_opens_one_form(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "enter", "enter", "down", "enter", "5", "enter")
        await until(lambda: sentence(desk) == "Answer: 5|")
        await settled(desk)
        assert len(desk.screen_stack) == 2
        assert list_of(desk).current.number == 1


async def test_a_scanners_line_feed_is_enter(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "ctrl+j", *"4711", "ctrl+j")
        await until(lambda: sentence(desk) == "Answer: 4711|")


async def test_leaving_at_once_works_while_keys_are_held(service: TinyService, desk: Any) -> None:
    released = Event()
    service.work = lambda seconds: str(released.wait(PATIENCE_SECONDS))  # type: ignore[method-assign]
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "f6", "x", "y", "z")
        await until(lambda: desk.gate.held)
        type_ahead(desk, "ctrl+q")
        await until(lambda: desk._exit)
        assert desk.return_code == 0
        assert not released.is_set()
        released.set()


async def test_ctrl_c_copies_what_is_marked_and_else_says_how_to_leave(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "ctrl+c")
        await until(lambda: "Ctrl+Q leaves at once" in sentence(desk))
        type_ahead(desk, "enter", *"4711", "shift+left", "shift+left")
        await settled(desk)
        type_ahead(desk, "ctrl+c")
        await settled(desk)
        assert desk.clipboard == "11"
        assert not desk._exit


async def test_a_refusal_forgets_what_was_typed_ahead(desk: Any) -> None:
    """What was typed for a page that did not come must not act on the one that stayed."""
    async with desk.run_test(size=SIZE):
        await opened(desk)
        type_ahead(desk, "v", "space", "down", "space")
        await until(lambda: not isinstance(desk.screen, type(desk.desk_pages()[-1])))
        await settled(desk)
        assert list_of(desk).tagged == ()
        assert "unexpected" in str(desk.screen.lines[0])


async def test_holds_count_once_each(desk: Any) -> None:
    async with desk.run_test(size=SIZE):
        await opened(desk)
        one, other = desk.gate.hold(), desk.gate.hold()
        one.take()
        one.take()
        other.take()
        one.let_go()
        one.let_go()
        type_ahead(desk, "down")
        await asyncio.sleep(0.05)
        assert list_of(desk).current.number == 0
        other.let_go()
        await until(lambda: list_of(desk).current.number == 1)


# --- The same cases in stock Textual, to know when the gate is no longer needed ------------------


class _Form(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Input(id="a")
        yield Input(id="b")


class _Stock(App[None]):
    SCREENS = {"form": _Form}

    def on_mount(self) -> None:
        self.push_screen("form")


async def test_stock_textual_still_mixes_up_typed_ahead_keys() -> None:
    """When this fails, Textual orders keys by itself and the gate can go."""
    app = _Stock()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        type_ahead(app, *"25", "tab", "7")
        await pilot.pause(0.2)
        values = [field.value for field in app.screen.query(Input)]
        assert values != ["25", "7"]
