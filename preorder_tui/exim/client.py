"""The desk's side of EXIM: a short-lived process of the same program does the work.

The desk never imports pandas; :class:`EximWorker` starts ``python -m preorder_tui.exim.worker`` and
speaks JSON lines with it: one request at a time, progress in between, one answer. Its methods block
and belong in a thread; :meth:`EximWorker.cancel` may be called from any other. Closing it, or the
desk's own end (the worker's standard input closes), cancels what runs: nothing is half-applied.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import Any, TypeVar

from preorder_tui import errors
from preorder_tui.errors import DeskError, Refused
from preorder_tui.exchange_folder import confined
from preorder_tui.exim.records import (
    ExportFilter,
    ExportResult,
    ImportOptions,
    ImportResult,
    Preview,
    Progress,
    Understanding,
    from_document,
    to_document,
)

Record = TypeVar("Record")
OnProgress = Callable[[Progress], None]
SECONDS_TO_END = 10.0


class WorkerLost(DeskError):
    """The worker process ended by itself; the log says whether its change set is there."""


class Cancelled(Refused):
    """A person cancelled the job. Nothing was changed."""


class EximWorker:
    """One worker process on one database, for one person."""

    def __init__(self, database_url: str, user: str, exchange_folder: str | None = None) -> None:
        """Start the process; it opens the database at its first request.

        Args:
            database_url: as the desk's own; passed on standard input, never as an argument.
            user: who acts.
            exchange_folder: the only folder whose files may be read and written, if there is one.
        """
        # Never a module of the folder that one happens to stand in; a captive login's variables
        # count as little for this process as for the first.
        alone = "-I" if sys.flags.isolated else "-P"
        self._process = subprocess.Popen(
            [sys.executable, alone, "-m", "preorder_tui.exim.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._writing = Lock()
        self._send(
            {
                "database": database_url,
                "user": user,
                "exchangeFolder": exchange_folder,
                "confined": confined(),
            }
        )

    # --- Jobs ---

    def understand(
        self, config_id: str, path: str, options: ImportOptions | None = None
    ) -> Understanding:
        """Find out what a file is: encoding, delimiter, columns, dates, records, first rows."""
        return self._ask(Understanding, "understand", None, **_file(config_id, path, options))

    def preview(
        self,
        config_id: str,
        path: str,
        options: ImportOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> Preview:
        """Judge every row of a file; changes nothing. :meth:`apply` applies what was judged.

        Raises:
            Refused: the file as a whole cannot be understood.
            Cancelled: a person cancelled it.
        """
        return self._ask(Preview, "preview", on_progress, **_file(config_id, path, options))

    def apply(
        self,
        *,
        reason: str | None = None,
        failed_records: str | None = None,
        replace: bool = False,
        on_progress: OnProgress | None = None,
    ) -> ImportResult:
        """Apply what was previewed last, as one change set, and hand back the other rows.

        Args:
            failed_records: where these go; None: beside the file, under a name that is free.
            replace: whether a file that is there already may be replaced.

        Raises:
            Refused: nothing was previewed, the file changed since, or it cannot be written to.
            StalePlan: somebody changed what the preview was made from; look again.
            Cancelled: a person cancelled it.
        """
        return self._ask(
            ImportResult,
            "apply",
            on_progress,
            reason=reason,
            failedRecords=failed_records,
            replace=replace,
        )

    def export(
        self,
        config_id: str,
        path: str,
        filters: ExportFilter | None = None,
        *,
        replace: bool = False,
        on_progress: OnProgress | None = None,
    ) -> ExportResult:
        """Write an export to a file, whole or not at all.

        Raises:
            Refused: the file exists and may not be replaced, or it cannot be written.
        """
        return self._ask(
            ExportResult,
            "export",
            on_progress,
            config=config_id,
            path=path,
            filters=to_document(filters or ExportFilter()),
            replace=replace,
        )

    def cancel(self) -> None:
        """Cancel what runs, from any thread; the running call raises :class:`Cancelled`."""
        with suppress(WorkerLost):
            self._send({"do": "cancel"})

    # --- Life ---

    def close(self) -> None:
        """End the process; what it has not committed is gone as if it had never begun."""
        process = self._process
        with suppress(OSError, ValueError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> EximWorker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- Lines ---

    def _send(self, document: dict[str, Any]) -> None:
        stdin = self._process.stdin
        try:
            with self._writing:
                if stdin is None:
                    raise OSError
                stdin.write(json.dumps(document) + "\n")
                stdin.flush()
        except (OSError, ValueError) as error:
            raise WorkerLost(_LOST) from error

    def _ask(
        self, kind: type[Record], job: str, on_progress: OnProgress | None, **arguments: Any
    ) -> Record:
        self._send({"do": job, **arguments})
        if self._process.stdout is None:
            raise WorkerLost(_LOST)
        for line in self._process.stdout:
            answer = json.loads(line)
            if "progress" in answer:
                if on_progress is not None:
                    on_progress(from_document(Progress, answer["progress"]))
            elif "error" in answer:
                raise _error(answer["error"])
            else:
                return from_document(kind, answer["done"])
        raise WorkerLost(_LOST)


_LOST = "the import process ended by itself: the log says whether anything was changed"


def _file(config_id: str, path: str, options: ImportOptions | None) -> dict[str, Any]:
    return {"config": config_id, "path": path, "options": to_document(options or ImportOptions())}


def _error(document: dict[str, str]) -> DeskError:
    kind = {"Cancelled": Cancelled}.get(document["kind"]) or getattr(errors, document["kind"], None)
    if isinstance(kind, type) and issubclass(kind, DeskError):
        return kind(document["sentence"])
    return Refused(document["sentence"])
