"""Processes of this host by a mark that no later process shares: the number and the start."""

from __future__ import annotations

import os
from pathlib import Path


def mark_of(number: int) -> str:
    """The mark of a process of this host."""
    return f"{number}, {_born(number)}"


def own_mark() -> str:
    """The mark of this process."""
    return mark_of(os.getpid())


def is_there(mark: str) -> bool:
    """Whether the process with this mark still runs, on this host."""
    try:
        number = int(mark.partition(",")[0])
        os.kill(number, 0)
    except PermissionError:
        return True
    except (ValueError, OSError, OverflowError):
        return False
    return mark == mark_of(number)


def _born(number: int) -> str:
    """When it started, in words that tell it from a later one of the same number."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return "start unknown"
    facts = status.rpartition(")")[2].split()
    return "ended" if facts[0] in "ZX" else f"start {facts[19]}"  # dead, and not yet buried
