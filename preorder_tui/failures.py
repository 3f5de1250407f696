"""What to tell when something fails, and the line in the log that is for the maintainers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from preorder_tui.errors import DeskError


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a failure was written; None: nowhere."""

    name: str
    path: Path | None

    def __str__(self) -> str:
        if self.path is None:
            return f"Reference {self.name}, not written to a log."
        return f"Reference {self.name}, in the log {self.path}."


def sentence_for(error: BaseException) -> str:
    """One sentence for a person; never a traceback."""
    if isinstance(error, DeskError):
        return error.sentence
    return f"Something unexpected happened ({type(error).__name__})."


def write_log(error: BaseException, origin: str = "desk") -> Reference | None:
    """Write an unexpected error to the log; None for a refusal, which is no failure."""
    if isinstance(error, DeskError):
        return None
    from secrets import token_hex

    from preorder_tui import desk_log, settings
    from preorder_tui.actor import Actor

    reference = token_hex(4)
    written = desk_log.write(
        Actor(settings.login_name(), origin),
        "error",
        "failed",
        reference=reference,
        error=desk_log.kinds(error),
        at=desk_log.places(error),
    )
    return Reference(reference, settings.log_file() if written else None)
