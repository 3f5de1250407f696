"""Opening a database and making one ready: every way it can fail is a sentence, none a traceback.

A password in a URL never gets into a message.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from data import engine as databases
from data import schema, transaction
from data.schema import SchemaState
from data.tables import (
    facility,
    product_store,
    sequence_value_item,
    system_property,
    user_login,
)
from preorder_tui.clock import Clock, zone_named
from preorder_tui.errors import Unreachable, WrongUsage
from preorder_tui.text import clean

PROPERTY_RESOURCE = "preorder-tui"
TIME_ZONE_PROPERTY = "time.zone"
SQLITE_SIGNATURE = b"SQLite format 3\x00"

STORE = "STORE"
FACILITIES = (
    ("WAREHOUSE", "WAREHOUSE", "Warehouse"),
    ("_NA_", "NA", "Brokering Queue"),
    ("PRE_ORDER_PARKING", "PRE_ORDER", "Pre-order Parking"),
    ("BACKORDER_PARKING", "BACKORDER", "Backorder Parking"),
    ("UNFILLABLE_PARKING", "NA", "Unfillable Parking"),
    ("UNF_HOLD_PARKING", "NA", "Unfillable Hold Parking"),
    ("REJECTED_ITM_PARKING", "NA", "Rejected Item Parking"),
    ("PICKUP_REJECTED", "NA", "Rejected Pickup Parking"),
    ("GENERAL_OPS_PARKING", "GENERAL_OPERATIONS", "General Operations Parking"),
    ("RELEASED_ORD_PARKING", "RELEASED_ORD", "Released Order Parking"),
)
SEQUENCES = ("OrderHeader", "Product", "Party", "ProductFeature")
FIRST_NUMBER = 10_000

TIME_ZONE_WRITTEN = select(system_property.c.SYSTEM_PROPERTY_VALUE).where(
    system_property.c.SYSTEM_RESOURCE_ID == PROPERTY_RESOURCE,
    system_property.c.SYSTEM_PROPERTY_ID == TIME_ZONE_PROPERTY,
)

# What SQLite says (the beginning of it), and what a person can do about it.
_SQLITE_SENTENCES = (
    (
        "unable to open database file",
        "cannot be opened: see that the file and its folder may be read and written by you",
    ),
    ("file is not a database", "is not a SQLite database: name another file with --database"),
    ("file is encrypted", "is not a SQLite database: name another file with --database"),
    ("database disk image is malformed", "is damaged: bring back a copy of it"),
    ("malformed database schema", "is damaged: bring back a copy of it"),
    ("attempt to write a readonly", "may only be read by you: see the rights of the file"),
    ("database is locked", "is held by somebody else for more than ten seconds: try again"),
    ("database or disk is full", "has no room left on its disk: make some, then try again"),
    ("disk I/O error", "cannot be read or written: the disk reports an error"),
)


def open_database(url: str) -> tuple[Engine, Clock]:
    """Open the database at ``url``, checking that its schema is this version's.

    Raises:
        Unreachable: it cannot be reached, is empty, foreign, older or newer; says what to do.
        WrongUsage: PREORDER_TUI_TODAY holds no date.
    """
    with opened(url) as engine:
        state = schema.state(engine)
        if state is not SchemaState.READY:
            raise Unreachable(not_ready(url, state))
        zone = transaction.read(engine, _time_zone)
        try:
            site = zone_named(zone)
        except WrongUsage as error:
            raise Unreachable(
                f"{name_of(url)} has {zone!r} as its time zone, which is none: correct "
                f"{TIME_ZONE_PROPERTY} in SYSTEM_PROPERTY"
            ) from error
        return engine, Clock.from_environment(site)


def initialise(url: str, *, time_zone: str = "UTC") -> str:
    """Create the schema or bring it to this version, and add what an empty site needs.

    A site that has a store, facilities, a time zone or sequences keeps them. Returns a sentence
    that says what was done.

    Raises:
        Unreachable: it cannot be reached, holds somebody else's tables or a later version's.
        WrongUsage: there is no such time zone.
    """
    zone_named(time_zone)
    with opened(url, create=True) as engine:
        state = schema.state(engine)
        if state in (SchemaState.FOREIGN, SchemaState.NEWER):
            raise Unreachable(not_ready(url, state))
        if state is not SchemaState.READY:
            schema.upgrade(engine)
        guarded = schema.restore_guards(engine)
        added = transaction.write(engine, lambda connection: seed(connection, time_zone)) or guarded
        kept = transaction.read(engine, _time_zone)
        _forget_old_drafts(engine)
        engine.dispose()
    name = name_of(url)
    if state is SchemaState.EMPTY:
        return f"{name} is ready (time zone {kept})"
    if state is SchemaState.OLDER:
        return f"{name} is upgraded to this version (time zone {kept})"
    if added:
        return f"{name} was of this version already; what was missing has been added"
    return f"{name} was ready already (time zone {kept}); nothing has changed"


def _forget_old_drafts(engine: Engine) -> None:
    from preorder_tui import kept_input

    clock = Clock.from_environment()
    transaction.write(engine, lambda connection: kept_input.forget_old(connection, clock))


def appoint(url: str, login: str) -> bool:
    """Make ``login`` the administrator of a database that has no people yet; whether it was done.

    Raises:
        Unreachable: it cannot be reached.
        WrongUsage: the login is blank or too long.
    """
    from preorder_tui import people

    now = Clock.from_environment().now()
    with opened(url) as engine:
        done = transaction.write(engine, lambda connection: people.found(connection, now, login))
        engine.dispose()
    return done


def has_people(url: str) -> bool:
    """Whether anybody is named in the database; one that is not ready yet has nobody."""
    path = databases.sqlite_path(url)
    if path is not None and not path.exists():
        return False
    with opened(url) as engine:
        ready = schema.state(engine) is SchemaState.READY
        somebody = select(user_login.c.USER_LOGIN_ID).limit(1)
        found = ready and transaction.read(
            engine, lambda connection: connection.execute(somebody).first() is not None
        )
        engine.dispose()
    return found


def inspect_database(url: str) -> SchemaState:
    """What is behind ``url``; a SQLite file that is not there counts as empty and is not created.

    Raises:
        Unreachable: it cannot be reached, or the file is no database.
    """
    path = databases.sqlite_path(url)
    if path is not None and not path.exists():
        return SchemaState.EMPTY
    with opened(url) as engine:
        state = schema.state(engine)
        engine.dispose()
        return state


def sentence_for(url: str | URL, error: BaseException) -> str:
    """A sentence for a failure of the database at ``url``: what, where and what to do."""
    name = name_of(url)
    if isinstance(error, transaction.CommitUnknown | transaction.StillLocked):
        return f"{name}: {error}"
    message = clean(_without_password(url, _message(error)))
    for beginning, sentence in _SQLITE_SENTENCES:
        if message.startswith(beginning):
            return f"{name} {sentence}"
    return f"{name} does not answer as it should: {message.rstrip('.')}"


def _message(error: BaseException) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    arguments: tuple[object, ...] = getattr(original, "args", ())
    if len(arguments) == 2 and isinstance(arguments[0], int):  # PyMySQL: number, message
        return str(arguments[1])
    lines = str(original).strip().splitlines()
    return lines[0] if lines else type(original).__name__


@contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Engine]:
    """An engine for ``url``; let go of when the block fails, and the failure made a sentence."""
    try:
        _look_at_file(url, create=create)
        engine = databases.open_engine(url)
    except databases.MissingDriver as error:
        raise Unreachable(
            f"the driver for {name_of(url)} is not installed: install preorder-tui[{error}]"
        ) from error
    except (ValueError, SQLAlchemyError) as error:  # UnknownDatabase is a ValueError
        raise Unreachable(
            f"{name_of(url)} is not a database this desk can use: write sqlite:///file.db, "
            "postgresql://… or mariadb://…"
        ) from error
    succeeded = False
    try:
        yield engine
        succeeded = True
    except (SQLAlchemyError, transaction.DatabaseUnreachable) as error:
        raise Unreachable(sentence_for(url, error)) from error
    finally:
        if not succeeded:
            engine.dispose()


def _look_at_file(url: str, *, create: bool) -> None:
    """Refuse, before it is touched, a SQLite file that is not there or is something else."""
    path = databases.sqlite_path(url)
    name = name_of(url)
    if path is None:
        if make_url(url).get_backend_name() == "sqlite":
            raise Unreachable("a database in memory ends with the command: name a file")
        return
    try:
        if path.is_dir():
            raise Unreachable(f"{name} is a folder: name a file in it")
        if not path.exists():
            if not create:
                raise Unreachable(
                    f"there is no database at {name}: run preorder-tui init, "
                    "or name another with --database"
                )
            if not path.parent.is_dir():
                raise Unreachable(f"{name} cannot be made: its folder does not exist")
            _make_file(path)
            return
        with path.open("rb") as file:
            signature = file.read(len(SQLITE_SIGNATURE))
    except OSError as error:
        raise Unreachable(
            f"{name} cannot be opened: {(error.strerror or 'the system refuses').lower()}"
        ) from error
    if signature and signature != SQLITE_SIGNATURE:
        raise Unreachable(f"{name} is not a SQLite database: name another file with --database")
    if not os.access(path.absolute().parent, os.W_OK):
        raise Unreachable(f"{name} may not be written by you: see the rights of file and folder")
    # A file that may only be read can be looked at: a change is refused by the database itself.
    if create and not os.access(path, os.W_OK):
        raise Unreachable(f"{name} may not be written by you: see the rights of the file")


def _make_file(path: Path) -> None:
    """An empty file for SQLite, which would leave a group out that shares the folder.

    SQLite gives what it keeps beside the database the rights of this file.
    """
    shared = stat.S_ISGID | stat.S_IWGRP
    made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        if path.parent.stat().st_mode & shared == shared:
            os.fchmod(made, 0o660)
    finally:
        os.close(made)


def not_ready(url: str, state: SchemaState) -> str:
    """A sentence for a database that cannot be worked on as it is."""
    name = name_of(url)
    if state is SchemaState.EMPTY:
        return f"{name} is empty: run preorder-tui init"
    if state is SchemaState.OLDER:
        return f"{name} is of an older version: run preorder-tui init to upgrade"
    if state is SchemaState.NEWER:
        return f"{name} was made by a newer preorder-tui: install that version"
    return f"{name} holds the tables of another program: name another database with --database"


def name_of(url: str | URL) -> str:
    """How people call the database: the file, or the URL without password and options."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return clean(_masked(str(url)))
    if parsed.get_backend_name() == "sqlite":
        return clean(str(Path(parsed.database))) if parsed.database else "a database in memory"
    driver = parsed.drivername.split("+")[0]
    if not parsed.host and (hosts := parsed.query.get("host")):
        named = hosts if isinstance(hosts, str) else ",".join(hosts)
        user = f"{parsed.username}@" if parsed.username else ""
        return clean(f"{driver}://{user}{named}/{parsed.database or ''}")
    shown = URL.create(
        driver,
        username=parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
    )
    return clean(shown.render_as_string())


