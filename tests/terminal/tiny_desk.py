"""A desk with one list page over made-up rows, to try the shell in a real terminal.

``python -m tests.terminal.tiny_desk [ROWS] [SECONDS]``: how many rows, and how slow each page is.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.records import Page
from screens import terminal


@dataclass(frozen=True)
class TinyRow:
    """A made-up order."""

    number: int
    customer: str
    units: int


class TinyService:
    """Pages of made-up rows, and work that takes its time."""

    clock = Clock()
    writes = 0

    def __init__(self, rows: int = 1000, slow: float = 0.0) -> None:
        self.count = rows
        self.slow = slow
        self.customers: dict[int, str] = {}

    def refusal(self, *needed: Any) -> str | None:
        """Everybody may do everything."""
        return None

    def row(self, number: int) -> TinyRow:
        """The row with this number."""
        return TinyRow(number, self.customers.get(number, f"Customer {number}"), number % 7 + 1)

    def page(
        self, size: int, *, after: Any = None, before: Any = None, place: str = "first"
    ) -> Page[TinyRow]:
        """A page of rows."""
        if self.slow:
            time.sleep(self.slow)
        if after is not None:
            first = after[0] + 1
        elif before is not None:
            first = max(0, before[0] - size)
            size = min(size, before[0])
        elif place == "last":
            first = max(0, self.count - size)
        else:
            first = 0
        last = min(self.count, first + size)
        rows = tuple(self.row(number) for number in range(first, last))
        return Page(rows, tuple((row.number,) for row in rows), first == 0, last >= self.count)

    def work(self, seconds: float) -> str:
        """Take some time."""
        time.sleep(seconds)
        return f"Worked for {seconds:g} s."

    def close(self) -> None:
        """Nothing to let go of."""


def make(
    service: TinyService,
    facts: terminal.Terminal | None = None,
    landing: Callable[[], Any] | None = None,
) -> Any:
    """The app with its one page, or with another."""
    from textual.widget import Widget

    from screens import keys, service_calls
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen
    from screens.dialog import Confirm, Dialog
    from screens.line_columns import Column
    from screens.line_list import LineList
    from screens.text_field import TextField

    class TinyForm(Dialog[str]):
        """Two fields."""

        ACTIONS = ("close", "save")

        def __init__(self) -> None:
            super().__init__("A form")

        def body(self) -> Iterable[Widget]:
            yield TextField(id="quantity")
            yield TextField(id="note")

        def on_input_submitted(self) -> None:
            first, second = self.query(TextField)
            self.answer(f"{first.value}|{second.value}")

    class TinyPage(DeskScreen):
        """A list of orders."""

        ACTIONS = ("filter", "allocate", "edit", "review", "sort", "history")
        PATH = ("Order Management", "Tiny Orders")
        HELP = "A list that tests look at."

        def content(self) -> Iterable[Widget]:
            yield LineList(
                [
                    Column("Order", lambda row: str(row.number), 8, priority=90),
                    Column("Customer", lambda row: row.customer, 20, at_most=40, priority=50),
                    Column("Units", lambda row: str(row.units), 5, align="right", priority=80),
                    Column("Store", lambda row: "STORE", 8, priority=20),
                    Column("Queue", lambda row: "Pre-order", 12, priority=10),
                    Column("Wide", lambda row: "wide", 40, priority=1),
                ],
                row_id=lambda row: row.number,
                source=self.source,
            )

        async def source(self, size: int, **where: Any) -> Page[TinyRow]:
            return await service_calls.run_in_thread(service.page, size, **where)

        def on_line_list_opened(self, event: LineList.Opened) -> None:
            self.desk.start_flow(self.open_form(event.row))

        async def open_form(self, row: TinyRow) -> None:
            self.say(f"Answer: {await self.ask(TinyForm())}")

        def changed(self) -> None:
            self.query_one(LineList).reload()

        def reason_against(self, name: str) -> str | None:
            return "Sorting is not allowed on Sundays." if name == "sort" else None

        async def do_allocate(self) -> None:
            sentence = await self.call(service.work, 1.5)
            chosen = self.query_one(LineList).chosen
            if await self.ask(Confirm(f"Allocate {len(chosen)}?", ["Units will be linked."])):
                self.say(f"Allocated {len(chosen)}. {sentence}")
            else:
                self.say("Not allocated.")

        async def do_review(self) -> None:
            raise ValueError("a bug")

        async def do_edit(self) -> None:
            answer = await self.ask(Confirm("Surprise?", unexpected=True))
            self.say(f"Surprise: {answer}")

    _ = keys
    options = DeskOptions("sqlite:////tmp/tiny.db", "ada", demo=True)
    opener = cast("Callable[[DeskOptions], Any]", lambda _: service)
    return DeskApp(options, opener, terminal=facts, landing=landing or TinyPage)


def main() -> int:
    """Open it as the console script would."""
    traces = os.environ.get("TINY_DESK_TRACES")
    if traces:  # for a test that wants to know where it hangs
        faulthandler.register(signal.SIGUSR2, file=open(traces, "w"))  # noqa: SIM115
    reason = terminal.refusal()
    if reason is not None:
        print(reason, file=sys.stderr)
        return 2
    facts = terminal.examine()
    terminal.prepare(facts)
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    slow = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    app = make(TinyService(rows, slow), facts)
    app.run(mouse=False)
    terminal.fall_silent()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
