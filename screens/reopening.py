"""Opening a kept draft: to its page and row, the same way through its dialogs, and there it stands.

Nothing is applied: what was typed is put back into the dialog it was typed in, on the data of now.
A plan is made anew and shown, as always.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from preorder_tui.errors import WrongUsage
from preorder_tui.lines import LineId, parse_line
from screens import places, typed_so_far
from screens.line_list import LineList

if TYPE_CHECKING:
    from preorder_tui.kept_input import KeptDraft
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen
    from screens.dialog import Dialog

PATIENCE = 30.0
"""Seconds that a page may take to be read before what was typed is put back."""


class Reopening:
    """The way through the dialogs, as it was gone before."""

    def __init__(self, trail: list[Mapping[str, Any]], *, other_row: bool) -> None:
        """Go a way again.

        Args:
            trail: the dialogs, each with what was typed in it.
            other_row: whether the cursor stands elsewhere than it did: then a dialog that is about
                another line is closed again.
        """
        self._left = deque(trail)
        self._other_row = other_row
        self.over = asyncio.Event()
        self.arrived = False
        """Whether the dialog was reached where it was left."""
        self.at_plan = False
        """Whether that is a plan, made anew."""

    async def meet(self, dialog: Dialog[Any]) -> None:
        """A dialog has come up: put back what was typed in it, and go on if more followed."""
        if self.over.is_set():
            return
        if not self._left or self._left[0].get("dialog") != type(dialog).__name__:
            self.over.set()  # things stand otherwise now: the person sees how
            return
        step = self._left.popleft()
        if self._other_row and not self.arrived and step.get("title") != dialog.box_title:
            dialog.answer(None)
            self.over.set()
            return
        kept = step.get("input")
        for line_list in dialog.query(LineList):
            while line_list.reading:  # what is ticked at first comes before what was ticked then
                await asyncio.sleep(0.01)
        await dialog.put_back(kept if isinstance(kept, dict) else {})
        self.arrived = self.arrived or bool(kept)
        self.at_plan = dialog.SHOWS_PLAN
        within = step.get("within")
        if isinstance(within, dict):  # a look-up of the dialog was open
            self._left = deque(within.get("trail") or ())
            dialog.action_do(str(within.get("action")))
            if dialog.flow_within is None:
                self.over.set()
            return
        if not self._left or not dialog.go_on():
            self.over.set()


async def open_draft(desk: DeskApp, kept: KeptDraft) -> None:
    """Go where it was typed and put it back; run as a worker, outside of any flow."""
    hold = desk.gate.hold()
    hold.take()
    try:
        page, sentence = await _put_back(desk, kept)
        if page is not None and desk.keeper is not None:
            desk.keeper.take_over(page, kept.number)
        said = "" if desk.screen is page else getattr(desk.screen, "last_sentence", "")
        if sentence and not said:  # a dialog may have something of its own to say
            desk.say(sentence)
    except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
        await desk.show_error(error)
    finally:
        desk.reopening = None
        hold.let_go()


async def _put_back(desk: DeskApp, kept: KeptDraft) -> tuple[DeskScreen | None, str]:
    """The page on which something was put back, and what to say."""
    found = kept.draft.input
    row, action = str(found.get("row") or ""), str(found.get("action") or "")
    line = _line(row)
    page = await places.reach(desk, _part(found, "place"), line)
    await _read(desk)
    if desk.screen is not page:
        return None, ""  # it could not be read, and that is said
    before = _part(found, "page")
    if before:
        await page.put_back(before)
        await _read(desk)
    if not action:
        gone = f"{typed_so_far.not_there(page.missing_ticks)} " if page.missing_ticks else ""
        return page, f"{gone}It stands here as you left it; nothing of it is applied yet."
    there = not row or _go_to(page, row)
    if not there and line is not None and action in _actions_of_orders(page):
        page = await _page_of_line(desk, line)
        there = _go_to(page, row)
    trail = found.get("trail")
    steps = trail if isinstance(trail, list) else []
    desk.reopening = reopening = Reopening(steps, other_row=not there)
    page.action_do(action)
    if desk.flow_of_page is None:
        return None, ""  # refused, and that is said
    await reopening.over.wait()
    if not reopening.arrived:
        return None, "" if there else f"{row} is not there any more: the draft stays as it is."
    if reopening.at_plan:
        return page, "The plan is made anew, on what the orders are now; it is not applied yet."
    return page, "As you left it; nothing of it is applied yet."


def _actions_of_orders(page: DeskScreen) -> frozenset[str]:
    """What can be done with a line on its order's own page; nothing where the page is that one."""
    from screens.purchase_order_detail import PurchaseOrderDetail
    from screens.view_sales_order import ViewSalesOrder

    if isinstance(page, ViewSalesOrder | PurchaseOrderDetail):
        return frozenset()
    return frozenset((*ViewSalesOrder.ACTIONS, *PurchaseOrderDetail.ACTIONS))


async def _page_of_line(desk: DeskApp, line: LineId) -> DeskScreen:
    """The order's own page, where the list does not have the line any more."""
    await desk.open_order(line.order_id, line)
    await _read(desk)
    return desk.desk_pages()[-1]


def _go_to(page: DeskScreen, row: str) -> bool:
    if page.current_row() == row:
        return True
    lists = [one for one in page.query(LineList) if one.display]
    return any(typed_so_far.go_to(one, row) for one in lists)


async def _read(desk: DeskApp) -> None:
    """Wait until the page has what it shows: until nobody but us holds the keys."""
    give_up = asyncio.get_running_loop().time() + PATIENCE
    while desk.gate.holds > 1 and asyncio.get_running_loop().time() < give_up:
        await asyncio.sleep(0.01)


def _line(row: str) -> LineId | None:
    try:
        return parse_line(row) if "/" in row else None
    except WrongUsage:
        return None


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}
