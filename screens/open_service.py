"""Opening the database for the desk, in a thread: SQLAlchemy is imported here and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.actor import Actor

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions
    from preorder_tui.service import Service


def open_service(options: DeskOptions) -> Service:
    """The service on the database of these options.

    Raises:
        Unreachable: it cannot be opened.
    """
    from preorder_tui.service import Service

    return Service.open(options.database_url, Actor(options.user, "desk"))
