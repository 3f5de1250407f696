"""The Hamburger Menu and the command line: ways to a page."""

from __future__ import annotations

from typing import Any

import pytest

from preorder_tui.errors import UnknownId
from screens.coming_page import ComingPage
from screens.line_list import LineList
from screens.menu import Menu, MenuList
from screens.pages import PAGES, page_named
from tests.screens.typing_ahead import settled, type_ahead, until
from tests.terminal.tiny_desk import TinyService, make

SIZE = (80, 24)


async def opened_menu(desk: Any) -> MenuList:
    await until(lambda: desk.opened and desk.desk_pages())
    type_ahead(desk, "f10")
    await until(lambda: isinstance(desk.screen, Menu))
    await settled(desk)
    found: MenuList = desk.screen.query_one(MenuList)
    return found


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("", "Sales Orders"),
        ("s", "Sales Orders"),
        ("sales", "Sales Orders"),
        ("sales orders", "Sales Orders"),
        ("p", "Purchase Orders"),
        ("po", "Purchase Orders"),
        ("import", "EXIM"),
        ("procurement", "Purchase Orders"),
        ("mdm", "EXIM"),
        ("e", "EXIM"),
        ("auto", "Auto-allocate"),
        ("a", "Auto-allocate"),
        ("c", "Change sets"),
        ("workflow", "Change sets"),
        ("zzz", "Sales Orders"),
    ],
)
async def test_letters_jump(typed: str, title: str) -> None:
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        menu = await opened_menu(desk)
        type_ahead(desk, *("space" if letter == " " else letter for letter in typed))
        await settled(desk)
        assert menu.current is not None
        assert menu.current.title == title


async def test_arrows_move_and_esc_closes() -> None:
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        menu = await opened_menu(desk)
        type_ahead(desk, "down", "down")
        await settled(desk)
        assert menu.current == PAGES[2]
        type_ahead(desk, "escape", "down")
        await settled(desk)
        assert not isinstance(desk.screen, Menu)
        assert desk.screen.query_one(LineList).current.number == 1


async def test_a_whole_way_through_the_menu_may_be_typed_blind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screens.pages.make", ComingPage)
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        type_ahead(desk, "f10", *"exim", "enter", "f12", "down", "space")
        await until(lambda: desk.opened and desk.desk_pages())
        await settled(desk)
        assert len(desk.desk_pages()) == 1
        assert [row.number for row in desk.screen.query_one(LineList).tagged] == [1]


async def test_a_page_that_is_not_built_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from screens import pages

    gone = replace(PAGES[2], factory="screens.not_there:Nothing", coming="It comes.")
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        await until(lambda: desk.opened and desk.desk_pages())
        await desk.switch_to(gone)
        await settled(desk)
        assert isinstance(desk.screen, ComingPage)
        assert desk.screen.path() == ("MDM", "EXIM")
    assert pages.page_named("exim") is PAGES[2]


async def test_the_command_line_says_what_it_does_not_know() -> None:
    service = TinyService()

    def resolve_order(name: str) -> str:
        raise UnknownId(f"no {name}")

    service.resolve_order = resolve_order  # type: ignore[attr-defined]
    desk = make(service)
    async with desk.run_test(size=SIZE):
        type_ahead(desk, ":", *"nonsense", "enter")
        await until(lambda: desk.opened and desk.desk_pages())
        await until(lambda: desk.desk_pages()[0].last_sentence)
        assert "'nonsense' is no order, page or command" in desk.desk_pages()[0].last_sentence
        type_ahead(desk, ":", *"undo x", "enter")
        await until(lambda: "'x'" in desk.desk_pages()[0].last_sentence)


async def test_quit_leaves() -> None:
    desk = make(TinyService())
    async with desk.run_test(size=SIZE):
        type_ahead(desk, ":", *"quit", "enter")
        await until(lambda: desk._exit)
        assert desk.return_code == 0


@pytest.mark.parametrize("name", ["sales", "SO", " Sales Orders ", "po", "exim", "changes"])
def test_pages_have_names(name: str) -> None:
    assert page_named(name) is not None


def test_page_names_are_unique() -> None:
    names = [name for entry in PAGES for name in entry.names]
    assert len(names) == len(set(names))
