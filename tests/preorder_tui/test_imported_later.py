"""Modules that are imported when they are used, or not at all."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_a_module_is_imported_when_something_of_it_is_used() -> None:
    code = """
import sys
from preorder_tui.imported_later import import_later
import_later("importlib.metadata")
import importlib.metadata as early
from importlib import metadata as again
print("email" in sys.modules, early is again)
print(early.version("sqlalchemy"))
print("email" in sys.modules)
import importlib.metadata
from importlib.metadata import version
print(version is early.version, importlib.metadata.__file__ is not None)
"""
    first, version, loaded, after = run(code).splitlines()
    assert first == "False True"
    assert version[0] == "2"
    assert loaded == "True"
    assert after == "True True"


def test_a_module_that_is_there_already_stays() -> None:
    code = """
import json, sys
from preorder_tui.imported_later import import_later, imported_without, left_out
real = json
import_later("json"); left_out("json", "Decoder")
with imported_without("json"):
    import json as inside
print(inside is real, sys.modules["json"] is real)
"""
    assert run(code).split() == ["True", "True"]


def test_a_block_imports_as_where_a_module_is_missing_and_others_get_it() -> None:
    code = """
from preorder_tui.imported_later import imported_without
with imported_without("ssl"):
    import asyncio
import asyncio.base_events, ssl
print(asyncio.base_events.ssl, ssl.__name__)
"""
    assert run(code).split() == ["None", "ssl"]


def test_what_is_left_out_can_still_be_named() -> None:
    code = """
from preorder_tui.imported_later import left_out
left_out("textual.command", "Provider", "CommandPalette")
from textual.command import Provider
class Mine(Provider): pass
print(Mine.__mro__[1].__module__)
"""
    assert run(code).strip() == "textual.command"
