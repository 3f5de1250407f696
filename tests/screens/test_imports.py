"""What is imported when: a command pays nothing for the desk, the first frame nothing for data."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlalchemy", "pandas", "numpy", "alembic")


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_console_script_imports_no_textual() -> None:
    loaded = loaded_after("import screens.__main__")
    assert not loaded & {"textual", "rich", *HEAVY}


def test_the_first_frame_needs_no_database() -> None:
    loaded = loaded_after("import screens.app, screens.opening_page, screens.find_sales_orders")
    assert "textual" in loaded
    assert not loaded & set(HEAVY)


def test_imports_exports_and_reports_bring_no_pandas_into_the_desk() -> None:
    loaded = loaded_after(
        "import preorder_tui.service, screens.exim, screens.exim_import, screens.exim_export\n"
        "import screens.reports, screens.report_page\n"
        "from preorder_tui.exim import catalogue, client, log, mappings\n"
        "from preorder_tui import report_changes, report_sales, report_supply, report_worklists"
    )
    assert "sqlalchemy" in loaded
    assert not loaded & {"pandas", "numpy", "alembic"}
