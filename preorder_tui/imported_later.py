"""Modules imported when they are first used: the desk's first list waits for none of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any


class ImportedLater:
    """Stands for a module; the first attribute asked of it imports the module.

    Safe to use from several threads: the import system lets one of them import and the others wait.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        module = self._module
        if module is None:  # asking the import system each time takes longer than it looks
            module = self._module = import_module(self._name)
        return getattr(module, attribute)


class _StandIn(ModuleType):
    """What is found in place of a module until something of it is used."""

    def __getattr__(self, attribute: str) -> Any:
        with _changing_places:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), attribute)


_changing_places = Lock()


def import_later(name: str) -> None:
    """Have a module imported when something of it is first used, whoever imports it meanwhile.

    For what others import at their top, for a thing that the desk does not do.
    """
    if name not in sys.modules:
        stand_in = sys.modules[name] = _StandIn(name)
        package, _, own_name = name.rpartition(".")
        if package:
            setattr(import_module(package), own_name, stand_in)


def left_out(name: str, *classes: str) -> None:
    """Have an empty module imported in place of one that is not used, with these empty classes.

    For what others import at their top and only need for what they were told not to do.
    """
    if name not in sys.modules:
        empty = sys.modules[name] = ModuleType(name, "Left out: the desk does not use it.")
        for one in classes:
            setattr(empty, one, type(one, (), {"__module__": name}))


@contextmanager
def imported_without(name: str) -> Iterator[None]:
    """Import what the block imports as where this module is missing; others get it afterwards."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
