"""Which versions of the schema there are; light to import."""

from __future__ import annotations

HEAD = "0007"
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
