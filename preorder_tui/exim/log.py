"""DATA_MANAGER_LOG: one entry per import, from its start to what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from data.tables import data_manager_log

RUNNING = "SERVICE_RUNNING"
FINISHED = "SERVICE_FINISHED"
FAILED = "SERVICE_FAILED"

LONGEST_NAME = 255


def start(connection: Connection, config_id: str, user: str, file_name: str, now: datetime) -> int:
    """Note that an import runs; returns the log id."""
    result = connection.execute(
        insert(data_manager_log).values(
            CONFIG_ID=config_id,
            CREATED_BY_USER_LOGIN=user,
            CREATED_DATE=now,
            UPLOAD_FILE_NAME=file_name[-LONGEST_NAME:],
            STATUS_ID=RUNNING,
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
    """Note that an import finished; rows that were handed back do not make it a failure."""
    connection.execute(
        update(data_manager_log)
        .where(data_manager_log.c.LOG_ID == log_id)
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


def fail(connection: Connection, log_id: int, now: datetime, message: str) -> None:
    """Note that an import failed as a whole: nothing was applied."""
    connection.execute(
        update(data_manager_log)
        .where(data_manager_log.c.LOG_ID == log_id)
        .values(FINISH_DATE_TIME=now, STATUS_ID=FAILED, MESSAGE=message)
    )
