"""One table of everything a key can do: bindings, footer, help and the README's key table.

``python -m screens.keys`` prints the table as Markdown.

A screen names its actions in :data:`SCREEN_ACTIONS`-style tuples (``ACTIONS = (*EVERYWHERE, …)``);
nothing else in the program spells a key. Keys are the ones every terminal can send: function keys,
control letters and plain letters. Letters work wherever no text field has the focus, because a text
field takes every printable key before bindings are asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    Attributes:
        name: how screens call it; a screen does it in a method ``do_<name>``.
        keys: its keys as Textual names them, the function key first, then its letter.
        label: what it does, for help.
        short: the same for the footer, one word if possible.
        help: one sentence.
        dangerous: it changes data that other people rely on and asks before it does.
        own: the list, the field or the desk itself handles these keys; the table only describes
            them.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    short: str
    help: str
    dangerous: bool = False
    own: bool = False


_TABLE = (
    # --- Everywhere -----------------------------------------------------------------------------
    Action("help", ("f1", "question_mark"), "Help", "Help", "Explain this page and its keys."),
    Action(
        "leave",
        ("f3", "q"),
        "Leave the desk",
        "Leave",
        "Leave the desk. Asks where ticks or typed quantities would be lost.",
    ),
    Action("look_up", ("f4", "ctrl+l"), "Look up", "Look up", "Offer the values that fit here."),
    Action("refresh", ("f5", "r"), "Refresh", "Refresh", "Read again; changed cells are marked."),
    Action("undo", ("f7", "u"), "Undo", "Undo", "Take back your last change that stands.", True),
    Action("redo", ("f8", "ctrl+r"), "Redo", "Redo", "Do again what was taken back last.", True),
    Action("menu", ("f10", "m"), "Hamburger menu", "Menu", "Open the menu of all pages."),
    Action("back", ("f12", "b"), "Back", "Back", "Go back to the page before; drafts are kept."),
    Action("close", ("escape",), "Close", "Close", "Close what is on top. Nothing typed is lost."),
    Action("command", ("colon",), "Command", "Cmd", "Type a command: an order, a page, undo 12."),
    Action(
        "leave_now",
        ("ctrl+q",),
        "Leave at once",
        "Leave",
        "Leave whatever is going on. What you typed is kept for your next start.",
        own=True,
    ),
    Action(
        "copy",
        ("ctrl+c",),
        "Copy",
        "Copy",
        "Copy what is marked in a field. On a page: say how to leave.",
        own=True,
    ),
    # --- In lists -------------------------------------------------------------------------------
    Action("move", ("up", "down"), "Move", "Move", "Move to the row above or below.", own=True),
    Action("page", ("pageup", "pagedown"), "Page", "Page", "Move by a page of rows.", own=True),
    Action(
        "ends", ("home", "end"), "First, last", "Ends", "Go to the first or last row.", own=True
    ),
    Action("open", ("enter",), "Open", "Open", "Open the row, or answer with it.", own=True),
    Action("tag", ("space",), "Tag", "Tag", "Tag the row, or take its tag off.", own=True),
    Action("tag_all", ("a",), "Tag all", "All", "Tag all rows of the list, or none.", own=True),
    Action("filter", ("slash",), "Filter", "Filter", "Type what to look for in this list."),
    Action("filters", ("f", "f2"), "Filter form", "Filters", "Choose filters from a form."),
    Action("saved", ("d",), "Saved filters", "Saved", "Use, keep or forget a saved filter."),
    Action("sort", ("s",), "Sort", "Sort", "Sort the list by the next order offered."),
    Action("group", ("g",), "Group", "Group", "Choose what the list is grouped by."),
    Action(
        "quick",
        ("1", "9"),
        "Quick filters",
        "Quick",
        "Tick a filter by its digit; 0 shows all.",
        own=True,
    ),
    Action("items", ("i",), "Items", "Items", "Show lines instead of orders, or orders again."),
    Action("export", ("o",), "Export", "Export", "Write the whole list to a CSV file."),
    # --- Reports and EXIM -----------------------------------------------------------------------
    Action("window", ("w",), "Days", "Days", "Choose the days that the report covers."),
    Action("earlier", ("left",), "Days before", "Before", "Go to the days before these."),
    Action("later", ("right",), "Days after", "After", "Go to the days after these."),
    Action("chart", ("c",), "Chart", "Chart", "Show or hide the chart."),
    Action("other_tab", ("tab", "left", "right"), "Other tab", "Tab", "Show the other tab."),
    Action("template", ("t",), "Template", "Template", "Write a sample file with the header."),
    Action("choose_file", ("f",), "Choose file", "File", "Choose the file to import."),
    Action("import_rows", ("f6", "i"), "Import", "Import", "Apply what the file says.", True),
    Action("next_view", ("tab", "right"), "Next view", "View", "Show what there is to see next."),
    Action("view_before", ("shift+tab", "left"), "View before", "Before", "The view before."),
    Action("date_format", ("d",), "Form of dates", "Dates", "Say how dates are written."),
    Action("reading", ("e",), "Delimiter, encoding", "Reading", "Say how the file is written."),
    Action("mappings", ("s",), "Mappings", "Mapping", "Use or keep a mapping under a name."),
    Action("details", ("v",), "Details", "Details", "Tell everything about the file."),
    Action("cancel_run", ("c",), "Cancel the job", "Cancel", "Stop it: nothing is changed."),
    # --- Sales orders and purchase orders -------------------------------------------------------
    Action("allocate", ("f6", "l"), "Allocate", "Alloc", "Link units to incoming ones.", True),
    Action("allocate_order", ("L",), "Allocate order", "Order", "Allocate all open lines.", True),
    Action("move_to", ("M",), "Move allocation", "Move", "Move to another purchase order.", True),
    Action("deallocate", ("f9", "x"), "Remove allocation", "Unlink", "Give units back.", True),
    Action("edit", ("e",), "Edit date", "Edit", "Change the date of this line.", True),
    Action("quantity", ("n",), "Edit quantity", "Qty", "Change the quantity of this line.", True),
    Action("sync", ("f11", "y"), "Sync date with SO", "Sync", "Carry the arrival date over.", True),
    Action("review", ("v",), "Review allocations", "Review", "See who gets this line's units."),
    Action("receive", ("R",), "Receive", "Receive", "Record units that came in.", True),
    Action("reallocate", ("E",), "Reallocate", "Realloc", "Pull orders to this earlier PO.", True),
    Action("history", ("h",), "Change history", "Hist", "Who changed what, when and why."),
    Action("order_history", ("H",), "History of the order", "Ord.hist", "The same for the order."),
    Action("jump", ("p",), "To the other side", "PO/SO", "Go to the linked order's line."),
    Action("cancel", ("C",), "Cancel", "Cancel", "Cancel this line, or the order.", True),
    Action("complete", ("D",), "Complete", "Done", "Complete it: no more supply from it.", True),
    Action("add_item", ("insert", "A"), "Add item", "Add", "Add a line to this order.", True),
    Action("timeline", ("t",), "Timeline", "Timeline", "What happened to this order, and notices."),
    Action("cancelled", ("k",), "Cancelled rows", "Cancelled", "Show or hide cancelled rows."),
    Action("why", ("W",), "Why?", "Why", "Why it is unallocated or late, and what would help."),
    Action("what_if", ("I",), "What if?", "What if", "See who turns late if it slips.", True),
    Action("pin", ("P",), "Pin or unpin", "Pin", "Keep an allocation from being moved.", True),
    Action("auto", ("w",), "Auto-allocate", "Auto", "Allocate what is found or shown here."),
    # --- Jobs -----------------------------------------------------------------------------------
    Action("run_job", ("w",), "Run the job", "Run", "Plan it, show every change, apply it.", True),
    Action("policy", ("1", "5"), "Policy", "Policy", "Choose a policy by its digit.", own=True),
    Action("compare", ("c",), "Compare policies", "Compare", "What each, or each ticked, gives."),
    Action("again", ("g",), "Match again", "Again", "Also match lines that have supply."),
    Action("guard", ("g",), "Guard", "Guard", "Only dates that get later, or earlier."),
    Action("scope", ("s",), "Scope", "Scope", "The whole book, or one product."),
    # --- Users and permissions ------------------------------------------------------------------
    Action("add_entry", ("insert", "A"), "Add", "Add", "Add a person; on its tab, a group.", True),
    Action("disable", ("x",), "Disable or enable", "Disable", "Let a person work no more.", True),
    # --- Kept drafts ----------------------------------------------------------------------------
    Action("throw_away", ("d", "delete"), "Throw away", "Discard", "Give up what was typed."),
    # --- In dialogs -----------------------------------------------------------------------------
    Action("yes", ("y", "enter"), "Yes", "Yes", "Agree."),
    Action("no", ("n", "escape"), "No", "No", "Don't."),
    Action("accept", ("enter",), "Accept", "Accept", "Take what is shown."),
    Action("option", ("o",), "Next option", "Option", "Change the option shown to its next value."),
    Action("option_2", ("p",), "Second option", "Option 2", "The same for the second option."),
    Action("change_field", ("space",), "Change", "Change", "Change the filter under the cursor."),
    Action("clear_field", ("backspace", "delete"), "Clear", "Clear", "Take this filter away."),
    Action("clear_all", ("ctrl+x",), "Clear all", "None", "Take all filters away."),
    Action("filters_done", ("f2", "ctrl+o"), "Show", "Show", "Show what fits the filters."),
    Action("forget", ("delete", "x"), "Forget", "Forget", "Forget what is under the cursor."),
    Action("save", ("ctrl+s",), "Save", "Save", "Save what was typed.", True),
    Action("override", ("o",), "Override", "Override", "Set a date that is over.", True, own=True),
    Action("next", ("tab",), "Next field", "Next", "Go to the next field.", own=True),
    Action("previous", ("shift+tab",), "Field before", "Prev", "Go to the field before.", own=True),
)
ACTIONS = {action.name: action for action in _TABLE}

EVERYWHERE = (
    "help", "leave", "menu", "refresh", "undo", "redo", "back", "close", "command",
)  # fmt: skip
"""What every page does."""

WITHOUT_WAITING = ("leave_now", "copy")
"""What the desk does even while other keys have to wait, on pages and in dialogs."""

IN_LISTS = ("move", "page", "ends", "open", "tag", "tag_all")
"""What the list widget does by itself."""

IN_DIALOGS = ("help", "close")
"""What every dialog does."""

_ALWAYS_SHOWN = ("help", "menu", "leave")

_SHOWN = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "space": "Space",
    "escape": "Esc",
    "enter": "Enter",
    "up": "Up",
    "down": "Down",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "backspace": "Backspace",
    "home": "Home",
    "end": "End",
    "left": "Left",
    "right": "Right",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "insert": "Ins",
    "delete": "Del",
}


def shown(key: str) -> str:
    """A key as people write it: ``f5`` is F5, ``ctrl+r`` is ^R, ``question_mark`` is ?."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return key


