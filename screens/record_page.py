"""A page about one thing that the service reads whole: read in a thread, shown, and read again."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Generic, TypeVar

from screens import service_calls
from screens.desk_screen import DeskScreen
from screens.line_list import LineList

if TYPE_CHECKING:
    from preorder_tui.news import News
    from screens.key_gate import Hold

Record = TypeVar("Record")


class RecordPage(DeskScreen, Generic[Record]):
    """Subclasses give ``read`` (runs in a thread) and ``show`` (fills the widgets).

    Keys wait from the moment reading is asked for until the record is shown, so that what is typed
    ahead of the page finds its rows there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.record: Record | None = None
        self._reading: Hold | None = None
        self._generation = 0

    def read(self) -> Record:
        """The record, from the service; runs in a thread."""
        raise NotImplementedError

    def show(self, record: Record) -> None:
        """Put the record into the widgets."""

    def on_mount(self) -> None:
        """Read for the first time."""
        self.read_again()

    def on_unmount(self) -> None:
        """Whatever was still being read is nobody's any more."""
        if self._reading is not None:
            self._reading.let_go()

    def changed(self) -> None:
        """Orders have changed."""
        self.read_again()

    def read_again(self) -> None:
        """Read and show; of several readings under way only the last one counts."""
        if self._reading is None:
            self._reading = self.desk.gate.hold()
        self._reading.take()
        self._generation += 1
        self.run_worker(self._read_and_show(self._generation), group="record", exit_on_error=False)

    async def take_news(self, news: News) -> bool | None:
        """Read again in the background; what differs is put in its place and marked."""
        del news
        if self.record is None or (self._reading is not None and self._reading.taken):
            return None
        generation = self._generation
        record = await service_calls.run_in_thread(self.read)
        if generation != self._generation:
            return None
        if record == self.record:
            return False
        self.record = record
        with ExitStack() as lists:
            for line_list in self.query(LineList):
                lists.enter_context(line_list.renewing())
            self.show(record)
        self.redraw_title()
        self.refresh_keys()
        return True

    def database_is_back(self) -> None:
        """What could not be read is read now."""
        if self.record is None:
            self.read_again()

    async def _read_and_show(self, generation: int) -> None:
        try:
            record = await service_calls.call(self.desk, self.read)
            if generation == self._generation:
                self.record = record
                self.show(record)
                self.redraw_title()
                self.refresh_keys()
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            await self.desk.show_error(error)
        finally:
            if generation == self._generation and self._reading is not None:
                self._reading.let_go()

    def refresh_keys(self) -> None:
        """After what the keys can do has changed."""
