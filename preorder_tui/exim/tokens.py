"""Row tokens: what a row held when it was exported, so that an import can see what moved since.

A token is a checksum, a dot, and the exported value in plain text: ``k1f0a2b3c.2026-12-01``. The
checksum is over the row's key and the value: a token that was sorted, filled down or pasted onto
another row no longer fits, and the row is handed back instead of applied.
"""

from __future__ import annotations

from zlib import crc32

from preorder_tui.exim.rows import RowFault


def make(key: str, value: str) -> str:
    """The token of a row."""
    return f"k{crc32(f'{key}|{value}'.encode()):08x}.{value}"


def base(token: str, key: str) -> str | None:
    """The value a row was exported with; None for a row without a token.

    Raises:
        RowFault: the token is damaged or belongs to another row.
    """
    if not token:
        return None
    checksum, dot, value = token.partition(".")
    if not dot or checksum != f"k{crc32(f'{key}|{value}'.encode()):08x}":
        raise RowFault(
            "row-token does not belong to this row: export again, or leave the cell empty to "
            "import the row as it is"
        )
    return value
