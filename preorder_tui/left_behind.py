"""What an earlier session left behind when it was killed: imports that never came to their end.

Changes themselves leave nothing: they are committed whole or not at all.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from data.tables import data_manager_log
from preorder_tui.clock import Clock
from preorder_tui.exim import log
from preorder_tui.text import clean, clean_or_empty

_log = data_manager_log.c


def anything(connection: Connection, clock: Clock) -> bool:
    """Whether an import says that it runs: it does, or its process has gone."""
    del clock
    return log.running(connection)


def close(connection: Connection, clock: Clock) -> str:
    """Mark imports whose process has gone; what became of them, as a sentence, or nothing."""
    said_to_run = connection.execute(
        select(_log.LOG_ID, _log.CREATED_BY_USER_LOGIN, _log.UPLOAD_FILE_NAME)
        .where(_log.STATUS_ID == log.RUNNING)
        .order_by(_log.LOG_ID)
    ).all()
    if not log.reconcile(connection, clock):
        return ""
    crashed = set(
        connection.execute(
            select(_log.LOG_ID).where(
                _log.LOG_ID.in_([row[0] for row in said_to_run]), _log.STATUS_ID == log.CRASHED
            )
        ).scalars()
    )
    gone = [row for row in said_to_run if row[0] in crashed]
    if not gone:
        return ""
    log_id, user, file_name = gone[0]
    more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
    return (
        f"The import of {clean_or_empty(file_name) or 'a file'} by {clean(user)}{more} was cut "
        f"off: nothing of it was changed (log entry {log_id})."
    )
