"""Understanding a file before any of it is judged: for a person to look at and correct."""

from __future__ import annotations

from dataclasses import replace

from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.context import Tell
from preorder_tui.exim.fields import both_readings
from preorder_tui.exim.layout import DELIMITERS, ENCODINGS, Layout, column_problems
from preorder_tui.exim.reading import read_chunks
from preorder_tui.exim.records import DateExample, ImportOptions, Understanding
from preorder_tui.text import clean

FIRST_ROWS = 20
EXAMPLES = 5


class _Dates:
    """The dates of a file that are not ISO, and what they may mean."""

    def __init__(self) -> None:
        self.examples: list[DateExample] = []
        self.month_first = self.day_first = self.iso = False
        self.month_first_only = self.day_first_only = False
        self._known: set[str] = set()

    def look_at(self, column: str, lines: list[int], values: list[str]) -> None:
        for value in dict.fromkeys(values):
            if not value or value in self._known:
                continue
            readings = both_readings(value)
            if readings is None:
                self.iso = True
                continue
            month_first, day_first = readings
            self.month_first_only |= month_first is not None and day_first is None
            self.day_first_only |= day_first is not None and month_first is None
            if len(self.examples) < EXAMPLES:
                line = lines[values.index(value)]
                self.examples.append(
                    DateExample(line, column, clean(value), month_first, day_first)
                )
        if len(self._known) < 100_000:
            self._known.update(values)


def understand(
    configuration: Configuration, layout: Layout, options: ImportOptions, tell: Tell
) -> Understanding:
    """Read the whole file once and say what it is.

    Raises:
        StructuralFault: it breaks off, or is no CSV further down.
    """
    records = 0
    first_rows: list[tuple[str, ...]] = []
    samples = [""] * len(layout.header)
    dates = _Dates()
    for chunk in read_chunks(layout):
        records += len(chunk)
        tell("reading", records, 0)
        if len(first_rows) < FIRST_ROWS:
            for n in range(min(FIRST_ROWS, len(chunk))):
                cells = (clean(column[n]) for column in chunk.cells[: len(layout.header)])
                first_rows.append(tuple(cells))
        for place, sample in enumerate(samples):
            if not sample:
                found = next((cell for cell in chunk.cells[place] if cell.strip()), "")
                samples[place] = clean(found.strip())[:60]
        for column in configuration.date_columns:
            if column in layout.places:
                dates.look_at(column, chunk.lines, chunk.column(column))
    missing, problems = column_problems(layout, configuration)
    if not records:
        problems.append(f"{layout.upload.shown} has a header but no records")
    form = options.date_format or "iso"
    ambiguous = bool(dates.examples) and not (dates.month_first_only or dates.day_first_only)
    notes = _notes(layout)
    if form == "iso" and dates.examples:
        (notes if dates.iso else problems).append(_choose_dates(dates, ambiguous))
    return Understanding(
        configuration.config_id,
        layout.upload.shown,
        layout.upload.signature()[0],
        layout.encoding,
        layout.delimiter,
        form,
        tuple(
            replace(one, sample=sample) for one, sample in zip(layout.columns, samples, strict=True)
        ),
        tuple(missing),
        records,
        tuple(first_rows),
        tuple(dates.examples),
        tuple(problems),
        tuple(notes),
    )


def _choose_dates(dates: _Dates, ambiguous: bool) -> str:
    shown = "; ".join(
        f"line {one.line}: {one.text} is "
        + " or ".join(
            f"{day} as {form}"
            for day, form in ((one.month_first, "MM/DD/YYYY"), (one.day_first, "DD/MM/YYYY"))
            if day
        )
        for one in dates.examples[:3]
        if one.month_first or one.day_first
    )
    why = "either form would read all of them" if ambiguous else "they are not YYYY-MM-DD"
    return f"choose the form of the dates, {why}: {shown or dates.examples[0].text}"


def _notes(layout: Layout) -> list[str]:
    notes = []
    if layout.encoding != "utf-8":
        notes.append(f"read as {ENCODINGS[layout.encoding]}")
    if layout.delimiter != ",":
        name = DELIMITERS.get(layout.delimiter, layout.delimiter)
        notes.append(f"columns are divided by {name}")
    if layout.unused:
        notes.append(f"columns not used: {', '.join(layout.unused)}")
    return notes
