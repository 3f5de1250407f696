"""EXIM configurations: what each is for, and the columns of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preorder_tui.errors import UnknownId
from preorder_tui.text import clean

ERROR_COLUMN = "error"
"""The last column of a Failed Records file; ignored when the file is uploaded again."""

TOKEN_COLUMN = "row-token"
"""Says what a row held when it was exported (:mod:`preorder_tui.exim.tokens`)."""

Direction = Literal["import", "export"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file; a mandatory one must be there and filled in."""

    name: str
    mandatory: bool = False
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One entry of the EXIM page.

    Attributes:
        module: the module of :mod:`preorder_tui.exim` that does it.
        one_of: groups of columns of which at least one must be there.
        aliases: other names that files use for a column.
        date_columns: those that hold dates.
        tokens: whether rows may carry the token of the export that they come from.
    """

    config_id: str
    direction: Direction
    category: str
    title: str
    description: str
    columns: tuple[Column, ...]
    module: str
    one_of: tuple[tuple[str, ...], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    date_columns: tuple[str, ...] = ()
    tokens: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns, in the order of the template."""
        return tuple(column.name for column in self.columns)

    @property
    def known_columns(self) -> tuple[str, ...]:
        """What an import reads: the columns, and the row token where it has one."""
        return (*self.column_names, TOKEN_COLUMN) if self.tokens else self.column_names

    @property
    def mandatory(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(column.name for column in self.columns if column.mandatory)

    @property
    def needs(self) -> tuple[str, ...]:
        """The same, with the groups of which one will do ("a or b")."""
        return (*self.mandatory, *(" or ".join(group) for group in self.one_of))

    def template(self) -> str:
        """A sample file: the header and one row."""
        return (
            f"{','.join(self.column_names)}\r\n"
            f"{','.join(column.sample for column in self.columns)}\r\n"
        )


def columns(mandatory: str, optional: str, **samples: str) -> tuple[Column, ...]:
    """Columns out of their names; a sample for ``product-sku`` is given as ``product_sku``."""
    return tuple(
        Column(name, is_mandatory, samples.get(name.replace("-", "_"), ""))
        for names, is_mandatory in ((mandatory, True), (optional, False))
        for name in names.split()
    )


def configurations(direction: Direction) -> tuple[Configuration, ...]:
    """All configurations of a direction, in the order of the page: by category, as a site fills."""
    from preorder_tui.exim.catalogue import EXPORTS, IMPORTS

    return IMPORTS if direction == "import" else EXPORTS


def configuration(config_id: str, direction: Direction) -> Configuration:
    """The configuration of that id, in upper or lower case.

    Raises:
        UnknownId: there is none in that direction; the sentence names those there are.
    """
    wanted = config_id.strip().upper()
    for one in configurations(direction):
        if one.config_id == wanted:
            return one
    known = ", ".join(one.config_id for one in configurations(direction))
    raise UnknownId(
        f"there is no {direction} configuration {clean(config_id)!r}: there are {known}"
    )
