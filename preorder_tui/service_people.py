"""People, groups and permissions, as the desk and the command line ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from preorder_tui.desk_database import DeskDatabase
from preorder_tui.imported_later import ImportedLater

if TYPE_CHECKING:
    from preorder_tui import people
    from preorder_tui.people import Step
    from preorder_tui.people_records import Group, PeopleOutcome, Person
    from preorder_tui.permissions import Permission
else:
    people = ImportedLater("preorder_tui.people")


class People(DeskDatabase):
    """Who may do what: everybody who may view sees it, administrators change it.

    Each change is made at once, whole, and recorded as change sets. With ``dry_run`` it is only
    tried: what it says is what would be done. All of them raise
    :class:`~preorder_tui.errors.NotPermitted` for whoever may not administer.
    """

    def people(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        return self._read(people.people)

    def groups(self) -> tuple[Group, ...]:
        """Every group, by name."""
        return self._read(people.groups)

    def add_person(
        self,
        login: str,
        groups: Iterable[str] = (),
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> PeopleOutcome:
        """Add somebody by their login on the operating system."""
        return self._change([people.add_person(login, groups)], reason, dry_run)

    def enable_person(
        self, login: str, *, enabled: bool, reason: str | None = None, dry_run: bool = False
    ) -> PeopleOutcome:
        """Let somebody work again, or no more."""
        return self._change([people.enable(login, enabled=enabled)], reason, dry_run)

    def regroup(
        self,
        login: str,
        *,
        join: Iterable[str] = (),
        leave: Iterable[str] = (),
        reason: str | None = None,
        dry_run: bool = False,
    ) -> PeopleOutcome:
        """Put somebody into groups and take them out of others, in one step."""
        steps = [people.join(login, group) for group in join]
        steps += [people.leave(login, group) for group in leave]
        return self._change(steps, reason, dry_run)

    def add_group(
        self,
        group: str,
        permissions: Iterable[Permission] = (),
        description: str = "",
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> PeopleOutcome:
        """Make a group."""
        return self._change([people.add_group(group, permissions, description)], reason, dry_run)

    def permit(
        self,
        group: str,
        *,
        allow: Iterable[Permission] = (),
        deny: Iterable[Permission] = (),
        reason: str | None = None,
        dry_run: bool = False,
    ) -> PeopleOutcome:
        """Give a group permissions and take others from it, in one step."""
        steps = [people.allow(group, one) for one in allow]
        steps += [people.deny(group, one) for one in deny]
        return self._change(steps, reason, dry_run)

    def found_people(self) -> PeopleOutcome:
        """Make this person the administrator of a desk that has no people yet."""
        return self._change([people.founding(self.actor.person)], None, False)

    def _change(self, steps: list[Step], reason: str | None, dry_run: bool) -> PeopleOutcome:
        try:
            return self._write_checked(people.change, self.actor, steps, reason, dry_run)
        except people.TriedOnly as tried:
            return tried.outcome
        finally:
            self._grants = None  # one's own may be among them
