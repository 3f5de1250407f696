"""Where a page is, in a form that can be kept, and back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from preorder_tui.errors import Refused, UnknownId
from preorder_tui.lines import LineId, parse_line
from screens import pages

if TYPE_CHECKING:
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen

NO_SUCH_PAGE = "This was typed on a page that this version does not have"


async def reach(desk: DeskApp, place: Mapping[str, Any], line: LineId | None) -> DeskScreen:
    """Open the page at a place, or bring it up where it is open; within no flow.

    Args:
        desk: the desk.
        place: what the page's ``place()`` gave.
        line: the line to put the cursor on, of an order.

    Raises:
        Refused: the order has gone, or this program has no such page.
    """
    (kind, name), *_ = [*place.items(), ("", "")]
    name = str(name)
    if kind == "order":
        try:
            await desk.open_order(name, line if line and line.order_id == name else None)
        except UnknownId as error:
            raise UnknownId(f"Order {name} is not there any more") from error
    elif kind in ("review", "remove"):
        from screens.remove_allocations import RemoveAllocations
        from screens.review_allocations import ReviewAllocations

        page = ReviewAllocations if kind == "review" else RemoveAllocations
        await desk.open_page(page(parse_line(name)))
    elif kind == "job":
        await _reach_job(desk, place)
    elif kind == "import":
        from preorder_tui.exim.configurations import configuration
        from screens.exim_import import ImportPage

        await desk.open_page(ImportPage(configuration(name, "import")))
    elif kind == "export":
        from preorder_tui.exim.configurations import configuration
        from screens.exim_export import ExportPage

        await desk.open_page(ExportPage(configuration(name, "export")))
    elif kind == "report":
        from preorder_tui.report_catalogue import report_kind
        from screens.report_page import ReportPage

        await desk.open_page(ReportPage(report_kind(name)))
    else:
        entry = pages.page_named(name) if kind == "page" else None
        if entry is None:
            raise Refused(NO_SUCH_PAGE)
        await desk.switch_to(entry)
    return desk.desk_pages()[-1]


async def _reach_job(desk: DeskApp, place: Mapping[str, Any]) -> None:
    """A job over a part of the book."""
    from screens.job_scope import from_kept

    for page in desk.desk_pages():
        if page.place() == place:
            while desk.screen is not page:
                await desk.pop_screen()
            return
    entry = pages.page_named(str(place["job"]))
    scope = place.get("scope")
    if entry is None or not isinstance(scope, dict):
        raise Refused(NO_SUCH_PAGE)
    await desk.open_page(pages.make_from(entry.factory, from_kept(scope)))
