"""What a person may do: the permissions (domain §8), which of them a change needs, and the refusal.

Permissions are held by groups, people are in groups. What a change needs follows from its one-line
command, which is also what the journal keeps: so an undo needs what the change it takes back
needed, years later. Nothing here imports the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from preorder_tui.errors import NotPermitted


class Permission(StrEnum):
    """One permission; its value is what SECURITY_GROUP_PERMISSION holds."""

    VIEW = "VIEW"
    ALLOCATE = "ALLOCATE"
    EDIT_DATES = "EDIT_DATES"
    PO_EDIT = "PO_EDIT"
    EXIM = "EXIM"
    OVERRIDE = "OVERRIDE"
    ADMINISTER = "ADMINISTER"

    @property
    def words(self) -> str:
        """What people call it."""
        return _WORDS[self][0]

    @property
    def covers(self) -> str:
        """What whoever has it may do."""
        return _WORDS[self][1]

    @property
    def refusal(self) -> str:
        """What whoever lacks it is told, as the beginning of a sentence."""
        return _WORDS[self][2]


ALL = frozenset(Permission)

_WORDS = {
    Permission.VIEW: (
        "view",
        "look at everything, see what a change would do",
        "You may not look at this desk's orders",
    ),
    Permission.ALLOCATE: (
        "allocate",
        "allocate, move, remove, pin, sync dates; cancel sales order lines",
        "You may look at allocations but not change them",
    ),
    Permission.EDIT_DATES: (
        "edit dates",
        "set promise dates and arrival dates",
        "You may look at dates but not change them",
    ),
    Permission.PO_EDIT: (
        "PO edit",
        "change, add, receive, complete, cancel purchase order lines",
        "You may look at purchase orders but not change them",
    ),
    Permission.EXIM: (
        "EXIM",
        "import files; write lists, reports and exports to files",
        "You may look at orders but neither import nor export them",
    ),
    Permission.OVERRIDE: (
        "override",
        "set a date that is over, against the rule",
        "A date that is over goes against the rule",
    ),
    Permission.ADMINISTER: (
        "administer",
        "people, settings, backups; act for others, undo what they did",
        "You may not administer this desk",
    ),
}

_P = Permission
NEEDED = {
    "allocate": frozenset({_P.ALLOCATE}),
    "allocate-order": frozenset({_P.ALLOCATE}),
    "allocate-sales-orders": frozenset({_P.ALLOCATE}),
    "auto-allocate": frozenset({_P.ALLOCATE}),
    "deallocate": frozenset({_P.ALLOCATE}),
    "move": frozenset({_P.ALLOCATE}),
    "pin": frozenset({_P.ALLOCATE}),
    "unpin": frozenset({_P.ALLOCATE}),
    "reallocate": frozenset({_P.ALLOCATE}),
    "reallocate-all": frozenset({_P.ALLOCATE}),
    "sync-all": frozenset({_P.ALLOCATE}),
    "remove-allocations": frozenset({_P.ALLOCATE}),
    "sync-dates": frozenset({_P.ALLOCATE}),
    # Its effect on supply is that of a removal, and it is the demand side's to decide.
    "cancel-item": frozenset({_P.ALLOCATE}),
    "set-promise-date": frozenset({_P.EDIT_DATES}),
    "set-arrival-date": frozenset({_P.EDIT_DATES}),
    "add-item": frozenset({_P.PO_EDIT}),
    "cancel-purchase": frozenset({_P.PO_EDIT}),
    "complete-purchase": frozenset({_P.PO_EDIT}),
    "receive": frozenset({_P.PO_EDIT}),
    "set-quantity": frozenset({_P.PO_EDIT}),
}
"""What the commands need that change orders; what is not listed needs ADMINISTER."""

NEEDED_BY_IMPORT = {
    "IMP_PO": frozenset({_P.PO_EDIT, _P.EDIT_DATES}),
    "IMP_ATP_ON_PO": frozenset({_P.PO_EDIT}),
    "IMP_CLOSED_PO": frozenset({_P.PO_EDIT}),
    "IMP_ORD_ITEM_UPD": frozenset({_P.EDIT_DATES}),
    "IMP_ORD_ITM_PO_DTL": frozenset({_P.ALLOCATE, _P.EDIT_DATES}),
    "MDM_CANCEL_ORD_ITM": frozenset({_P.ALLOCATE}),
    # New orders and masters are nobody else's work yet: EXIM alone.
    "IMP_ORDER": frozenset(),
    "IMP_FACILITY": frozenset(),
    "MDM_PRODUCT": frozenset(),
}
"""What imports need beside EXIM, by configuration; what is not listed needs ADMINISTER."""

OVERRIDING = "--override"
"""The option of a command that goes against a rule."""


def needed_for(command: str) -> frozenset[Permission]:
    """What the change needs that ``command`` (as the journal has it) makes."""
    verb, _, rest = command.strip().partition(" ")
    words = rest.split()
    if verb == "import":
        config_id = words[0] if words else ""
        return NEEDED_BY_IMPORT.get(config_id, frozenset({_P.ADMINISTER})) | {_P.EXIM}
    needed = NEEDED.get(verb, frozenset({_P.ADMINISTER}))
    return needed | {_P.OVERRIDE} if OVERRIDING in words else needed


def permission_named(text: str) -> Permission | None:
    """The permission that people call so: ``PO_EDIT``, ``po edit``, ``po-edit``."""
    wanted = "_".join(text.strip().upper().replace("-", " ").replace("_", " ").split())
    return Permission(wanted) if wanted in Permission.__members__ else None


@dataclass(frozen=True, slots=True)
class Grants:
    """What one person may do on one database, as it was read.

    Attributes:
        login: the person who really acts.
        acting_for: the name they act under; the same where they act for themselves.
        permissions: theirs, from all their groups.
        known: whether they are among the people.
        enabled: whether they may work.
        open: whether no people are defined at all: then everybody may do everything.
        administrators: whom to ask.
    """

    login: str
    acting_for: str
    permissions: frozenset[Permission] = frozenset()
    known: bool = False
    enabled: bool = True
    open: bool = False
    administrators: tuple[str, ...] = ()

    def has(self, permission: Permission) -> bool:
        """Whether they may, in a list or a form."""
        return self.open or permission in self.permissions

    def refusal(self, *needed: Permission, because: str = "") -> str | None:
        """Why they may not do what needs all of these, as a sentence; None when they may.

        Args:
            needed: the permissions.
            because: what to say in place of the permission's own words.
        """
        if self.open:
            return None
        if not self.known:
            return (
                f"{self.login} is not among the people of this desk; "
                f"{_whom_to_ask(self.administrators)}"
            )
        if not self.enabled:
            return (
                f"{self.login} is disabled and may not use this desk; "
                f"{_whom_to_ask(self.administrators)}"
            )
        if self.acting_for != self.login and Permission.ADMINISTER not in self.permissions:
            return self._lacks(
                [Permission.ADMINISTER],
                f"You are {self.login} and may not act for {self.acting_for}",
            )
        missing = [one for one in Permission if one in needed and one not in self.permissions]
        if not missing:
            return None
        # Who may not even look is told that first, then who may not import at all.
        first = Permission.EXIM if Permission.EXIM in missing else missing[0]
        first = Permission.VIEW if Permission.VIEW in missing else first
        return self._lacks(missing, because or first.refusal)

    def require(self, *needed: Permission, because: str = "") -> None:
        """Refuse what needs more than they have.

        Raises:
            NotPermitted: it says which permission is needed and whom to ask.
        """
        refusal = self.refusal(*needed, because=because)
        if refusal is not None:
            raise NotPermitted(refusal)

    def _lacks(self, missing: Sequence[Permission], what: str) -> str:
        names = " and ".join(f"{one.words} ({one})" for one in missing)
        return (
            f"{what}: that needs the permission{'s' * (len(missing) > 1)} {names}; "
            f"{_whom_to_ask(self.administrators)}"
        )


def grants_of(login: str, acting_for: str, rows: Sequence[Sequence[Any]]) -> Grants:
    """What a login may do, by the rows of :data:`preorder_tui.grants.OF_LOGIN`.

    Each says whether the login is enabled (null: nobody knows it), one permission, and whether
    there are any people at all.
    """
    if not rows[0][2]:
        return Grants(login, acting_for, ALL, open=True)
    known, enabled = rows[0][0] is not None, rows[0][0] == "Y"
    held = frozenset(Permission(row[1]) for row in rows if row[1] in Permission.__members__)
    return Grants(login, acting_for, held if enabled else frozenset(), known=known, enabled=enabled)


def _whom_to_ask(administrators: Iterable[str]) -> str:
    names = list(administrators)
    if not names:
        return "ask an administrator"
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"ask an administrator ({shown})"


def in_words(permissions: Iterable[Permission]) -> str:
    """Permissions as people call them, in the order of the enumeration; a dash for none."""
    held = frozenset(permissions)
    if held == ALL:
        return "do everything"
    return ", ".join(one.words for one in Permission if one in held) or "-"
