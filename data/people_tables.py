"""Who may do what, and what is kept for a person: filters, sessions, typed input."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, Table, Text

from data.columns import ID, ID_LONG, INDICATOR, SERIAL, TEXT_MEDIUM, metadata, stamps

user_login = Table(
    "USER_LOGIN",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("ENABLED", INDICATOR, nullable=False, default="Y"),
    *stamps(),
)

security_group = Table(
    "SECURITY_GROUP",
    metadata,
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("DESCRIPTION", TEXT_MEDIUM),
)

security_group_permission = Table(
    "SECURITY_GROUP_PERMISSION",
    metadata,
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("PERMISSION_ID", ID_LONG, primary_key=True),
    sqlite_with_rowid=False,
)

user_login_security_group = Table(
    "USER_LOGIN_SECURITY_GROUP",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("GROUP_ID", ID_LONG, primary_key=True),
    Column("FROM_DATE", DateTime, nullable=False),
    sqlite_with_rowid=False,
)

# --- Kept for a person ---------------------------------------------------------------------------

saved_filter = Table(
    "SAVED_FILTER",
    metadata,
    Column("USER_LOGIN_ID", ID_LONG, primary_key=True),
    Column("PAGE", ID_LONG, primary_key=True),
    Column("FILTER_NAME", ID_LONG, primary_key=True),
    Column("FILTER", Text, nullable=False),  # JSON
)

desk_session = Table(
    "DESK_SESSION",
    metadata,
    Column("DESK_SESSION_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("USER_LOGIN_ID", ID_LONG, nullable=False),  # who really sits there
    Column("ACTING_FOR", ID_LONG, nullable=False),  # the name that the journal keeps
    Column("HOST_NAME", TEXT_MEDIUM, nullable=False),
    Column("PROCESS", ID_LONG, nullable=False),  # its number and when it started
    Column("TERMINAL", ID_LONG),
    Column("FROM_DATE", DateTime, nullable=False),
    Column("LAST_SEEN", DateTime, nullable=False),
    Column("STATUS_ID", ID, nullable=False),  # running, or how it ended
    Column("TOLD", INDICATOR, nullable=False),  # the person has been told how it ended
    Index("DESK_SESSION_USER_IX", "USER_LOGIN_ID"),
)

kept_input = Table(
    "KEPT_INPUT",
    metadata,
    Column("KEPT_INPUT_ID", SERIAL, primary_key=True, autoincrement=True),
    Column("USER_LOGIN_ID", ID_LONG, nullable=False),
    Column("DESK_SESSION_ID", SERIAL, nullable=False),
    Column("PLACE", TEXT_MEDIUM, nullable=False),  # the page, as its title line says it
    Column("TITLE", TEXT_MEDIUM, nullable=False),  # what it was about
    Column("TYPED", TEXT_MEDIUM, nullable=False),  # what was typed, in a few words
    Column("INPUT", Text, nullable=False),  # JSON
    Column("KEPT_DATETIME", DateTime, nullable=False),
    ForeignKeyConstraint(["DESK_SESSION_ID"], ["DESK_SESSION.DESK_SESSION_ID"]),
    Index("KEPT_INPUT_USER_IX", "USER_LOGIN_ID"),
    Index("KEPT_INPUT_SESSION_IX", "DESK_SESSION_ID"),
)
