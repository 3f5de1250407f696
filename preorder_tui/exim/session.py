"""EXIM imports in this process: understand a file, preview it, apply it.

The desk uses :mod:`preorder_tui.exim.client`, which does the same in a process of its own.

    with ImportSession(service, "IMP_ORD_ITEM_UPD", upload, ImportOptions()) as session:
        session.understand()                        # Understanding
        session.preview(tell)                       # Preview
        session.apply(failed_records=path, tell=tell)    # ImportResult

Nothing is written before the whole file has been read and judged and the Failed Records are on
disk. Then one transaction holds the masters, the plan with its change set, and the end of the log
entry: after a kill at any moment either all of it is there or nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from data import transaction
from data.staging import prepare_for
from preorder_tui import apply as plans
from preorder_tui import desk_log, grants
from preorder_tui.errors import Refused, StalePlan, Unreachable
from preorder_tui.exchange_folder import spool
from preorder_tui.exim import log, mappings
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.configurations import configuration
from preorder_tui.exim.context import CONFLICTS_SHOWN, ImportContext, Importer, Prepared, Tell
from preorder_tui.exim.fields import Dates
from preorder_tui.exim.handed_back import HandedBack
from preorder_tui.exim.handed_files import HandedFiles
from preorder_tui.exim.layout import (
    Layout,
    StructuralFault,
    Upload,
    column_problems,
    find_layout,
)
from preorder_tui.exim.log_entry import logged, message_of
from preorder_tui.exim.records import ImportOptions, ImportResult, Preview, Understanding
from preorder_tui.opening import sentence_for
from preorder_tui.permissions import Permission, needed_for
from preorder_tui.staged_plan import StagedPlan

if TYPE_CHECKING:
    from preorder_tui.service import Service

FAILURES_SHOWN = 10
ATTEMPTS = 3
"""How often a file that nobody has previewed is judged again when somebody else was faster."""


def silent(phase: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


class ImportSession:
    """One file on its way in. Use it as a context manager: it holds a connection."""

    def __init__(
        self,
        service: Service,
        config_id: str,
        upload: Upload,
        options: ImportOptions | None = None,
        cancelled: Event | None = None,
    ) -> None:
        """Nothing is read yet.

        Args:
            service: the service of the person who imports.
            config_id: the configuration.
            upload: the file.
            options: how to read it.
            cancelled: set by a person who wants it to end; everything is as it was then.

        Raises:
            UnknownId: there is no such configuration or saved mapping.
        """
        self.service = service
        self.configuration = configuration(config_id, "import")
        self.upload = upload
        self.options = mappings.complete(service, self.configuration, options or ImportOptions())
        self.cancelled = cancelled or Event()
        self._stack = ExitStack()
        self._layout: Layout | None = None
        self._connection: Connection | None = None
        self._context: ImportContext | None = None
        self._prepared: Prepared | None = None
        self._signature = (0, 0)
        self._raw: object = None
        self._committing = False

    def __enter__(self) -> ImportSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection and of everything that was staged."""
        self._stack.close()
        self._prepared = self._context = self._connection = None

    def cancel(self) -> None:
        """End what runs, from another thread; until the commit itself nothing is changed."""
        self.cancelled.set()
        connection = self._connection
        if connection is not None and not self._committing and not connection.closed:
            # PostgreSQL is asked; SQLite asks by itself (see _interrupt_on_cancel).
            stop = getattr(self._raw, "cancel", None)
            if stop is not None:
                stop()

    # --- Steps ---

    @property
    def layout(self) -> Layout:
        """How the file is laid out.

        Raises:
            StructuralFault: it is empty or no text.
        """
        if self._layout is None:
            self._signature = self.upload.signature()
            self._layout = find_layout(self.upload, self.configuration, self.options, self._spool)
        return self._layout

    def _spool(self) -> Path:
        _, path = self._stack.enter_context(spool("preorder-tui-exim-"))
        return path

    def understand(self, tell: Tell = silent) -> Understanding:
        """What the file is, its problems among it; reads all of it, judges nothing.

        Raises:
            StructuralFault: it is empty, no text, or breaks off.
        """
        from preorder_tui.exim.understanding import understand

        return understand(self.configuration, self.layout, self.options, self._told(tell))

    def preview(self, tell: Tell = silent) -> Preview:
        """Judge every row; changes nothing.

        Raises:
            StructuralFault: the file as a whole cannot be understood.
            Cancelled: a person cancelled it.
        """
        with self._sentences():
            self._prepare(self._told(tell))
            return self._preview()

    def apply(
        self,
        *,
        files: HandedFiles | None = None,
        reason: str | None = None,
        tell: Tell = silent,
    ) -> ImportResult:
        """Apply the good rows as one change set and hand the others back.

        What was previewed is applied; without a preview the file is judged now.

        Args:
            files: where the rows go that are not applied; None: nowhere.
            reason: why, for the history.
            tell: hears of the progress.

        Raises:
            NotPermitted: the person may not import; nothing is applied.
            StructuralFault: the file as a whole cannot be understood; nothing is applied.
            Refused: the failed records cannot be written; nothing is applied.
            StalePlan: somebody changed what was previewed; nothing is applied.
            Cancelled: a person cancelled it; nothing is applied.
        """
        self.service.require(Permission.VIEW, Permission.EXIM)  # before anything is logged
        told = self._told(tell)
        self._committing = False
        shown = self._prepared is not None
        with (
            desk_log.noting(self.service.actor, f"import {self.configuration.config_id}") as note,
            self._sentences(),
            logged(self.service, self.configuration, self.upload) as log_id,
        ):
            note.facts["log"] = log_id
            if shown and self.upload.signature() != self._signature:
                raise Refused(
                    f"{self.upload.shown} was written to since the preview: preview it again"
                )
            for attempt in range(1, ATTEMPTS + 1):
                if self._prepared is None:
                    self._prepare(told)
                try:
                    result = self._commit(log_id, files or HandedFiles(None), reason, told)
                    note.facts["set"] = result.change_set_id
                    note.facts["records"] = result.preview.total
                    note.facts["failed"] = result.preview.failed
                    return result
                except StalePlan:
                    if shown or attempt == ATTEMPTS:
                        raise
                    self._prepared = None
        raise AssertionError("unreachable")

    def hand_back(self, files: HandedFiles) -> None:
        """Write what a preview would hand back, without applying anything."""
        with self._sentences():
            context = self._staged()
            context.read(lambda _: files.write(context))

    # --- Judging ---

    def _staged(self) -> ImportContext:
        if self._context is None:
            raise Refused("nothing was previewed yet")
        return self._context

    def _prepare(self, tell: Tell) -> None:
        layout = self.layout
        _, problems = column_problems(layout, self.configuration)
        if problems:
            raise StructuralFault("; ".join(problems))
        if self._connection is None:
            self._connection = self._stack.enter_context(transaction.held(self.service.engine))
            prepare_for(self._connection, self._signature[0])
            self._interrupt_on_cancel(self._connection)
        importer = cast(
            "Importer", importlib.import_module(f"preorder_tui.exim.{self.configuration.module}")
        )

        def judge(connection: Connection) -> tuple[ImportContext, Prepared]:
            grants.read(connection, self.service.actor).require(Permission.VIEW)
            clock = self.service.clock
            context = ImportContext(
                connection,
                clock,
                replace(self.service.actor, origin="import"),
                self.configuration,
                layout,
                Dates(clock, self.options.date_format or "iso"),
                HandedBack(connection),
                tell,
            )
            return context, importer.prepare(context)

        self._context, prepared = transaction.read_on(self._connection, judge)
        context = self._context
        if not context.records:
            raise StructuralFault(f"{self.upload.shown} has a header but no records")
        refusal = context.dates.refusal(self.upload.shown)
        if refusal is not None:
            raise StructuralFault(refusal)
        self._prepared = prepared

    def _preview(self) -> Preview:
        context, prepared = self._staged(), self._prepared
        if prepared is None:
            raise AssertionError("a preview of nothing")

        def count(_: Connection) -> Preview:
            failed, conflicts = context.handed_back.counts()
            return Preview(
                prepared.title,
                context.records,
                context.records - failed - conflicts - prepared.unchanged,
                prepared.unchanged,
                conflicts,
                failed,
                context.handed_back.first(FAILURES_SHOWN),
                context.handed_back.kinds(),
                tuple(context.conflicts[:CONFLICTS_SHOWN]),
                tuple(one.sentence for one in prepared.plan.warnings) if prepared.plan else (),
                tuple(prepared.plan.effects) if prepared.plan else (),
                context.layout.unused,
            )

        return context.read(count)

    # --- Applying ---

    def _commit(
        self,
        log_id: int,
        files: HandedFiles,
        reason: str | None,
        tell: Tell,
    ) -> ImportResult:
        context, prepared = self._staged(), self._prepared
        if prepared is None:
            raise AssertionError("nothing is prepared")
        before = context.read(lambda _: files.write(context))

        def work(connection: Connection) -> int | None:
            needed = needed_for(context.command)
            grants.read(connection, context.actor).require(Permission.VIEW, *needed)
            plan = prepared.plan
            if prepared.settle is not None:
                plan = prepared.settle(connection)
            if prepared.masters is not None:
                prepared.masters(connection)
            change_set_id = None
            if plan is not None and not plan.empty:
                if isinstance(plan, StagedPlan):
                    plan.tell = lambda done, total: tell("applying", done, total)
                change_set_id = plans.apply(
                    connection, context.clock, context.actor, plan, reason
                ).change_set_id
            counts = context.handed_back.counts()
            if counts != before:  # somebody changed rows since they were judged
                files.write(context)
            log.finish(
                connection,
                log_id,
                context.clock.now(),
                total=context.records,
                failed=counts[0],
                change_set_id=change_set_id,
                failed_records_file=files.failed or files.conflicts or None,
                message=message_of(context, files.conflicts),
            )
            tell("committing", 0, 0)
            self._committing = True
            return change_set_id

        change_set_id = transaction.write_on(context.connection, work)
        result = ImportResult(
            log_id,
            log.FINISHED,
            change_set_id,
            self._preview(),
            files.failed,
            files.conflicts,
        )
        self._prepared = None
        return result

    # --- Ending early ---

    def _told(self, tell: Tell) -> Tell:
        def told(phase: str, done: int, total: int) -> None:
            if self.cancelled.is_set():
                raise Cancelled("cancelled: nothing was changed")
            tell(phase, done, total)

        return told

    def _interrupt_on_cancel(self, connection: Connection) -> None:
        """Let a long statement end when a person cancels, where the driver can be asked."""
        self._raw = connection.connection.driver_connection
        handler = getattr(self._raw, "set_progress_handler", None)
        if handler is not None:
            handler(self.cancelled.is_set, 100_000)

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except (transaction.DatabaseUnreachable, DBAPIError) as error:
            if self.cancelled.is_set():
                raise Cancelled("cancelled: nothing was changed") from error
            raise Unreachable(sentence_for(self.service.engine.url, error)) from error


__all__ = ["Cancelled", "ImportSession"]
