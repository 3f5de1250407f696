"""What is seen in a terminal that is too small."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.terminal import MINIMUM_HEIGHT, MINIMUM_WIDTH

if TYPE_CHECKING:
    from screens.app import DeskApp


class TooSmall(ModalScreen[None]):
    """A notice that goes away by itself when there is room again. Keys wait meanwhile."""

    def compose(self) -> ComposeResult:
        """The notice."""
        yield Static(
            Content(
                f"This terminal is too small: the desk needs {MINIMUM_WIDTH}x{MINIMUM_HEIGHT}. "
                "Enlarge it to go on; Ctrl+Q leaves."
            )
        )

    @staticmethod
    def is_for(size: Size) -> bool:
        """Whether a terminal of this size is too small."""
        return size.width < MINIMUM_WIDTH or size.height < MINIMUM_HEIGHT

    def __init__(self) -> None:
        super().__init__()
        self._room: Size | None = None
        self.gone = asyncio.Event()

    def on_mount(self) -> None:
        """Keys typed blindly would go who knows where."""
        self._hold = cast("DeskApp", self.app).gate.hold()
        self._hold.take()

    def on_unmount(self) -> None:
        """Keys go on."""
        self.gone.set()
        self._hold.let_go()

    def look_again(self, size: Size | None = None) -> None:
        """Go away if there is room and nothing has been put on top."""
        self._room = size or self._room
        if self.is_current and self._room is not None and not self.is_for(self._room):
            self.dismiss()

    def on_screen_resume(self) -> None:
        """What was on top is gone."""
        self.look_again()
