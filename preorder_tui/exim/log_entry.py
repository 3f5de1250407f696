"""The log entry around one import: begun before it, ended with it, whatever ends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from data import transaction
from preorder_tui.errors import DeskError
from preorder_tui.exim import log
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.layout import Upload

if TYPE_CHECKING:
    from preorder_tui.service import Service

SHOWN = 10


@contextmanager
def logged(service: Service, configuration: Configuration, upload: Upload) -> Iterator[int]:
    """Begin an entry and give its id; note an early end there.

    A good end is noted by :func:`preorder_tui.exim.log.finish`, in the transaction of the import.
    """

    def begin(connection: Connection) -> int:
        if log.running(connection):
            log.reconcile(connection, service.clock)
        return log.start(
            connection,
            configuration.config_id,
            service.actor.user,
            upload.name,
            service.clock.now(),
        )

    log_id = transaction.write(service.engine, begin)
    status, message = log.FAILED, log.ENDED
    try:
        yield log_id
        message = ""
    except Cancelled as error:
        status, message = log.CANCELLED, error.sentence
        raise
    except DeskError as error:
        message = error.sentence
        raise
    finally:
        if message:
            with suppress(transaction.DatabaseUnreachable):
                transaction.write(
                    service.engine,
                    lambda connection: log.end(
                        connection, log_id, service.clock.now(), status, message
                    ),
                )


def message_of(context: ImportContext, conflicts_file: str) -> str | None:
    """What View Log shows: the first rows that were handed back, and why."""
    said = [f"conflicts are in {conflicts_file}"] if conflicts_file else []
    said += [f"line {one.line}: {one.reason}" for one in context.handed_back.first(SHOWN)]
    said += [
        f"line {one.line}: {one.key} {one.column} conflict: base {one.base or 'none'}, "
        f"ours {one.ours or 'none'}, theirs {one.theirs or 'none'} {one.who}".rstrip()
        for one in context.conflicts[:SHOWN]
    ]
    return "\n".join(said) or None
