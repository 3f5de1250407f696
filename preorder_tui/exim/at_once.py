"""An import from beginning to end, for whoever looks at no preview first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.exim.context import Tell
from preorder_tui.exim.handed_files import HandedFiles
from preorder_tui.exim.layout import Upload
from preorder_tui.exim.records import ImportOptions, ImportResult
from preorder_tui.exim.session import ImportSession, silent

if TYPE_CHECKING:
    from preorder_tui.service import Service


def run_import(
    service: Service,
    config_id: str,
    upload: Upload,
    options: ImportOptions | None = None,
    *,
    files: HandedFiles | None = None,
    dry_run: bool = False,
    reason: str | None = None,
    tell: Tell = silent,
) -> ImportResult:
    """Import a file at once, or only say what would be done."""
    with ImportSession(service, config_id, upload, options) as session:
        if not dry_run:
            return session.apply(files=files, reason=reason, tell=tell)
        preview = session.preview(tell)
        files = files or HandedFiles(None)
        session.hand_back(files)
        return ImportResult(None, None, None, preview, files.failed, files.conflicts)
