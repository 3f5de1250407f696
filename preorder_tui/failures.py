"""What to tell when something fails, and where to write what is for the maintainers."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from preorder_tui.errors import DeskError


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a failure was written."""

    name: str
    path: Path

    def __str__(self) -> str:
        return f"Reference {self.name}, in the log {self.path}."


def sentence_for(error: BaseException) -> str:
    """One sentence for a person; never a traceback."""
    if isinstance(error, DeskError):
        return error.sentence
    return f"Something unexpected happened ({type(error).__name__})."


def write_log(error: BaseException) -> Reference | None:
    """Write an unexpected error to the log; None for a refusal, which is no failure."""
    if isinstance(error, DeskError):
        return None
    from platformdirs import user_log_path

    reference = token_hex(4)
    try:
        folder = user_log_path("preorder-tui", ensure_exists=True)
        path = folder / "desk.log"
        with path.open("a", encoding="utf-8") as log:
            log.write(f"--- {reference} {datetime.now(UTC).isoformat(timespec='seconds')}\n")
            log.writelines(traceback.format_exception(error))
    except OSError as trouble:
        return Reference(reference, Path(f"(not written: {trouble.strerror})"))
    return Reference(reference, path)
