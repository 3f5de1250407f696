"""Demo data: one invented apparel company, the same to the byte for the same orders, seed and day.

The rows tell one story day by day: purchase orders are placed and slip, sales orders come in, the
nightly automatic allocation links them first in first out, people correct things at the desk. What
a line shows today and what its history says are two views of that one story.
"""

from __future__ import annotations

from data.demo.fill import generate

__all__ = ["generate"]