def keys_of(name: str, separator: str = "/") -> str:
    """The keys of an action as people write them; digits are the first and the last of a row."""
    keys = ACTIONS[name].keys
    return ("-" if _are_digits(keys) else separator).join(shown(key) for key in keys)


def _are_digits(keys: tuple[str, ...]) -> bool:
    return all(key.isdigit() for key in keys)


def footer(names: Iterable[str], width: int) -> str:
    """One line of keys: as many actions as fit, in the order given; help and leaving always."""
    listed = [name for name in names if name not in ("move", "page", "ends", "close")]
    texts = {name: f"{keys_of(name)} {ACTIONS[name].short}" for name in listed}
    chosen: list[str] = []
    room = width + 2
    for name in sorted(listed, key=_ALWAYS_SHOWN.__contains__, reverse=True):
        needed = len(texts[name]) + 2
        if needed <= room and len(chosen) < 8:
            chosen.append(name)
            room -= needed
    first = [name for name in ("help", "menu") if name in chosen]
    last = [name for name in ("leave",) if name in chosen]
    rest = [name for name in listed if name in chosen and name not in (*first, *last)]
    return "  ".join(texts[name] for name in (*first, *rest, *last))


def help_lines(names: Iterable[str]) -> list[tuple[str, str]]:
    """Keys and what they do, for F1."""
    return [(keys_of(name, " "), f"{ACTIONS[name].label}: {ACTIONS[name].help}") for name in names]


def markdown() -> str:
    """The key table of the README."""
    rows = ["| Keys | Action | What it does |", "|---|---|---|"]
    for action in _TABLE:
        between = " to " if _are_digits(action.keys) else ", "
        keys = between.join(f"`{shown(key)}`" for key in action.keys)
        asks = " Asks first." if action.dangerous else ""
        rows.append(f"| {keys} | {action.label} | {action.help}{asks} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown())  # the one thing this module does when it is run
