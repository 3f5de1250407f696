"""Users and permissions: who there is, in which groups, and what each group may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, NamedTuple

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.errors import NotPermitted
from preorder_tui.people_records import Group, PeopleOutcome, Person
from preorder_tui.permissions import Grants, Permission, in_words
from screens import keys
from screens import people_dialogs as dialogs
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.record_page import RecordPage

PEOPLE, GROUPS = "people", "groups"
TABS = {PEOPLE: "People", GROUPS: "Groups"}

PERSON_COLUMNS: tuple[Column[Person], ...] = (
    Column("Login", lambda row: row.login, 12, priority=90, at_most=30),
    Column("State", lambda row: "enabled" if row.enabled else "disabled", 8, priority=80),
    Column("Groups", lambda row: ", ".join(row.groups) or "-", 22, priority=70, at_most=40),
    Column("May", lambda row: in_words(row.permissions), 20, priority=60, at_most=80),
)
GROUP_COLUMNS: tuple[Column[Group], ...] = (
    Column("Group", lambda row: row.name, 14, priority=90, at_most=30),
    Column("May", lambda row: in_words(row.permissions), 36, priority=80, at_most=70),
    Column("People", lambda row: ", ".join(row.people) or "-", 12, priority=70, at_most=40),
    Column("What it is for", lambda row: row.description, 16, priority=40, at_most=60),
)


class WhoMayWhat(NamedTuple):
    """What the page shows."""

    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    own: Grants


def about_person(row: Person) -> str:
    """One of the people in full."""
    state = "" if row.enabled else ", disabled"
    groups = ", ".join(row.groups) or "in no group"
    return f"{row.login}{state}: {groups}\nMay {in_words(row.permissions)}"


def about_group(row: Group) -> str:
    """One group in full."""
    return (
        f"{row.name}: {', '.join(row.people) or 'nobody'}"
        f"{'. ' * bool(row.description)}{row.description}\nMay {in_words(row.permissions)}"
    )


class UsersAndPermissions(RecordPage[WhoMayWhat]):
    """Two tabs: people with their groups, groups with their permissions."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", "add_entry", "disable", "other_tab", "refresh")
    HELP = """Who may do what. Permissions are given to groups, and people are put into groups.
    Left, Right or Tab changes between people and groups.
    On a person, Enter chooses the groups, x disables the login or enables it again; A adds a
    person by the login they have on the operating system.
    On a group, Enter chooses the permissions; A makes a group.
    What is changed here counts at once for whatever people do, also at a desk that is open; who
    was disabled sees nothing more after half a minute. Everybody may look at this page; changing
    it needs the permission ADMINISTER. The last administrator can
    neither be disabled nor leave. Every change stands in Change sets, with who made it and when."""

    def __init__(self) -> None:
        super().__init__()
        self.tab = PEOPLE

    def path(self) -> tuple[str, ...]:
        """Which tab."""
        return ("Settings", "Users and permissions", TABS[self.tab])

    def needed(self, name: str) -> Iterable[Permission]:
        """Changing anything here is an administrator's."""
        return (Permission.ADMINISTER,) if name in ("add_entry", "disable") else ()

    # --- Look -------------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """Who one is oneself, the tabs, the list of the tab, the row under the cursor in full."""
        yield Static("", classes="facts")
        yield Static("", classes="tab-line")
        yield LineList(
            PERSON_COLUMNS, lambda row: row.login, rows=(), taggable=False, empty="", id=PEOPLE
        )
        groups: LineList[Group] = LineList(
            GROUP_COLUMNS, lambda row: row.name, rows=(), taggable=False,
            empty="There are no groups yet.", id=GROUPS,
        )  # fmt: skip
        groups.display = False
        yield groups
        yield Static("", classes="about-row")

    def read(self) -> WhoMayWhat:
        """All of it: a site has tens of people, not thousands."""
        return WhoMayWhat(self.service.people(), self.service.groups(), self.service.whoami())

    def show(self, record: WhoMayWhat) -> None:
        """Fill both lists."""
        own = record.own
        acting = f", acting for {own.acting_for}" if own.acting_for != own.login else ""
        may = "everybody may do everything" if own.open else f"may {in_words(own.permissions)}"
        self.query_one(".facts", Static).update(plain(f"You are {own.login}{acting}: {may}"))
        self.list_of(PEOPLE).empty = (
            "No people are defined yet: everybody may do everything. A makes you the administrator."
            if own.open
            else ""
        )
        self.list_of(PEOPLE).show_rows(record.people)
        self.list_of(GROUPS).show_rows(record.groups)
        self._show_tab()

    def list_of(self, tab: str) -> LineList[Person | Group]:
        """The list of a tab."""
        return self.query_one(f"#{tab}", LineList)

    def _show_tab(self) -> None:
        record = self.record
        counts = {PEOPLE: len(record.people), GROUPS: len(record.groups)} if record else {}
        words = []
        for tab, title in TABS.items():
            text = f"{title} {counts[tab]:,}" if tab in counts else title
            words.append(f"[{text}]" if tab == self.tab else f" {text} ")
        words.append(f"  {keys.keys_of('other_tab')}: the other")
        self.query_one(".tab-line", Static).update(plain(" ".join(words)))
        self._show_about()

    def _show_about(self) -> None:
        row = self.list_of(self.tab).current
        text = ""
        if row is not None:
            text = about_person(row) if isinstance(row, Person) else about_group(row)
        self.query_one(".about-row", Static).update(plain(text))

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        self._show_about()

    # --- What the keys do -------------------------------------------------------------------------

    def do_other_tab(self) -> None:
        """Left, Right, Tab."""
        self.tab = GROUPS if self.tab == PEOPLE else PEOPLE
        for tab in TABS:
            self.list_of(tab).display = tab == self.tab
        self.set_focus(self.list_of(self.tab))
        self._show_tab()
        self.redraw_title()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the groups of a person, the permissions of a group."""
        event.stop()
        refusal = self.service.refusal(Permission.ADMINISTER)
        if refusal is not None:
            self.desk.start_flow(self.desk.show_error(NotPermitted(refusal)))
        else:
            self.desk.start_flow(self._open(event.row))

    async def _open(self, row: Person | Group) -> None:
        record = self.record
        assert record is not None  # a row of it is under the cursor
        if isinstance(row, Person):
            chosen = await self.ask(dialogs.pick_groups(row.login, record.groups, row.groups))
            if chosen is not None:
                wanted = [group.name for group in chosen.rows]
                join = [name for name in wanted if name not in row.groups]
                leave = [name for name in row.groups if name not in wanted]
                await self._done(partial(self.service.regroup, row.login, join=join, leave=leave))
                return
        else:
            picked = await self.ask(dialogs.pick_permissions(row.name, row.permissions))
            if picked is not None:
                ticked = frozenset(picked.rows)
                allow, deny = ticked - row.permissions, row.permissions - ticked
                await self._done(partial(self.service.permit, row.name, allow=allow, deny=deny))
                return
        self.say("Nothing was changed.")

    async def do_add_entry(self) -> None:
        """A: a person, a group, or oneself where there is nobody yet."""
        record = self.record
        if record is None:
            return
        if record.own.open:
            if await self.ask(dialogs.become_administrator(record.own.login)):
                await self._done(self.service.found_people)
            return
        if self.tab == PEOPLE:
            login = await self.ask(dialogs.ask_login(record.people))
            if login is not None:
                chosen = await self.ask(dialogs.pick_groups(login, record.groups))
                if chosen is not None:
                    names = [group.name for group in chosen.rows]
                    await self._done(partial(self.service.add_person, login, names))
                    self.list_of(PEOPLE).go_to(login)
                    return
        else:
            name = await self.ask(dialogs.ask_group(record.groups))
            if name is not None:
                picked = await self.ask(dialogs.pick_permissions(name))
                if picked is not None:
                    await self._done(partial(self.service.add_group, name, picked.rows))
                    self.list_of(GROUPS).go_to(name)
                    return
        self.say("Nothing was changed.")

    def reason_against(self, name: str) -> str | None:
        """Only people can be disabled."""
        if name == "disable":
            if self.tab == GROUPS:
                return "A group cannot be disabled: Enter takes its permissions away."
            if self.list_of(PEOPLE).current is None:
                return "There is nobody here."
        return None

    async def do_disable(self) -> None:
        """x: disable a login, or enable it again."""
        row = self.list_of(PEOPLE).current
        assert isinstance(row, Person)  # reason_against has made sure of it
        if await self.ask(dialogs.confirm_switch(row)):
            await self._done(
                partial(self.service.enable_person, row.login, enabled=not row.enabled)
            )
        else:
            self.say("Nothing was changed.")

    async def _done(self, work: Callable[[], PeopleOutcome]) -> None:
        outcome = await self.call(work)
        record = await self.call(self.read)
        self.record = record
        self.show(record)
        said = "; ".join(outcome.sentences) or "Nothing to change"
        self.say(f"{said}.")
