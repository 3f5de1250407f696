"""Opening the database for the desk, in a thread: SQLAlchemy is imported here and not before.

What the desk shows first is read without it, where it can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.imported_later import import_later

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions
    from preorder_tui.records import Page, SalesOrderRow
    from preorder_tui.service import Service


def read_first_page(options: DeskOptions, size: int) -> Page[SalesOrderRow] | None:
    """The newest sales orders, where they can be read at once; else opening says what is wrong."""
    from preorder_tui.first_page import first_page

    return first_page(options.database_url, _actor(options), size)


def _actor(options: DeskOptions) -> Actor:
    return Actor(options.user, "desk", settings.login_name())


def open_service(options: DeskOptions) -> Service:
    """The service on the database of these options.

    Raises:
        Unreachable: it cannot be opened.
        NotPermitted: this person may not look at it.
    """
    # SQLAlchemy looks for dialects from elsewhere in it, which costs 15 ms where there are none.
    import_later("importlib.metadata")
    from preorder_tui import desk_log
    from preorder_tui.permissions import Permission
    from preorder_tui.service import Service

    actor = _actor(options)
    with desk_log.noting(actor, "open"):
        service = Service.open(options.database_url, actor)
        try:
            service.require(Permission.VIEW)
        except BaseException:
            service.close()
            raise
        return service
