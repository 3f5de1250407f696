"""The table of pages: where each stands in the Hamburger Menu, and how it is made.

A new page is one line here. The factory is imported when the page is first opened, so that the
desk's first frame does not wait for pages nobody has asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page of the menu.

    Attributes:
        section: the heading it stands under.
        title: its name in the menu.
        factory: "module:Class" of the screen, made without arguments.
        names: what the command line calls it, the first for help.
        coming: what to say when the module is not part of this build.
    """

    section: str
    title: str
    factory: str
    names: tuple[str, ...]
    coming: str = "This page comes in a later version."


PAGES = (
    PageEntry(
        "Order Management", "Sales Orders",
        "screens.find_sales_orders:FindSalesOrders", ("sales", "so"),
    ),
    PageEntry(
        "Procurement", "Purchase Orders",
        "screens.find_purchase_orders:FindPurchaseOrders", ("purchase", "po"),
    ),
    PageEntry(
        "MDM", "EXIM", "screens.exim:Exim", ("exim", "import", "export"),
    ),
    PageEntry("Reports", "Reports", "screens.reports:Reports", ("reports", "report")),
    PageEntry(
        "Jobs", "Auto-allocate", "screens.auto_allocate:AutoAllocate", ("auto", "jobs"),
    ),
    PageEntry(
        "Jobs", "Early-PO reallocation",
        "screens.reallocate_all:ReallocateAll", ("reallocation", "reallocate"),
    ),
    PageEntry("Jobs", "Sync all dates", "screens.sync_all:SyncAll", ("sync",)),
    PageEntry(
        "Workflow", "Change sets", "screens.change_sets:ChangeSets", ("changes", "workflow"),
        "The list of change sets to undo comes in a later version; F7 takes back the last one.",
    ),
    PageEntry(
        "Workflow", "Kept drafts", "screens.kept_drafts:KeptDrafts", ("drafts", "kept"),
    ),
    PageEntry(
        "Settings", "Users and permissions",
        "screens.people:UsersAndPermissions", ("people", "users", "permissions", "groups"),
    ),
)  # fmt: skip

LANDING = PAGES[0]
"""What the desk opens with."""

SALES_ORDER = "screens.view_sales_order:ViewSalesOrder"
PURCHASE_ORDER = "screens.purchase_order_detail:PurchaseOrderDetail"


def page_named(name: str) -> PageEntry | None:
    """The page that the command line calls ``name``, by its names or its title."""
    wanted = name.strip().lower()
    for entry in PAGES:
        if wanted in entry.names or wanted == entry.title.lower():
            return entry
    return None


def make(entry: PageEntry) -> DeskScreen:
    """The page's screen; a page that says what is coming where this build has none."""
    try:
        page = make_from(entry.factory)
        page.entry = entry
        return page
    except ModuleNotFoundError as error:
        if error.name != entry.factory.partition(":")[0]:
            raise
    from screens.coming_page import ComingPage

    return ComingPage(entry)


def make_from(factory: str, *arguments: object) -> DeskScreen:
    """Make the screen that ``factory`` names, with arguments."""
    module, _, name = factory.partition(":")
    screen: DeskScreen = getattr(import_module(module), name)(*arguments)
    return screen
