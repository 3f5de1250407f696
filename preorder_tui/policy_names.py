"""The policies by name, with what people are told of them; light to import."""

from __future__ import annotations

NAMES: dict[str, tuple[str, str]] = {
    "fifo": (
        "FIFO",
        "The earliest order first, from the supply that arrives first.",
    ),
    "promise": (
        "Earliest promise first",
        "The earliest promise first, which gives the fewest days late in total, units that stay "
        "unserved counted as the last to come; lines without a promise come last.",
    ),
    "priority": (
        "Priority class, then FIFO",
        "Orders of high priority before normal before low; within a class the earliest order "
        "first.",
    ),
    "on-time": (
        "Most lines on time",
        "As many lines as possible get all their units by their promise; then the others, the "
        "earliest order first.",
    ),
    "fair": (
        "Fair share",
        "Where supply is short every line gets the same share of its units; what cannot be divided "
        "goes to the largest remainders, then to the earliest order.",
    ),
}
"""Title and meaning by name, the default first."""

DEFAULT = "fifo"
