"""Only what has changed is sent, and what is sent makes the same screen."""

from __future__ import annotations

import random

import pyte
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from screens.painted_lines import _ONE_CELL_EACH, PaintedLines

WIDTH, HEIGHT = 20, 4
SIZE = Size(WIDTH, HEIGHT)
STYLES = [None, Style(), Style(bold=True), Style(reverse=True), Style(color="red"), Style(dim=True)]
CHARACTERS = "ab   cé│─日"


def random_line(chance: random.Random) -> Strip:
    segments: list[Segment] = []
    room = WIDTH
    while room:
        text = "".join(chance.choice(CHARACTERS) for _ in range(chance.randint(1, 8)))
        segment = Segment(text, chance.choice(STYLES))
        if segment.cell_length <= room:
            segments.append(segment)
            room -= segment.cell_length
        elif room < 3:
            segments.append(Segment(" " * room))
            room = 0
    return Strip(segments, WIDTH)


def full(lines: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, WIDTH, HEIGHT))


def screen_of(*sequences: str) -> list[list[object]]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for text in sequences:
        stream.feed(text)
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


def test_random_changes_arrive_as_if_all_had_been_sent() -> None:
    chance = random.Random(4)
    console = Console(force_terminal=True, color_system="standard")
    painted = PaintedLines()
    sent: list[str] = []
    lines = [random_line(chance) for _ in range(HEIGHT)]
    for _ in range(200):
        if chance.random() < 0.5:
            lines[chance.randrange(HEIGHT)] = random_line(chance)
            update = painted.changes(full(lines), SIZE, console)
        else:
            y = chance.randrange(HEIGHT)
            lines[y] = random_line(chance)
            chops = [{0: lines[y]} if row == y else {0: None} for row in range(HEIGHT)]
            spans = [(y, 0, WIDTH)]
            update = painted.changes(ChopsUpdate(chops, spans, [[WIDTH]] * HEIGHT), SIZE, console)
        assert update is not None
        sent.append(update.sequences)
        whole = PaintedLines().changes(full(lines), SIZE, console)
        assert whole is not None
        assert screen_of(*sent) == screen_of(whole.sequences)


def test_the_same_again_sends_nothing() -> None:
    console = Console(force_terminal=True, color_system="standard")
    painted = PaintedLines()
    lines = [Strip([Segment("x" * WIDTH)])] * HEIGHT
    first, again = (painted.changes(full(lines), SIZE, console) for _ in range(2))
    assert first is not None
    assert first.sequences
    assert again is not None
    assert again.sequences == ""
    painted.forget()
    anew = painted.changes(full(lines), SIZE, console)
    assert anew is not None
    assert anew.sequences == first.sequences
    resized = painted.changes(full(lines), Size(WIDTH, HEIGHT + 1), console)
    assert resized is not None
    assert resized.sequences


def test_a_typed_character_costs_a_few_bytes() -> None:
    console = Console(force_terminal=True, color_system="standard")
    painted = PaintedLines()
    painted.changes(full([Strip([Segment("x" * WIDTH)])] * HEIGHT), SIZE, console)
    lines = [Strip([Segment("x" * WIDTH)])] * (HEIGHT - 1) + [Strip([Segment("xxxy" + "x" * 16)])]
    update = painted.changes(full(lines), SIZE, console)
    assert update is not None
    assert update.sequences == "\x1b[4;4Hy"


def test_what_is_not_measured_is_one_cell_wide() -> None:
    characters = [chr(code) for code in range(32, 0x3000)]
    assert not [one for one in characters if _ONE_CELL_EACH.fullmatch(one) and cell_len(one) != 1]
    assert _ONE_CELL_EACH.fullmatch("Imogen Lle… · Müller — תמר › ─│ Ciarán O’N…")
    assert not _ONE_CELL_EACH.fullmatch("e\u0301")
    assert not _ONE_CELL_EACH.fullmatch("日")
