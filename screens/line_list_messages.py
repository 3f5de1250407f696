"""What a list tells its page; the list has them as ``LineList.Opened`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from screens.line_list import LineList


class ListMessage(Message):
    """Something about a list."""

    def __init__(self, line_list: LineList[Any]) -> None:
        super().__init__()
        self.line_list = line_list

    @property
    def control(self) -> LineList[Any]:
        """The list, for selectors."""
        return self.line_list


class RowMessage(ListMessage):
    """Something about a row of a list; None where there are no rows."""

    def __init__(self, line_list: LineList[Any], row: Any) -> None:
        super().__init__(line_list)
        self.row = row
