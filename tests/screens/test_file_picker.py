"""Choosing a file: by name, by path, by walking; never out of the exchange folder."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from preorder_tui.desk_options import DeskOptions
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.dialogs.file_picker import FilePicker, entries_of
from tests.screens.procurement_desk import Hand
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import settled, until

__all__ = ["engine", "service"]

HOSTILE = "Eve [b]B \x1b[2J\u202e.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exchange folder with files, a folder below, a way out, a pipe and hidden names."""
    folder = tmp_path / "exchange"
    (folder / "older").mkdir(parents=True)
    for name in ("dates.csv", "data.csv", "Orders.CSV", HOSTILE, ".hidden"):
        (folder / name).write_text("a,b\n")
    (folder / "older" / "last-year.csv").write_text("a\n")
    (tmp_path / "secret.csv").write_text("secret\n")
    (folder / "way-out.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "pipe.csv")
    return folder


@asynccontextmanager
async def picking(
    service: Service, folder: Path, root: Path | None, *, restricted: bool = False
) -> AsyncIterator[tuple[Hand, list[Any]]]:
    """A desk with the picker open, and where its answer goes."""
    answers: list[Any] = []
    app = DeskApp(
        DeskOptions(
            "sqlite:///book.db",
            "ana",
            restricted=restricted,
            exchange_folder=str(root) if root else None,
        ),
        lambda _: service,
    )

    async def ask() -> None:
        answers.append(await app.ask(FilePicker("File", folder, root)))

    async with app.run_test(size=(80, 24)):
        hand = Hand(app)
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        app.start_flow(ask())
        await hand.until("Down list")
        yield hand, answers


async def test_a_name_is_enough(service: Service, folder: Path) -> None:
    async with picking(service, folder, folder) as (hand, answers):
        assert "In exchange folder" in hand.text
        await hand.press(*"dates", "enter")
        assert answers == [folder / "dates.csv"]


async def test_what_begins_the_same_is_offered_and_walked(service: Service, folder: Path) -> None:
    async with picking(service, folder, folder) as (hand, answers):
        await hand.press(*"da", "enter")
        assert "2 names begin so" in hand.text
        assert "Orders.CSV" not in hand.text
        await hand.press("down", "down", "enter")
        assert answers == [folder / "dates.csv"]


async def test_folders_are_walked_and_the_exchange_folder_is_not_left(
    service: Service, folder: Path
) -> None:
    async with picking(service, folder, folder) as (hand, answers):
        assert ".. " not in hand.text
        await hand.press("down", "enter")
        await hand.until("In exchange folder/older")
        await hand.press(*"../../secret.csv", "enter")
        assert "outside the exchange folder" in hand.text
        assert not answers
        await hand.press("down", "enter")  # ..
        await hand.until("In exchange folder$|In exchange folder +│")
        await hand.press("escape")
        assert answers == [None]


async def test_hidden_names_pipes_loops_and_ways_out_are_not_offered(
    service: Service, folder: Path
) -> None:
    shown = [entry.shown for entry in entries_of(folder, folder)[0]]
    assert shown == ["older", "data.csv", "dates.csv", "Eve [b]B [2J.csv", "Orders.CSV"]
    assert "way-out.csv" in [entry.shown for entry in entries_of(folder, None)[0]]
    async with picking(service, folder, folder) as (hand, answers):
        assert "Eve [b]B [2J.csv" in hand.text
        assert "\x1b" not in hand.text
        await hand.press(*"way-out.csv", "enter")
        assert "outside the exchange folder" in hand.text
        assert not answers


async def test_a_path_is_taken_where_nothing_limits_it(service: Service, folder: Path) -> None:
    async with picking(service, folder, None) as (hand, answers):
        await hand.press(*str(folder / "older"), "enter")
        await hand.until("last-year.csv")
        await hand.press(*str(folder / "Orders.CSV"), "enter")
        assert answers == [folder / "Orders.CSV"]


async def test_a_captive_login_takes_only_what_is_listed(service: Service, folder: Path) -> None:
    async with picking(service, folder, folder, restricted=True) as (hand, answers):
        await hand.press(*"./.hidden", "enter")
        assert "There is no file of that name" in hand.text
        assert not answers


async def test_what_cannot_be_read_is_a_sentence(service: Service, tmp_path: Path) -> None:
    found, sentence = entries_of(tmp_path / "gone", None)
    assert [entry.shown for entry in found] == [".."]
    assert "cannot be read" in sentence


@pytest.mark.parametrize("typed", ["~nobody-of-this-name/x.csv", "x" * 400 + "/y", "loop/x", "/"])
async def test_nothing_typed_breaks_it(service: Service, folder: Path, typed: str) -> None:
    async with picking(service, folder, folder) as (hand, answers):
        await hand.press(*typed, "enter")
        assert "There is no file" in hand.text or "outside the exchange folder" in hand.text
        assert not answers


async def test_letters_of_another_alphabet_and_long_names(service: Service, tmp_path: Path) -> None:
    (tmp_path / ("x" * 200 + ".csv")).write_text("")
    (tmp_path / "数据.csv").write_text("")
    async with picking(service, tmp_path, None) as (hand, answers):
        await hand.press(*"数", "enter")
        assert answers == [tmp_path / "数据.csv"]
