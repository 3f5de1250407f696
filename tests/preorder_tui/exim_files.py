"""Small files for EXIM tests, and what came of them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

from preorder_tui.exim.at_once import run_import
from preorder_tui.exim.configurations import configuration
from preorder_tui.exim.exporting import export_to
from preorder_tui.exim.handed_files import HandedFiles, conflicts_beside
from preorder_tui.exim.layout import Upload
from preorder_tui.exim.records import ExportFilter, ImportOptions, ImportResult
from preorder_tui.lines import LineId
from preorder_tui.records import HistoryRow
from preorder_tui.service import Service


class Exchange:
    """Imports and exports of one service through files in one folder."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self._number = 0

    def write(self, text: str | bytes) -> Path:
        """A new file of that content."""
        self._number += 1
        path = self.folder / f"file{self._number}.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    @property
    def failed_path(self) -> Path:
        """Where the rows of the last import are that were handed back."""
        return self.folder / "failed.csv"

    def run(
        self,
        config: str,
        content: str | bytes | Path,
        options: ImportOptions | None = None,
        **more: Any,
    ) -> ImportResult:
        """Import a file, or text as one."""
        path = content if isinstance(content, Path) else self.write(content)
        return run_import(
            self.service,
            config,
            Upload(path.name, path),
            options,
            files=HandedFiles(self.failed_path),
            **more,
        )

    def export(self, config: str, **filters: Any) -> Path:
        """Export to a new file."""
        self._number += 1
        path = self.folder / f"export{self._number}.csv"
        export_to(self.service, configuration(config, "export"), path, ExportFilter(**filters))
        return path

    @property
    def conflicts_path(self) -> Path:
        """Where its conflicts are."""
        return conflicts_beside(self.failed_path)

    def failed(self) -> list[dict[str, str]]:
        """The rows of the last import that were handed back."""
        return read(self.failed_path)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file by title."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    return [dict(zip(header, cells, strict=True)) for cells in records]


def edit(path: Path, change: Any) -> Path:
    """The file again, each row (a dictionary) given to ``change`` first."""
    rows = read(path)
    for row in rows:
        change(row)
    edited = path.with_name(f"edited-{path.name}")
    with edited.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return edited


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Changed, unchanged, conflicts, failed; they add up to the total."""
    preview = result.preview
    found = (preview.changed, preview.unchanged, preview.conflicts, preview.failed)
    assert sum(found) == preview.total
    return found


def promise(exchange: Exchange, line: str) -> date | None:
    """The promise date of a line."""
    order, item = line.split("/")
    found = exchange.service.sales_order(order).items
    return next(one for one in found if one.line.order_item_seq_id == item.zfill(5)).promise_date


def history(exchange: Exchange, order: str, item: str) -> list[HistoryRow]:
    """The history of a line, newest first."""
    return list(exchange.service.history(line=LineId(order, item.zfill(5))))


def holds(exchange: Exchange) -> None:
    """Every invariant."""
    assert exchange.service.verify().violations == ()
