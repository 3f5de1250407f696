"""The process that the desk has EXIM done by."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from preorder_tui.errors import DeskError, Refused
from tests.preorder_tui.exim_book import LINES, dates, exchange
from tests.preorder_tui.exim_files import Exchange

__all__ = ["exchange"]


def test_the_worker_does_what_the_desk_asks(exchange: Exchange) -> None:
    service = exchange.service
    path = exchange.write(dates("2026-12-20") + "1,9,2026-12-20\n")
    heard = []
    with service.exim_worker() as worker:
        found = worker.understand("IMP_ORD_ITEM_UPD", str(path))
        assert (found.records, found.ready, found.encoding) == (LINES + 1, True, "utf-8")
        with (
            service.exim_worker() as fresh,
            pytest.raises(Refused, match="nothing was previewed"),
        ):
            fresh.apply()
        preview = worker.preview("IMP_ORD_ITEM_UPD", str(path), on_progress=heard.append)
        assert (preview.changed, preview.failed) == (LINES, 1)
        assert heard[0].phase == "reading"
        result = worker.apply(reason="late", on_progress=heard.append)
        assert result.change_set_id is not None
        assert Path(result.failed_records).name == f"{path.stem}.failed.csv"
        with pytest.raises(DeskError, match="there is no file"):
            worker.understand("IMP_ORD_ITEM_UPD", str(path) + "x")
        with pytest.raises(DeskError, match="there is no import configuration"):
            worker.understand("IMP_NOTHING", str(path))
        out = exchange.folder / "out.csv"
        assert worker.export("EXP_ORD_ITEM_UPD", str(out)).rows == LINES
        with pytest.raises(Refused, match="exists already"):
            worker.export("EXP_ORD_ITEM_UPD", str(out))
        assert worker.export("EXP_ORD_ITEM_UPD", str(out), replace=True).rows == LINES
        again = worker.preview("IMP_ORD_ITEM_UPD", str(out))
        assert again.unchanged == LINES
    assert service.change_sets()[0].origin == "import"
    assert service.change_sets()[0].comments == "late"


def test_the_worker_stays_in_the_exchange_folder(exchange: Exchange, tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    outside = exchange.write(dates("2026-12-20"))
    (folder / "link.csv").symlink_to(outside)
    (folder / "in.csv").write_bytes(outside.read_bytes())
    with exchange.service.exim_worker(str(folder)) as worker:
        for name in (str(outside), "../" + outside.name, "link.csv"):
            with pytest.raises(Refused, match="outside the exchange folder"):
                worker.understand("IMP_ORD_ITEM_UPD", name)
            with pytest.raises(Refused, match="outside the exchange folder"):
                worker.export("EXP_PO_ATP", "../out.csv")
        assert worker.understand("IMP_ORD_ITEM_UPD", "in.csv").ready
        worker.preview("IMP_ORD_ITEM_UPD", "in.csv")
        with pytest.raises(Refused, match="outside the exchange folder"):
            worker.apply(failed_records="../failed.csv")


def test_a_worker_that_is_killed_is_told(exchange: Exchange) -> None:
    worker = exchange.service.exim_worker()
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(DeskError, match="ended by itself"):
        worker.understand("IMP_PO", "x.csv")
    worker.cancel()
    worker.close()


def test_the_client_imports_nothing_heavy() -> None:
    code = (
        "import sys, preorder_tui.exim.client, preorder_tui.exim.configurations as c;"
        "c.configurations('import');"
        "print([name for name in ('pandas', 'numpy', 'sqlalchemy', 'textual') "
        "if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
