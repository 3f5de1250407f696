"""Rendering only the widgets that a change touches.

Textual's compositor renders every widget whose container is touched, so that each cursor move of a
list would render the title, the search field and the line of keys again, and throw them away.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class TouchedWidgets(Compositor):
    """A compositor that leaves alone what is outside the changed region."""

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not crop:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if shown and crop.overlaps(shown):
                lines = widget.render_lines(shown.translate(-region.offset))
                yield region, clip, lines
