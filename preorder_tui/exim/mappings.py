"""Mappings of a person: which title of a file is which column, kept under a name.

They are kept where saved filters are, a page per configuration.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from preorder_tui.errors import UnknownId
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import ImportOptions, SavedMapping, from_document
from preorder_tui.text import clean

if TYPE_CHECKING:
    from preorder_tui.service import Service


def page(config_id: str) -> str:
    """The page of saved filters that a configuration's mappings are kept under."""
    return f"EXIM {config_id}"


def saved(service: Service, config_id: str) -> tuple[SavedMapping, ...]:
    """This person's mappings of a configuration, by name."""
    return tuple(
        SavedMapping(name, from_document(ImportOptions, fields))
        for name, fields in service.saved_filters(page(config_id))
    )


def save(service: Service, config_id: str, name: str, options: ImportOptions) -> None:
    """Keep a mapping under a name, in place of the one of that name.

    Raises:
        WrongUsage: the name is empty or too long.
    """
    service.save_filter(page(config_id), name, asdict(replace(options, mapping="")))


def forget(service: Service, config_id: str, name: str) -> None:
    """Forget a mapping.

    Raises:
        UnknownId: there is none of that name.
    """
    service.delete_filter(page(config_id), name)


def complete(
    service: Service, configuration: Configuration, options: ImportOptions
) -> ImportOptions:
    """The options, with what the named mapping says where they are silent.

    Raises:
        UnknownId: there is no mapping of that name.
    """
    if not options.mapping:
        return options
    for mapping in saved(service, configuration.config_id):
        if mapping.name.casefold() == options.mapping.strip().casefold():
            kept = mapping.options
            by_hand = dict(kept.columns) | dict(options.columns)
            return ImportOptions(
                options.delimiter or kept.delimiter,
                options.encoding or kept.encoding,
                options.date_format or kept.date_format,
                tuple(by_hand.items()),
                mapping.name,
            )
    names = ", ".join(one.name for one in saved(service, configuration.config_id))
    raise UnknownId(
        f"there is no mapping {clean(options.mapping)!r} for {configuration.config_id}"
        + (f": there are {names}" if names else ": save one first")
    )
