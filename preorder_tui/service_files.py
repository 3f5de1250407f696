"""Files that are written and read: exports of pages and reports, EXIM and its log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from preorder_tui import desk_log
from preorder_tui.desk_database import DeskDatabase
from preorder_tui.imported_later import ImportedLater
from preorder_tui.lines import LineId
from preorder_tui.permissions import Permission

if TYPE_CHECKING:
    from preorder_tui import export_file, page_exports, reports
    from preorder_tui.exim import log
    from preorder_tui.exim.client import EximWorker
    from preorder_tui.exim.records import LogEntry
    from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
    from preorder_tui.report_catalogue import Window
else:
    for _name in ("export_file", "page_exports", "reports", "exim.log"):
        globals()[_name.rpartition(".")[2]] = ImportedLater(f"preorder_tui.{_name}")


class Files(DeskDatabase):
    """What goes into files and comes out of them; all of it needs EXIM, but for looking."""

    # --- Exports of pages and reports ---

    def export_sales_orders(
        self, query: SalesOrderQuery, path: Path, *, replace: bool = False
    ) -> int:
        """Write every line that the query finds to a CSV file; how many there are."""
        return self._export(
            "sales-orders", page_exports.find_sales_csv, query, path, replace=replace
        )

    def export_purchase_items(
        self, query: PurchaseOrderQuery, path: Path, *, replace: bool = False
    ) -> int:
        """Write every purchase order line that the query finds to a CSV file."""
        return self._export(
            "purchase-orders", page_exports.find_purchases_csv, query, path, replace=replace
        )

    def export_allocations(self, line: LineId, path: Path, *, replace: bool = False) -> int:
        """Write the allocations of a purchase order line to a CSV file."""
        return self._export(
            "allocations", page_exports.review_allocations_csv, line, path, replace=replace
        )

    def export_report(
        self, name: str, window: Window | None, path: Path, *, replace: bool = False
    ) -> int:
        """Write a report with all its rows to a CSV file; how many there are."""
        return self._export("report", reports.report_csv, (name, window), path, replace=replace)

    def _export(
        self, what: str, export: export_file.Export, subject: object, path: Path, *, replace: bool
    ) -> int:
        with desk_log.noting(self.actor, f"export {what}") as note:
            rows: int = self._read_for(
                Permission.EXIM, export_file.export_to_file, export, subject, path, replace=replace
            )
            note.facts["rows"] = rows
            return rows

    # --- EXIM ---

    def exim_worker(self, exchange_folder: str | None = None) -> EximWorker:
        """A process that imports and exports on this database for this person; close it."""
        from preorder_tui.exim.client import EximWorker

        url = self.engine.url.render_as_string(hide_password=False)
        return EximWorker(url, self.actor.user, exchange_folder)

    def import_log(
        self, config_id: str | None = None, *, before: int | None = None, limit: int = 100
    ) -> tuple[LogEntry, ...]:
        """Imports, newest first; ``before`` a log id for the next page."""

        def read() -> tuple[LogEntry, ...]:
            return self._read(log.entries, config_id=config_id, before=before, limit=limit)

        entries = read()
        if any(entry.status_id == log.RUNNING for entry in entries):
            self._write(log.reconcile)  # a process may be gone since
            entries = read()
        return entries

    def delete_import_log(self, log_id: int) -> None:
        """Delete an entry of the log; what the import changed stays."""
        self._write_for(Permission.EXIM, log.remove, log_id)
