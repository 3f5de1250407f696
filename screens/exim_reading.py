"""How a file is read: its columns, the form of its dates, delimiter, encoding, saved mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preorder_tui.errors import Refused
from preorder_tui.exim import mappings as saved_mappings
from preorder_tui.exim.records import ColumnMatch, ImportOptions
from preorder_tui.settings import exchange_file
from preorder_tui.text import clean
from screens.dialog import Confirm
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.saved_filters import SavedFilters
from screens.exim_views import DATE_FORMS, DELIMITERS, ENCODINGS, date_words

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions
    from screens.exim_import import ImportPage

EXAMPLES = 4


async def match_column(page: ImportPage, match: ColumnMatch) -> None:
    """Say which column of the configuration a column of the file is."""
    taken = {
        one.column: one.title for one in (page.understanding.columns if page.understanding else ())
    }
    mandatory = set(page.configuration.mandatory)
    choices = [Choice("", "not used", "0")]
    for column in page.configuration.known_columns:
        words = column + (" (needed)" if column in mandatory else "")
        if taken.get(column) not in (None, match.title):
            words += f", now {clean(taken[column])}"
        choices.append(Choice(column, words))
    answer = await page.ask(
        Choose(f"What is the column {clean(match.title)!r}?", choices, at=match.column)
    )
    if answer is None or answer == match.column:
        return
    columns = {
        title: column
        for title, column in page.options.columns
        if title != match.title and (not answer or column != answer)
    }
    if answer and taken.get(answer) not in (None, match.title):
        columns[taken[answer]] = ""  # one column of the file for each of the configuration
    columns[match.title] = answer
    await page.read_with(columns=tuple(columns.items()))


async def choose_dates(page: ImportPage) -> None:
    """Choose the second form of dates; ISO is always read, nothing is guessed."""
    found = page.understanding
    lines = [date_words(one) for one in found.date_examples[:EXAMPLES]] if found else []
    lines.append("YYYY-MM-DD is read in any case.")
    choices: list[Choice[str]] = [
        Choice("iso", "only YYYY-MM-DD", "i"),
        Choice("mdy", f"{DATE_FORMS['mdy']}: month first", "m"),
        Choice("dmy", f"{DATE_FORMS['dmy']}: day first", "d"),
    ]
    answer = await page.ask(
        Choose(
            "How are other dates written?",
            choices,
            lines=lines,
            at=found.date_format if found else None,
        )
    )
    if answer is not None:
        await page.read_with(date_format=answer)


async def choose_reading(page: ImportPage) -> None:
    """Choose delimiter and encoding where they were found out wrongly."""
    found = page.understanding
    delimiters = [
        Choice("", "find out", "0"),
        *(Choice(sign, words.capitalize(), words[0]) for sign, words in DELIMITERS.items()),
    ]
    delimiter = await page.ask(
        Choose(
            "What divides the columns?", delimiters, at=page.options.delimiter,
            lines=[f"Now: {DELIMITERS.get(found.delimiter, '?')}"] if found else (),
        )
    )  # fmt: skip
    if delimiter is None:
        return
    encodings = [
        Choice("", "find out", "0"),
        *(Choice(name, words) for name, words in ENCODINGS.items()),
    ]
    encoding = await page.ask(
        Choose(
            "Which encoding has the text?", encodings, at=page.options.encoding,
            lines=[f"Now: {ENCODINGS.get(found.encoding, '?')}"] if found else (),
        )
    )  # fmt: skip
    if encoding is not None:
        await page.read_with(delimiter=delimiter, encoding=encoding)


class SavedMappings(SavedFilters):
    """The names of the mappings of one configuration."""

    TITLE = "Saved mappings"
    LABEL = "Keep the present mapping as"
    HELP = (
        "Enter on a name reads the file with that mapping of columns, form of dates, delimiter and "
        "encoding. Tab goes to the field below: a name typed there and Enter keeps the present "
        "ones under it. x forgets the mapping under the cursor. Everybody has their own."
    )


async def mappings(page: ImportPage) -> None:
    """Use a saved mapping, keep the present one under a name, forget one."""
    service, config_id = page.service, page.configuration.config_id
    while True:
        kept = {
            one.name: one.options
            for one in await page.call(saved_mappings.saved, service, config_id)
        }
        answer = await page.ask(SavedMappings(tuple(kept)))
        if answer is None:
            return
        what, name = answer
        if what == "use":
            page.options = ImportOptions(mapping=name)
            await page.look()
            return
        if what == "save":
            if name in kept and not await page.ask(
                Confirm(f"Replace the saved mapping {name!r}?", ["There is one of that name."])
            ):
                continue
            await page.call(saved_mappings.save, service, config_id, name, present(page, kept))
            page.say(f"The present mapping is kept as {name!r}.")
            return
        if await page.ask(Confirm(f"Forget the saved mapping {name!r}?", yes_label="Forget")):
            await page.call(saved_mappings.forget, service, config_id, name)
            page.say(f"The mapping {name!r} is forgotten.")


def present(page: ImportPage, kept: Mapping[str, ImportOptions]) -> ImportOptions:
    """How the file is read now, as a mapping keeps it."""
    options = page.options
    base = kept.get(options.mapping, ImportOptions())
    found = page.understanding
    return ImportOptions(
        delimiter=options.delimiter or base.delimiter,
        encoding=options.encoding or base.encoding,
        date_format=found.date_format if found is not None else options.date_format,
        columns=tuple({**dict(base.columns), **dict(options.columns)}.items()),
    )


# --- What is kept, in case the desk ends ----------------------------------------------------------


def kept(file: Path, options: ImportOptions) -> dict[str, Any]:
    """The file and how it is read, as a kept draft has it."""
    return {"file": str(file), "options": asdict(options)}


def put_back(desk: DeskOptions, found: Mapping[str, Any]) -> tuple[Path, ImportOptions] | None:
    """The same read back; None where there is no such file that this desk may read."""
    folder = Path(desk.exchange_folder).resolve() if desk.exchange_folder else None
    try:
        path = exchange_file(str(found.get("file", "")), folder)
    except Refused:
        return None
    if not path.is_file():
        return None
    given = found.get("options")
    values = given if isinstance(given, dict) else {}
    columns = values.get("columns")
    return path, ImportOptions(
        delimiter=str(values.get("delimiter") or ""),
        encoding=str(values.get("encoding") or ""),
        date_format=values["date_format"] if values.get("date_format") in DATE_FORMS else None,
        columns=tuple(
            (str(one[0]), str(one[1]))
            for one in (columns if isinstance(columns, list) else ())
            if isinstance(one, list) and len(one) == 2
        ),
        mapping=str(values.get("mapping") or ""),
    )
