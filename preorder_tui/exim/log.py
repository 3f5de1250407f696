"""DATA_MANAGER_LOG: one entry per import, from its start to what became of it.

An entry is RUNNING until the transaction that applies the import ends it: the change set and the
word FINISHED are committed together or not at all. What is still RUNNING while its process has gone
was therefore not applied, and :func:`reconcile` says so.
"""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from data.tables import data_manager_log
from preorder_tui import running_process
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.exim.records import LogEntry
from preorder_tui.text import clean, clean_or_empty

RUNNING = "SERVICE_RUNNING"
FINISHED = "SERVICE_FINISHED"
FAILED = "SERVICE_FAILED"
CANCELLED = "SERVICE_CANCELLED"
CRASHED = "SERVICE_CRASHED"

LONGEST_NAME = 255
LONGEST_RUN = timedelta(hours=24)
ENDED = "ended before it was done: nothing was changed"
_RUNS = "runs on "
_AS_PROCESS = " as process "
_log = data_manager_log.c


def start(connection: Connection, config_id: str, user: str, file_name: str, now: datetime) -> int:
    """Note that an import runs; returns the log id."""
    result = connection.execute(
        insert(data_manager_log).values(
            CONFIG_ID=config_id,
            CREATED_BY_USER_LOGIN=user,
            CREATED_DATE=now,
            UPLOAD_FILE_NAME=file_name[-LONGEST_NAME:],
            STATUS_ID=RUNNING,
            MESSAGE=f"{_RUNS}{socket.gethostname()}{_AS_PROCESS}{running_process.own_mark()}",
        )
    )
    key = result.inserted_primary_key
    if key is None:
        raise AssertionError("the database gave the log entry no id")
    return int(key[0])


def finish(
    connection: Connection,
    log_id: int,
    now: datetime,
    *,
    total: int,
    failed: int,
    change_set_id: int | None,
    failed_records_file: str | None,
    message: str | None,
) -> None:
    """Note, in the transaction that applies it, that an import finished.

    Rows that were handed back do not make it a failure.

    Raises:
        Refused: somebody has marked the entry as ended; the import must not be applied then.
    """
    done = connection.execute(
        update(data_manager_log)
        .where(_log.LOG_ID == log_id, _log.STATUS_ID == RUNNING)
        .values(
            FINISH_DATE_TIME=now,
            STATUS_ID=FINISHED,
            TOTAL_RECORD_COUNT=total,
            FAILED_RECORD_COUNT=failed,
            CHANGE_SET_ID=change_set_id,
            FAILED_RECORDS_FILE=failed_records_file and failed_records_file[-LONGEST_NAME:],
            MESSAGE=message,
        )
    )
    if done.rowcount != 1:
        raise Refused(f"log entry {log_id} was ended by somebody else: nothing was changed")


def end(connection: Connection, log_id: int, now: datetime, status_id: str, message: str) -> None:
    """Note that an import failed as a whole or was cancelled: nothing was applied."""
    connection.execute(
        update(data_manager_log)
        .where(_log.LOG_ID == log_id, _log.STATUS_ID == RUNNING)
        .values(FINISH_DATE_TIME=now, STATUS_ID=status_id, MESSAGE=message)
    )


def reconcile(connection: Connection, clock: Clock) -> int:
    """Mark entries as crashed whose process has gone; how many there were."""
    now, gone = clock.now(), []
    for log_id, created, message in connection.execute(
        select(_log.LOG_ID, _log.CREATED_DATE, _log.MESSAGE).where(_log.STATUS_ID == RUNNING)
    ):
        if not _alive(message or "") or (abs(now - created) > LONGEST_RUN and not _here(message)):
            gone.append(log_id)
    for log_id in gone:
        end(connection, log_id, now, CRASHED, ENDED)
    return len(gone)


def running(connection: Connection) -> bool:
    """Whether any entry says that it runs."""
    return (
        connection.execute(select(_log.LOG_ID).where(_log.STATUS_ID == RUNNING).limit(1)).first()
        is not None
    )


def entries(
    connection: Connection,
    clock: Clock,
    *,
    config_id: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[LogEntry, ...]:
    """Entries of the log, newest first; ``before`` an id for the next page."""
    query = select(data_manager_log).order_by(_log.LOG_ID.desc()).limit(limit)
    if config_id is not None:
        query = query.where(_log.CONFIG_ID == config_id)
    if before is not None:
        query = query.where(_log.LOG_ID < before)
    return tuple(
        LogEntry(
            row.LOG_ID,
            row.CONFIG_ID,
            clean(row.CREATED_BY_USER_LOGIN),
            clock.local(row.CREATED_DATE).isoformat(),
            clock.local(row.FINISH_DATE_TIME).isoformat() if row.FINISH_DATE_TIME else None,
            clean_or_empty(row.UPLOAD_FILE_NAME),
            row.STATUS_ID,
            row.TOTAL_RECORD_COUNT,
            row.FAILED_RECORD_COUNT,
            _lines(row.MESSAGE),
            row.FAILED_RECORDS_FILE or "",
            row.CHANGE_SET_ID,
        )
        for row in connection.execute(query)
    )


def remove(connection: Connection, clock: Clock, log_id: int) -> None:
    """Delete an entry; what the import changed stays, and so does its Failed Records file.

    Raises:
        UnknownId: there is no such entry.
        Refused: it still runs.
    """
    status = connection.execute(
        select(_log.STATUS_ID).where(_log.LOG_ID == log_id)
    ).scalar_one_or_none()
    if status is None:
        raise UnknownId(f"there is no log entry {log_id}")
    if status == RUNNING:
        raise Refused(f"log entry {log_id} still runs: cancel it, or wait until it is done")
    connection.execute(delete(data_manager_log).where(_log.LOG_ID == log_id))


def _lines(message: str | None) -> str:
    return "\n".join(clean(line) for line in (message or "").splitlines())


def _here(message: str | None) -> bool:
    return (message or "").startswith(f"{_RUNS}{socket.gethostname()} ")


def _alive(message: str) -> bool:
    """Whether the process that a RUNNING entry names may still be there."""
    if not message.startswith(_RUNS):
        return False
    if not _here(message):
        return True  # on another machine: only its age tells
    return running_process.is_there(message.partition(_AS_PROCESS)[2])
