"""A site of demo data: an empty database is made ready and filled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data import schema, transaction
from data.schema import SchemaState
from data.tables import (
    facility,
    order_header,
    party,
    product,
    product_store,
    sequence_value_item,
    system_property,
)
from preorder_tui import people
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, Unreachable
from preorder_tui.new_database import made_aside, place_for
from preorder_tui.opening import FACILITIES, STORE, not_ready, opened
from preorder_tui.opening import seed as seed_site

Progress = Callable[[int, int], None]

DEMO_PEOPLE = (
    ("ana", ("Allocators", "Buyers")),
    ("bogdan", ("Buyers",)),
    ("chen", ("Allocators",)),
)
"""Those whose work the demo's history tells, beside its administrator."""


def make_demo_site(
    url: str,
    *,
    orders: int,
    seed: int,
    administrator: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Create the schema at ``url`` where it is missing and fill it with demo data.

    With an ``administrator``, a desk that has no people gets them; without, it is open to everyone.

    A SQLite file that is not there yet is filled under another name, and gets its own when it is
    whole; every other site is filled in one transaction.

    Raises:
        Refused: the site is in use already, or the process that makes the rows was ended.
        Unreachable: it cannot be reached, or holds the tables of another program.
        WrongUsage: PREORDER_TUI_TODAY holds no date.
    """
    path = place_for(url)
    if path is None:
        _make(url, orders, seed, administrator, progress, new_file=False)
        return
    with made_aside(path) as part:
        _make(part, orders, seed, administrator, progress, new_file=True)


def _make(
    url: str,
    orders: int,
    seed: int,
    administrator: str | None,
    progress: Progress | None,
    *,
    new_file: bool,
) -> None:
    from data.demo import StoryLost, generate

    today = Clock.from_environment().today()
    with opened(url, create=True) as engine:
        state = schema.state(engine)
        if state in (SchemaState.FOREIGN, SchemaState.NEWER):
            raise Unreachable(not_ready(url, state))
        if state is not SchemaState.READY:
            schema.upgrade(engine)
        transaction.write(engine, _clear_unused)
        try:
            generate(
                engine,
                orders=orders,
                seed=seed,
                today=today,
                progress=progress,
                new_file=new_file,
            )
        except StoryLost as error:
            raise Refused(f"{error}: nothing was kept, try again") from error
        transaction.write(engine, lambda connection: seed_site(connection, "UTC"))
        if administrator is not None:
            now = Clock.from_environment().now()
            transaction.write(engine, lambda connection: _people(connection, now, administrator))
        engine.dispose()


def _people(connection: Connection, now: datetime, administrator: str) -> None:
    if people.found(connection, now, administrator):
        for login, groups in DEMO_PEOPLE:
            if login != administrator:
                people.add_person(login, groups)(connection, now)


def _clear_unused(connection: Connection) -> None:
    """Remove what ``init`` put into an empty site: the demo brings its own.

    Raises:
        Refused: somebody has put something in since.
    """
    places = set(connection.execute(select(facility.c.FACILITY_ID)).scalars())
    stores = set(connection.execute(select(product_store.c.PRODUCT_STORE_ID)).scalars())
    used = (
        places - {row[0] for row in FACILITIES}
        or stores - {STORE}
        or any(
            connection.execute(select(column).limit(1)).first() is not None
            for column in (order_header.c.ORDER_ID, product.c.PRODUCT_ID, party.c.PARTY_ID)
        )
    )
    if used:
        raise Refused(
            "there is data in this database already: demo data goes into an empty one, "
            "name another with --database"
        )
    for table in (facility, product_store, sequence_value_item, system_property):
        connection.execute(delete(table))
