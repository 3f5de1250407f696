"""EXIM when things go on at once, or end in the middle."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select, update

from data.engine import open_engine
from data.tables import change_set, data_manager_log, order_header, order_item, order_item_change
from preorder_tui.actor import Actor
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.exim import session as sessions
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.handed_files import HandedFiles
from preorder_tui.exim.layout import Upload
from preorder_tui.exim.records import ImportResult
from preorder_tui.exim.session import ImportSession
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.preorder_tui.exim_book import LINES, dates, exchange
from tests.preorder_tui.exim_files import Exchange, counts

__all__ = ["exchange"]


def another(exchange: Exchange, user: str) -> Exchange:
    """Somebody else on the same database."""
    service = exchange.service
    url = service.engine.url.render_as_string(hide_password=False)
    folder = exchange.folder / user
    folder.mkdir()
    return Exchange(Service(open_engine(url), Actor(user), service.clock), folder)


def count(service: Service, table: object, *conditions: object) -> int:
    """How many rows there are."""
    with service.engine.connect() as connection:
        query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
        return int(connection.execute(query).scalar_one())


# --- At once ------------------------------------------------------------------------------------


def test_two_imports_of_the_same_orders(exchange: Exchange) -> None:
    header = (
        "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,"
        "customer-external-id\n"
    )
    text = header + "".join(
        f"N{n},STORE,ITEM_APPROVED,2026-11-01,1,A,C{n % 7}\n" for n in range(200)
    )
    sides = [exchange, another(exchange, "bo")]
    ready = Barrier(2)

    def run(side: Exchange) -> ImportResult:
        ready.wait()
        return side.run("IMP_ORDER", text)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, sides))
    sides[1].service.close()
    assert sorted(counts(result) for result in results) == [(0, 200, 0, 0), (200, 0, 0, 0)]
    assert count(exchange.service, order_header, order_header.c.EXTERNAL_ID.like("N%")) == 200
    assert exchange.service.verify().violations == ()


def test_two_imports_of_promises_leave_each_line_with_one(exchange: Exchange) -> None:
    sides = [exchange, another(exchange, "bo")]
    ready = Barrier(2)

    def run(number: int) -> ImportResult:
        ready.wait()
        return sides[number].run("IMP_ORD_ITEM_UPD", dates(f"2026-12-{20 + number}"))

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, (0, 1)))
    sides[1].service.close()
    for result, side in zip(results, sides, strict=True):
        changed, _, _, failed = counts(result)
        assert changed + failed == LINES
        for row in side.failed():
            assert "while this file was being imported: import this row again" in row["error"]
    journaled = count(exchange.service, order_item_change)
    assert journaled == sum(result.preview.changed for result in results)
    assert exchange.service.verify().violations == ()


def test_import_while_somebody_allocates(exchange: Exchange) -> None:
    bo = another(exchange, "bo")
    done = Event()

    def allocate() -> int:
        number = 0
        try:
            for line in range(1, LINES // 2):
                with suppress(StalePlan):  # the import was faster
                    plan = bo.service.plan_allocate(
                        LineId(str(line), "00001"), [(LineId("900", "00001"), 2)]
                    )
                    bo.service.apply(plan)
                    number += 1
        finally:
            done.set()
        return number

    text = "order-id,order-item-seq-id,promised-datetime,corresponding-po-id\n" + "".join(
        f"{number},1,2026-12-24,900\n" for number in range(1, LINES + 1)
    )
    results = []
    with ThreadPoolExecutor(2) as pool:
        allocating = pool.submit(allocate)
        day = 1
        while not done.is_set():
            results.append(exchange.run("IMP_ORD_ITEM_UPD", dates(f"2027-01-{day:02}")))
            day = day % 28 + 1
            with suppress(StalePlan):  # the other one was faster three times
                results.append(exchange.run("IMP_ORD_ITM_PO_DTL", text))
        allocating.result()
    bo.service.close()
    for result in results:
        counts(result)
    assert exchange.service.verify().violations == ()


def test_what_moves_after_a_preview_is_handed_back(exchange: Exchange) -> None:
    path = exchange.write(dates("2026-12-20"))
    service = exchange.service
    with ImportSession(service, "IMP_ORD_ITEM_UPD", Upload("x.csv", path)) as session:
        assert session.preview().changed == LINES
        bo = another(exchange, "bo")
        plan = bo.service.plan_promise_date(LineId("7", "00001"), TODAY + timedelta(days=3))
        bo.service.apply(plan)
        bo.service.close()
        result = session.apply(files=HandedFiles(exchange.failed_path))
    assert counts(result) == (LINES - 1, 0, 0, 1)
    (row,) = exchange.failed()
    assert row["error"].startswith("'7/00001' was changed by bo on 2026-11-25")
    assert count(service, order_item_change, order_item_change.c.ORDER_ID == "7") == 1


def test_a_purchase_order_that_moves_after_a_preview_refuses_the_file(exchange: Exchange) -> None:
    header = "external-id,product-store-id,product-sku,quantity,arrival-date,facility-id\n"
    path = exchange.write(header + "PX,STORE,A,99,2026-12-24,WH1\nPN,STORE,A,9,2026-12-24,WH1\n")
    service = exchange.service
    with ImportSession(service, "IMP_PO", Upload("x.csv", path)) as session:
        session.preview()
        service.apply(service.plan_quantities([(LineId("900", "00001"), 80)]))
        with pytest.raises(StalePlan, match="was changed by ana"):
            session.apply()
    assert service.purchase_order("PX").items[0].quantity == 80
    # Without a preview that somebody has seen, the file is simply judged again.
    assert counts(exchange.run("IMP_PO", path)) == (2, 0, 0, 0)
    assert service.purchase_order("PX").items[0].quantity == 99


# --- Ends in the middle -------------------------------------------------------------------------

KILLED_BEFORE_COMMIT = """
import os, signal, sys
from preorder_tui.exim import log
finish = log.finish
def killed(*args, **more):
    finish(*args, **more)
    os.kill(os.getpid(), signal.SIGKILL)
