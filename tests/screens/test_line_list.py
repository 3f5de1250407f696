"""The list: paging both ways, tags, refresh, hostile and wide text, and how little it repaints."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.geometry import Region

from preorder_tui.errors import Refused
from preorder_tui.records import Page
from screens import tagging_list
from screens.app import DeskApp
from screens.desk_screen import DeskScreen
from screens.line_columns import Column, fit, place
from screens.line_list import LineList
from screens.reading_list import KEPT_ROWS
from tests.screens.typing_ahead import settled, type_ahead, until
from tests.terminal.tiny_desk import TinyService, make

SIZE = (80, 24)


@dataclass(frozen=True)
class Thing:
    """A row."""

    number: int
    name: str
    group: str = ""
    why_not: str = ""


def columns() -> list[Column[Thing]]:
    return [
        Column("No", lambda thing: str(thing.number), 6, align="right", priority=90),
        Column("Name", lambda thing: thing.name, 10, at_most=30, priority=50),
        Column("Extra", lambda thing: "extra", 50, priority=10),
    ]


def desk_with(line_list: LineList[Any]) -> DeskApp:
    class Only(DeskScreen):
        def content(self) -> Any:
            yield line_list

    return make(TinyService(), landing=Only)  # type: ignore[no-any-return]


def texts(line_list: LineList[Any]) -> list[str]:
    region = Region(0, 0, line_list.size.width, line_list.size.height)
    return ["".join(segment.text for segment in strip) for strip in line_list.render_lines(region)]


class Book:
    """A long list that remembers what was asked of it."""

    def __init__(self, count: int) -> None:
        self.things = [Thing(number, f"thing {number}") for number in range(count)]
        self.asked: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Exception | None = None

    async def __call__(self, size: int, **where: Any) -> Page[Thing]:
        self.asked.append(where)
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        things = self.things
        if "after" in where:
            rows = [t for t in things if t.number > where["after"][0]][:size]
        elif "before" in where:
            rows = [t for t in things if t.number < where["before"][0]][-size:]
        else:
            rows = things[-size:] if where.get("place") == "last" else things[:size]
        first = things[0].number if things else 0
        last = things[-1].number if things else 0
        return Page(
            tuple(rows),
            tuple((row.number,) for row in rows),
            not rows or rows[0].number == first,
            not rows or rows[-1].number == last,
        )


def paged(book: Book, **options: Any) -> LineList[Thing]:
    return LineList(columns(), lambda thing: thing.number, source=book, **options)


async def loaded(line_list: LineList[Any]) -> None:
    await until(lambda: line_list.size.width and line_list.current is not None)


async def test_arrows_and_pages_flow_over_any_length_both_ways() -> None:
    book = Book(3000)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, *["pagedown"] * 200)
        await settled(desk)
        assert line_list.current == book.things[-1]
        assert len(line_list.loaded_rows) <= KEPT_ROWS + 100
        type_ahead(desk, *["pageup"] * 200)
        await settled(desk)
        assert line_list.current == book.things[0]
        type_ahead(desk, *["down"] * 700, "up")
        await settled(desk)
        assert line_list.current == book.things[699]


async def test_home_and_end_go_to_the_ends_of_the_whole_list() -> None:
    book = Book(5000)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "end", "up", "up")
        await settled(desk)
        assert line_list.current == book.things[4997]
        type_ahead(desk, "home", "down")
        await settled(desk)
        assert line_list.current == book.things[1]


async def test_keys_wait_for_rows_that_are_not_there_yet() -> None:
    book = Book(500)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        book.gate.clear()
        type_ahead(desk, "end", "space", "up", "space", "home", "space")
        await asyncio.sleep(0.05)
        assert line_list.tagged == ()
        book.gate.set()
        await settled(desk)
        assert [row.number for row in line_list.tagged] == [499, 498, 0]


async def test_moving_reads_ahead_so_that_down_never_waits() -> None:
    book = Book(500)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        before = len(book.asked)
        for _ in range(60):
            type_ahead(desk, "down")
            await settled(desk)
        assert len(book.asked) > before
        assert len(line_list.loaded_rows) - line_list.current.number > 20  # type: ignore[union-attr]


async def test_a_refresh_keeps_the_cursor_on_its_row_and_marks_what_changed() -> None:
    book = Book(500)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, *["down"] * 120, "space")
        await settled(desk)
        row = next(text for text in texts(line_list) if text.startswith(">"))
        place_before = texts(line_list).index(row)
        book.things[120] = replace(book.things[120], name="renamed")
        del book.things[50]
        type_ahead(desk, "f5")
        await until(lambda: line_list.current is not None and line_list.current.name == "renamed")
        await settled(desk)
        row = next(text for text in texts(line_list) if text.startswith(">"))
        assert row.startswith(">*~ ")
        assert texts(line_list).index(row) == place_before
        assert line_list.tagged == (book.things[119],)


async def test_a_refresh_after_the_current_row_is_gone_stays_at_its_place() -> None:
    book = Book(300)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, *["down"] * 5)
        await settled(desk)
        del book.things[5]
        line_list.reload()
        await settled(desk)
        assert line_list.current == book.things[5]
        book.things.clear()
        line_list.reload()
        await settled(desk)
        assert line_list.current is None
        assert "Nothing found." in texts(line_list)[1]
        type_ahead(desk, "down", "up", "end", "home", "space", "a", "enter", "pagedown")
        await settled(desk)


async def test_tags_follow_their_rows_over_pages_and_refreshes() -> None:
    book = Book(3000)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "space", "end", "space", "home", "f5", "down", "space")
        await settled(desk)
        assert [row.number for row in line_list.tagged] == [0, 2999, 1]
        type_ahead(desk, "space")
        await settled(desk)
        assert [row.number for row in line_list.chosen] == [0, 2999]


async def test_all_tags_the_whole_list_not_the_page_and_again_none() -> None:
    book = Book(2500)
    line_list = paged(book, disabled=lambda thing: "odd" if thing.number % 2 else "")
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "a")
        await settled(desk)
        assert len(line_list.tagged) == 1250
        assert len(line_list.loaded_rows) < 1000
        type_ahead(desk, "a")
        await settled(desk)
        assert line_list.tagged == ()


async def test_all_refuses_what_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a list that has to be read page by page to know what is in it."""
    monkeypatch.setattr(tagging_list, "TAGGED_AT_MOST", 2_000)
    book = Book(2_001)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "a")
        await until(lambda: "More than 2,000" in desk.desk_pages()[-1].last_sentence)
        assert line_list.tagged == ()


