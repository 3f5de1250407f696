"""Variants as people name them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert

from data import tables as t
from preorder_tui import products
from preorder_tui.errors import UnknownId
from tests.book import Book


def test_products_are_read_with_all_their_names(engine: Engine, book: Book) -> None:
    bag = book.product("BAG-1", parent="Bag", color="Red", size="M", name="Tote\x07 bag")
    cap = book.product("CAP")
    with engine.begin() as connection:
        connection.execute(
            insert(t.good_identification),
            [
                {"PRODUCT_ID": bag, "GOOD_IDENTIFICATION_TYPE_ID": kind, "ID_VALUE": value}
                for kind, value in (("UPCA", "0123"), ("SKU", "other"))
            ],
        )
    with engine.connect() as connection:
        found = products.load(connection, [bag, cap, "none", bag])
        assert set(found) == {bag, cap}
        info = found[bag]
        assert (info.sku, info.name, info.parent_name) == ("BAG-1", "Tote bag", "Bag")
        assert (info.color, info.size, info.upc) == ("Red", "M", "0123")
        info = found[cap]
        assert (info.parent_name, info.color, info.size, info.upc) == ("", "", "", "")
        assert products.load(connection, []) == {}


def test_more_products_than_one_statement_takes(engine: Engine, book: Book) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(t.product),
            [{"PRODUCT_ID": f"N{n}", "INTERNAL_NAME": f"SKU-{n}"} for n in range(1100)],
        )
    with engine.connect() as connection:
        assert len(products.load(connection, (f"N{n}" for n in range(1100)))) == 1100


def test_by_sku(engine: Engine, book: Book) -> None:
    bag = book.product("BAG-1")
    with engine.connect() as connection:
        assert products.by_sku(connection, " BAG-1 ") == bag
        for text in ("bag-2", "\x00"):
            with pytest.raises(UnknownId, match="there is no product"):
                products.by_sku(connection, text)
