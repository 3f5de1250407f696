"""The worker process of EXIM: ``python -m preorder_tui.exim.worker``, driven by the desk.

It speaks JSON lines. The first line in says which database, who acts and which folder files may be
in; each further line is a job, and ``{"do": "cancel"}`` cancels the one that runs:

    {"do": "understand", "config": "IMP_PO", "path": "po.csv", "options": {…}}
    {"do": "preview", …the same…}
    {"do": "apply", "reason": null, "failedRecords": null, "replace": false}
    {"do": "export", "config": "EXPORT_PO", "path": "po.csv", "filters": {…}, "replace": false}

It answers with any number of ``{"progress": …}`` lines and one ``{"done": …}`` or ``{"error":
{"kind": …, "sentence": …}}``. When its input ends, the running job is cancelled and it ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, TextIO

from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.errors import DeskError, Refused, WrongUsage
from preorder_tui.exchange_folder import confine, file_to_read
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.configurations import configuration
from preorder_tui.exim.exporting import export_to
from preorder_tui.exim.handed_files import HandedFiles, conflicts_beside
from preorder_tui.exim.layout import Upload
from preorder_tui.exim.progress import Meter
from preorder_tui.exim.records import (
    ExportFilter,
    ExportResult,
    ImportOptions,
    Progress,
    from_document,
    to_document,
)
from preorder_tui.exim.session import ImportSession
from preorder_tui.service import Service
from preorder_tui.text import clean

Document = dict[str, Any]


class Worker:
    """The jobs of one person on one database."""

    def __init__(self, answer: TextIO, start: Document) -> None:
        self._answer = answer
        self._start = start
        self._service: Service | None = None
        self._session: ImportSession | None = None
        self._cancelled = Event()
        self._file = ExitStack()
        folder = start.get("exchangeFolder")
        self._folder = Path(folder).resolve() if folder else None
        self._source: Path | None = None
        if self._folder is not None or start.get("confined"):
            confine(self._folder)

    # --- Lines ---

    def send(self, document: Document) -> None:
        """One line out."""
        self._answer.write(json.dumps(document) + "\n")
        self._answer.flush()

    def _tell(self, progress: Progress) -> None:
        self.send({"progress": to_document(progress)})

    def run(self, jobs: Iterator[Document]) -> None:
        """Do jobs until there are no more."""
        for job in jobs:
            self._cancelled.clear()
            try:
                self.send({"done": to_document(self._do(job))})
            except DeskError as error:
                self.send({"error": {"kind": type(error).__name__, "sentence": error.sentence}})
            except OSError as error:
                sentence = f"the system refuses: {error.strerror or error}"
                self.send({"error": {"kind": "Refused", "sentence": sentence}})

    def cancel(self) -> None:
        """Cancel the running job; called from the thread that reads lines."""
        self._cancelled.set()
        session = self._session
        if session is not None:
            session.cancel()

    def close(self) -> None:
        """Let go of the file and the database."""
        if self._session is not None:
            self._session.close()
        self._file.close()
        if self._service is not None:
            self._service.close()

    # --- Jobs ---

    def _do(self, job: Document) -> Any:
        what = job.get("do")
        if what in ("understand", "preview"):
            session = self._open(job)
            tell = Meter(self._tell).tell
            with self._failing_closes():
                return session.understand(tell) if what == "understand" else session.preview(tell)
        if what == "apply":
            return self._apply(job)
        if what == "export":
            return self._export(job)
        raise WrongUsage(f"{what!r} is no job of this worker")

    @property
    def service(self) -> Service:
        """The service; opened at the first job."""
        if self._service is None:
            self._service = Service.open(
                str(self._start["database"]),
                Actor(str(self._start["user"]), "import", settings.login_name()),
            )
        return self._service

    def _path(self, name: str) -> Path:
        return settings.exchange_file(name, self._folder)

    def _open(self, job: Document) -> ImportSession:
        if self._session is not None:
            self._session.close()
            self._session = None
        path = self._path(str(job["path"]))
        if path.is_dir():
            raise WrongUsage(f"{clean(str(job['path']))!r} is a folder: name a file")
        if not path.exists():
            raise WrongUsage(f"there is no file {clean(str(job['path']))!r}")
        self._file.close()
        pinned = self._file.enter_context(file_to_read(path))
        self._source = path
        self._session = ImportSession(
            self.service,
            str(job["config"]),
            Upload(path.name, pinned),
            from_document(ImportOptions, job["options"]),
            self._cancelled,
        )
        return self._session

    @contextmanager
    def _failing_closes(self) -> Iterator[None]:
        """What failed cannot be applied."""
        succeeded = False
        try:
            yield
            succeeded = True
        finally:
            if not succeeded and self._session is not None:
                self._session.close()
                self._session = None

    def _apply(self, job: Document) -> Any:
        session = self._session
        if session is None or self._source is None:
            raise Refused("nothing was previewed yet: preview the file first")
        given = job.get("failedRecords")
        path = self._path(str(given)) if given else free_name(self._source)
        if given and path.exists() and not job.get("replace"):
            raise Refused(f"{clean(str(given))} exists already: give another name, or replace it")
        with self._failing_closes():
            return session.apply(
                files=HandedFiles(path, keep_empty=False),
                reason=job.get("reason"),
                tell=Meter(self._tell).tell,
            )

    def _export(self, job: Document) -> ExportResult:
        chosen = configuration(str(job["config"]), "export")
        path = self._path(str(job["path"]))
        meter = Meter(self._tell)

        def tell(phase: str, done: int, total: int) -> None:
            if self._cancelled.is_set():
                raise Cancelled("cancelled: nothing was written")
            meter.tell(phase, done, total)

        rows = export_to(
            self.service,
            chosen,
            path,
            from_document(ExportFilter, job["filters"]),
            replace=bool(job.get("replace")),
            tell=tell,
        )
        return ExportResult(chosen.config_id, str(path), rows)


def free_name(upload: Path) -> Path:
    """Where the rows of a file go that are handed back: beside it, under a name that is free."""
    stem = upload.stem.removesuffix(".conflicts").partition(".failed")[0]
    path, number = upload.with_name(f"{stem}.failed.csv"), 1
    while path.exists() or conflicts_beside(path).exists():
        number += 1
        path = upload.with_name(f"{stem}.failed-{number}.csv")
    return path


def main() -> int:
    """Read lines and do jobs until the input ends."""
    # A lost line is told to every process of a session. This one hears of it from the desk's end,
    # and then takes back what it has begun; Ctrl+C and Ctrl+\\ are the desk's to understand.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # whatever prints must not get between the lines
    start = json.loads(sys.stdin.readline() or "null")
    if start is None:
        return 0
    worker = Worker(answer, start)
    jobs: SimpleQueue[Document | None] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            job = json.loads(line)
            if job.get("do") == "cancel":
                worker.cancel()
            else:
                jobs.put(job)
        jobs.put(None)
        worker.cancel()

    Thread(target=listen, daemon=True).start()
    import pandas  # noqa: F401  (ready before the first file is chosen)

    try:
        worker.run(iter(jobs.get, None))
    except BrokenPipeError:
        return 1
    finally:
        worker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
