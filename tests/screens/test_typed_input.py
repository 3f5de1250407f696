"""Bytes from the terminal: Esc is Esc, bad bytes are harmless, pastes stay whole."""

from __future__ import annotations

import pytest

from screens.typed_input import TypedInput


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (b"abc", ["abc"]),
        (b"\x1b[A\x1bOP", ["\x1b[A\x1bOP"]),
        (b"\x1by", ["\x1b", "y"]),
        (b"\x1b\r", ["\x1b", "\r"]),
        (b"\x1b\x1b[B", ["\x1b", "\x1b[B"]),
        (b"5\x1b\x1b7", ["5", "\x1b", "\x1b", "7"]),
        (b"\x1b[200~a\x1bb\x1b[201~\x1bq", ["\x1b[200~", "a\x1bb\x1b[201~", "\x1b", "q"]),
        ("é".encode("latin-1") + b"x", ["\ufffdx"]),
        ("日本".encode(), ["日本"]),
    ],
)
def test_pieces(data: bytes, pieces: list[str]) -> None:
    typed = TypedInput()
    assert list(typed.pieces(data)) == pieces
    assert not typed.waiting


def test_an_esc_at_the_end_waits_for_what_follows() -> None:
    typed = TypedInput()
    assert list(typed.pieces(b"a\x1b")) == ["a"]
    assert typed.waiting
    assert list(typed.pieces(b"[A")) == ["\x1b[A"]
    assert list(typed.pieces(b"\x1b")) == []
    assert list(typed.pieces(b"y")) == ["\x1b", "y"]
    assert list(typed.pieces(b"\x1b")) == []
    assert typed.give_up_waiting() == "\x1b"
    assert not typed.waiting


def test_characters_and_pastes_may_come_in_parts() -> None:
    typed = TypedInput()
    first, second = "日".encode()[:1], "日".encode()[1:]
    assert [*typed.pieces(first), *typed.pieces(second)] == ["日"]
    parts = [b"\x1b[200~one\x1b", b"two\x1b[201~", b"\x1bz"]
    assert "".join(piece for part in parts for piece in typed.pieces(part)) == (
        "\x1b[200~one\x1btwo\x1b[201~\x1bz"
    )