async def test_a_row_that_cannot_be_tagged_says_why() -> None:
    things = [Thing(1, "a"), Thing(2, "b", why_not="It is completed.")]
    line_list: LineList[Thing] = LineList(
        columns(), lambda thing: thing.number, rows=things, disabled=lambda thing: thing.why_not
    )
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "down", "space")
        await settled(desk)
        assert line_list.tagged == ()
        assert desk.desk_pages()[-1].last_sentence == "It is completed."


async def test_headings_stand_above_their_groups_and_the_cursor_passes_over_them() -> None:
    things = [Thing(number, "x", group=f"Order {number // 3}") for number in range(9)]
    line_list: LineList[Thing] = LineList(
        columns(), lambda thing: thing.number, rows=things, group=lambda thing: thing.group
    )
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        shown = [text.strip() for text in texts(line_list)]
        assert shown[1] == "Order 0"
        assert shown[5] == "Order 1"
        type_ahead(desk, "down", "down", "down")
        await settled(desk)
        assert line_list.current == things[3]
        assert texts(line_list)[6].startswith(">")


async def test_other_rows_replace_the_list_and_drop_tags_of_rows_that_are_gone() -> None:
    things = [Thing(number, "x") for number in range(9)]
    line_list: LineList[Thing] = LineList(columns(), lambda thing: thing.number, rows=things)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        type_ahead(desk, "a", "down", "down")
        await settled(desk)
        line_list.show_rows([replace(thing, name="y") for thing in things[2:5]])
        await settled(desk)
        assert [(row.number, row.name) for row in line_list.tagged] == [
            (2, "y"), (3, "y"), (4, "y"),
        ]  # fmt: skip
        assert line_list.current == Thing(2, "y")


async def test_a_refusal_while_reading_is_a_sentence_and_keys_go_on() -> None:
    book = Book(300)
    line_list = paged(book)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        book.fails = Refused("the database is away")
        type_ahead(desk, "f5")
        await until(lambda: "away" in desk.desk_pages()[-1].last_sentence)
        book.fails = None
        type_ahead(desk, "down")
        await until(lambda: line_list.current == book.things[1])


async def test_a_cursor_move_repaints_two_lines() -> None:
    line_list = paged(Book(300))
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        await settled(desk)
        await asyncio.sleep(0.1)
        made: list[int] = []
        real = line_list._line

        def spy(y: int) -> Any:
            made.append(y)
            return real(y)

        line_list._line = spy  # type: ignore[method-assign]
        type_ahead(desk, "down")
        await until(lambda: made)
        await settled(desk)
        assert made == [1, 2]


HOSTILE = (
    "\x1b[2J\x1b[31mred", "[b]bold[/b]", "[@click=app.exit]x", "X[/]", "a\nb\tc", "\x9b2Jx",
    "\u202egnp.exe", "SKU:100:5", "日本語の名前がとても長い", "e\u0301\u0302\u0303" * 20,
    "👩‍👩‍👧‍👦 family", "\u200bzero", "ｆｕｌｌ", "", "\x00", "العربية", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_text_moves_its_neighbours_or_reaches_the_terminal_raw(name: str) -> None:
    things = [Thing(1, name), Thing(2, "tame")]
    line_list: LineList[Thing] = LineList(columns(), lambda thing: thing.number, rows=things)
    desk = desk_with(line_list)
    async with desk.run_test(size=SIZE):
        await loaded(line_list)
        await until(lambda: line_list.size.width)
        for text in texts(line_list):
            assert cell_len(text) == line_list.size.width
            assert all(character.isprintable() for character in text)
        if name.isprintable() and name.isascii():
            assert name in texts(line_list)[1]


@pytest.mark.parametrize("width", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("text", ["", "a", "abcdefgh", "日本語日本語", "a日b日c日", "éàü" * 3])
def test_text_fits_exactly(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, "right")) == width


def test_columns_of_low_priority_give_way_and_one_grows() -> None:
    wide = place(columns(), 120)
    assert [(placed.column.title, placed.width) for placed in wide] == [
        ("No", 6), ("Name", 30), ("Extra", 50),
    ]  # fmt: skip
    narrow = place(columns(), 40)
    assert [(placed.column.title, placed.width) for placed in narrow] == [("No", 6), ("Name", 30)]
