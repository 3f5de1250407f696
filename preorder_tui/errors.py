"""What can go wrong, as sentences, with the exit status that the command line gives for it."""

from __future__ import annotations


class DeskError(Exception):
    """A refusal that a person can act on: the message is one sentence (what, where, what to do)."""

    exit_status = 1

    @property
    def sentence(self) -> str:
        """The message as shown to people, ending with a full stop."""
        text = str(self).strip()
        return text if text.endswith((".", "?", "!")) else f"{text}."


class Refused(DeskError):
    """A business rule says no. Nothing was changed."""


class NotPermitted(Refused):
    """The person lacks a permission; the message names it and whom to ask."""


class UnknownId(Refused):
    """No such order, line, product, change set, configuration."""


class WrongUsage(DeskError):
    """The words of a command do not fit: a date that is none, a quantity that is no number."""

    exit_status = 2


class StalePlan(DeskError):
    """Somebody else changed what the plan was made from; the message names who, what and when."""

    exit_status = 3


class Unreachable(DeskError):
    """The database cannot be reached, is not ours, or is of another version."""

    exit_status = 4


class Uncertain(Unreachable):
    """The line dropped while a change was being committed: it was made, or not. Look first."""
