"""Modules imported when they are first used: the desk's first list waits for none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class ImportedLater:
    """Stands for a module; the first attribute asked of it imports the module.

    Safe to use from several threads: the import system lets one of them import and the others wait.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