log.finish = killed
"""
KILLED_AFTER_COMMIT = """
import os, signal, sys
from preorder_tui.exim.session import ImportSession
ImportSession._preview = lambda self: os.kill(os.getpid(), signal.SIGKILL)
"""
RUN = """
from preorder_tui.cli import run
sys.exit(run(sys.argv[1:], lambda options: 0))
"""


def start(service: Service, code: str, *words: object) -> subprocess.Popen[bytes]:
    """Our command line in a process of its own, with something in its way."""
    url = service.engine.url.render_as_string(hide_password=False)
    argv = [sys.executable, "-c", f"import sys\n{code}{RUN}", "--database", url, "--user", "bo"]
    return subprocess.Popen(
        [*argv, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.mark.parametrize("code", [KILLED_BEFORE_COMMIT, KILLED_AFTER_COMMIT])
@pytest.mark.parametrize("config", ["IMP_ORD_ITEM_UPD", "IMP_ORD_ITM_PO_DTL", "IMP_ORDER"])
def test_killed_around_the_commit(exchange: Exchange, code: str, config: str) -> None:
    service = exchange.service
    text = {
        "IMP_ORD_ITEM_UPD": dates("2026-12-20"),
        "IMP_ORD_ITM_PO_DTL": "order-id,order-item-seq-id,promised-datetime,corresponding-po-id\n"
        "1,1,2026-12-20,900\n2,1,2026-12-20,900\n",
        "IMP_ORDER": "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,"
        "customer-external-id\nN1,STORE,ITEM_APPROVED,2026-11-01,1,A,C1\n",
    }[config]
    before = count(service, order_item), count(service, order_item_change)
    process = start(service, code, "import", config, exchange.write(text))
    assert process.wait(120) == -signal.SIGKILL
    (entry,) = service.import_log()
    if code == KILLED_BEFORE_COMMIT:
        assert (entry.status_id, entry.change_set_id) == ("SERVICE_CRASHED", None)
        assert entry.message == "ended before it was done: nothing was changed"
        assert count(service, change_set) == 0
        assert (count(service, order_item), count(service, order_item_change)) == before
    else:
        assert (entry.status_id, entry.failed) == ("SERVICE_FINISHED", 0)
        journaled = count(service, order_item_change, order_item_change.c.CHANGE_SET_ID ==
                          entry.change_set_id)  # fmt: skip
        with service.engine.connect() as connection:
            said = connection.execute(select(change_set.c.CHANGE_COUNT)).scalar_one()
        assert journaled == said > 0
    assert service.verify().violations == ()


def lines_to(service: Service) -> int:
    """How many connections a server has; a file has none."""
    dialect = service.engine.dialect.name
    if dialect == "sqlite":
        return 0
    everybody = (
        "pg_stat_activity WHERE backend_type = 'client backend'"
        if dialect == "postgresql"
        else "information_schema.processlist"
    )
    with service.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {everybody}").scalar_one())


def until_gone(service: Service, lines: int) -> None:
    """Wait until a server is done with what it got from a process that was killed."""
    give_up = time.monotonic() + 60
    while lines_to(service) > lines:
        assert time.monotonic() < give_up, "the server does not let go of it"
        time.sleep(0.02)


def test_killed_at_any_moment(exchange: Exchange) -> None:
    service = exchange.service
    path = exchange.write(dates("2026-12-20"))
    started = time.monotonic()
    assert start(service, "", "import", "IMP_ORD_ITEM_UPD", path, "--dry-run").wait(120) == 0
    whole = time.monotonic() - started
    for number, part in enumerate((0.5, 0.7, 0.8, 0.9, 1.0), start=1):
        path = exchange.write(dates(f"2027-01-{number:02}"))
        lines = lines_to(service)
        process = start(service, "", "import", "IMP_ORD_ITEM_UPD", path)
        time.sleep(whole * part)
        process.kill()
        process.wait(120)
        until_gone(service, lines)
        log = service.import_log()
        for entry in log:
            rows = count(service, order_item_change, order_item_change.c.CHANGE_SET_ID ==
                         entry.change_set_id)  # fmt: skip
            if entry.status_id == "SERVICE_FINISHED":
                assert rows == LINES
            else:
                assert (entry.status_id, entry.change_set_id) == ("SERVICE_CRASHED", None)
        finished = sum(entry.status_id == "SERVICE_FINISHED" for entry in log)
        assert count(service, change_set) == finished
        assert count(service, order_item_change) == finished * LINES


def test_an_entry_that_somebody_ended_is_not_applied(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = exchange.service
    apply = sessions.plans.apply

    def slow(*arguments: object, **more: object) -> object:
        outcome = apply(*arguments, **more)  # type: ignore[arg-type]
        arguments[0].execute(update(data_manager_log).values(STATUS_ID="SERVICE_CRASHED"))  # type: ignore[attr-defined]
        return outcome

    monkeypatch.setattr(sessions.plans, "apply", slow)
    with pytest.raises(Refused, match="ended by somebody else: nothing was changed"):
        exchange.run("IMP_ORD_ITEM_UPD", dates("2026-12-20"))
    assert count(service, change_set) == 0


def test_cancel_changes_nothing(exchange: Exchange) -> None:
    for phase in ("reading", "checking", "applying"):
        cancelled = Event()

        def tell(
            now: str, done: int, total: int, phase: str = phase, event: Event = cancelled
        ) -> None:
            if now == phase:
                event.set()

        path = exchange.write(dates("2026-12-20"))
        with (
            ImportSession(
                exchange.service, "IMP_ORD_ITEM_UPD", Upload("x.csv", path), None, cancelled
            ) as session,
            pytest.raises(Cancelled),
        ):
            session.apply(tell=tell)
        assert exchange.service.import_log()[0].status_id == "SERVICE_CANCELLED"
    assert count(exchange.service, change_set) == 0
    with pytest.raises(Refused, match=r"there is no log entry 99"):
        exchange.service.delete_import_log(99)
    exchange.service.delete_import_log(1)
    assert len(exchange.service.import_log()) == 2
