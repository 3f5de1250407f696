"""The files that rows go into which are not applied: Failed Records, and conflicts."""

from __future__ import annotations

from pathlib import Path

from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.handed_back import CONFLICT, FAILED


def conflicts_beside(failed_records: Path) -> Path:
    """Where conflicts go when nobody says where: ``failed.csv`` → ``failed.conflicts.csv``."""
    return failed_records.with_name(f"{failed_records.stem}.conflicts.csv")


class HandedFiles:
    """Where the rows of one import go that are not applied.

    Args:
        failed_records: the file of the failed rows; None: they go nowhere.
        conflicts: the file of the conflicts; None: beside the failed records.
        keep_empty: whether the failed records are written also when there are none.
    """

    def __init__(
        self, failed_records: Path | None, conflicts: Path | None = None, *, keep_empty: bool = True
    ) -> None:
        self._failed_path = failed_records
        if conflicts is None and failed_records is not None:
            conflicts = conflicts_beside(failed_records)
        self._conflicts_path = conflicts
        self._keep_empty = keep_empty
        self.failed = ""
        self.conflicts = ""

    def write(self, context: ImportContext) -> tuple[int, int]:
        """Write what there is now; how many failed, and how many are conflicts.

        Raises:
            Refused: a file cannot be written.
        """
        failed, conflicts = context.handed_back.counts()
        if self._failed_path is not None and (failed or self._keep_empty):
            context.handed_back.write(self._failed_path, context.layout, FAILED)
            self.failed = str(self._failed_path.absolute())
        if self._conflicts_path is not None and conflicts:
            context.handed_back.write(self._conflicts_path, context.layout, CONFLICT)
            self.conflicts = str(self._conflicts_path.absolute())
        return failed, conflicts
