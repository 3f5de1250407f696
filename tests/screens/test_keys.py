"""The key table: no key twice on a screen, none a terminal cannot send, none out of order."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from typing import Any

import pytest
from textual.binding import Binding, BindingsMap

import screens
from screens import keys
from screens.desk_screen import DeskScreen
from screens.dialog import Dialog

TERMINALS_SEND = (
    {f"f{number}" for number in range(1, 13)}
    | {f"ctrl+{letter}" for letter in "abcdefgklnopqrstuvwxyz"}  # not h, i, j, m: see §3.4
    | {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"}
    | {"enter", "escape", "tab", "shift+tab", "backspace", "space"}
    | {"question_mark", "slash", "colon", "full_stop", "plus", "minus", "asterisk"}
    | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
)


def everything(kind: type[Any]) -> list[type[Any]]:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[Any]] = []
    waiting = [kind]
    while waiting:
        for below in waiting.pop().__subclasses__():
            waiting.append(below)
            if below.__module__.startswith("screens."):
                found.append(below)
    return found


def names_of(page: type[DeskScreen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*page.ACTIONS, *keys.EVERYWHERE, *keys.IN_LISTS)))


@pytest.mark.parametrize("page", everything(DeskScreen), ids=lambda page: page.__name__)
def test_no_key_means_two_things_on_a_page(page: type[DeskScreen]) -> None:
    meaning: dict[str, str] = {}
    for name in names_of(page):
        for key in keys.ACTIONS[name].keys:
            assert key not in meaning, f"{key} is {meaning[key]} and {name}"
            meaning[key] = name


@pytest.mark.parametrize("page", everything(DeskScreen), ids=lambda page: page.__name__)
def test_every_action_of_a_page_is_bound_and_done(page: type[DeskScreen]) -> None:
    bound = BindingsMap.merge(
        [BindingsMap(parent.__dict__.get("BINDINGS", ())) for parent in page.__mro__]
    )
    for name in names_of(page):
        action = keys.ACTIONS[name]
        if action.own:
            continue
        for key in action.keys:
            assert any(
                binding.action == f"do('{name}')" for binding in bound.key_to_bindings.get(key, ())
            ), f"{key} does not {name}"
        assert hasattr(page, f"do_{name}"), f"no do_{name}"


@pytest.mark.parametrize(
    "screen", [*everything(DeskScreen), *everything(Dialog)], ids=lambda screen: screen.__name__
)
def test_nothing_but_leaving_jumps_the_queue_of_keys(screen: type[Any]) -> None:
    """A priority binding runs before characters typed earlier have arrived."""
    for parent in screen.__mro__:
        for binding in parent.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and parent.__module__.startswith("screens."):
                assert not binding.priority


def test_terminals_can_send_every_key() -> None:
    for action in keys.ACTIONS.values():
        assert set(action.keys) <= TERMINALS_SEND, action.name


def test_every_function_key_has_another_key() -> None:
    for action in keys.ACTIONS.values():
        if any(keys.shown(key).startswith("F") and len(key) > 1 for key in action.keys):
            assert len(action.keys) > 1, action.name


def test_words_are_sentences() -> None:
    for action in keys.ACTIONS.values():
        assert action.help.endswith(".")
        assert len(action.short) <= 9


@pytest.mark.parametrize("page", everything(DeskScreen), ids=lambda page: page.__name__)
@pytest.mark.parametrize("width", [80, 100, 132])
def test_the_line_of_keys_fits_and_says_how_to_get_help_and_out(
    page: type[DeskScreen], width: int
) -> None:
    line = keys.footer(names_of(page), width)
    assert len(line) <= width
    assert line.startswith("F1/? Help  F10/m Menu")
    assert line.endswith("F3/q Leave")
    assert line.count("  ") < 8


def test_the_table_prints_as_markdown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "screens.keys"], capture_output=True, text=True, check=True
    )
    assert "| `F5`, `r` | Refresh |" in done.stdout
    assert len(done.stdout.splitlines()) == len(keys.ACTIONS) + 2