def _masked(text: str) -> str:
    """An unreadable URL without whatever stands before an @ and after a =."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, separator, rest = text.partition(":")
    if "@" in rest:
        rest = f"***@{rest.rpartition('@')[2]}"
    return re.sub(r"=[^&\s]*", "=***", f"{scheme}{separator}{rest}") or "the empty text"


def _without_password(url: str | URL, message: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return message.replace(str(url), _masked(str(url)))
    in_query = [parsed.query.get(name) for name in ("password", "passwd", "sslpassword")]
    secrets = [parsed.password, *in_query]
    for secret in secrets:
        if isinstance(secret, str) and len(secret) > 2:
            message = message.replace(secret, "***")
    return message


def _time_zone(connection: Connection) -> str:
    return connection.execute(TIME_ZONE_WRITTEN).scalar_one_or_none() or "UTC"


def seed(connection: Connection, time_zone: str) -> bool:
    """Add what is missing of an empty site; true when something was."""
    added = False
    if connection.execute(select(product_store.c.PRODUCT_STORE_ID).limit(1)).first() is None:
        connection.execute(insert(product_store).values(PRODUCT_STORE_ID=STORE, STORE_NAME="Store"))
        added = True
    present = set(connection.execute(select(facility.c.FACILITY_ID)).scalars())
    # A site that has places of its own needs the parkings, not an invented warehouse.
    wanted = [row for row in FACILITIES if not present or row[0] != "WAREHOUSE"]
    places = [
        {"FACILITY_ID": facility_id, "FACILITY_TYPE_ID": kind, "FACILITY_NAME": name}
        for facility_id, kind, name in wanted
        if facility_id not in present
    ]
    if places:
        connection.execute(insert(facility), places)
        added = True
    sequences = set(connection.execute(select(sequence_value_item.c.SEQ_NAME)).scalars())
    numbers = [
        {"SEQ_NAME": name, "SEQ_ID": FIRST_NUMBER} for name in SEQUENCES if name not in sequences
    ]
    if numbers:
        connection.execute(insert(sequence_value_item), numbers)
        added = True
    known = connection.execute(
        select(system_property.c.SYSTEM_PROPERTY_ID).where(
            system_property.c.SYSTEM_RESOURCE_ID == PROPERTY_RESOURCE,
            system_property.c.SYSTEM_PROPERTY_ID == TIME_ZONE_PROPERTY,
        )
    ).first()
    if known is None:
        connection.execute(
            insert(system_property).values(
                SYSTEM_RESOURCE_ID=PROPERTY_RESOURCE,
                SYSTEM_PROPERTY_ID=TIME_ZONE_PROPERTY,
                SYSTEM_PROPERTY_VALUE=time_zone,
            )
        )
        added = True
    return added
