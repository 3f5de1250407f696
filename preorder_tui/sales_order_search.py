"""The text of Find Sales Order's search, looked up in SQLite's index of pieces of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, select

from data.search_index import ORDERS, PRODUCTS
from data.tables import order_item, product
from preorder_tui import text_index
from preorder_tui.paging import Statement
from preorder_tui.query_hints import as_list, in_list
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import Products, Shape, product_has
from preorder_tui.text_search import words

MOST_PRODUCTS = 6_000


@dataclass(frozen=True)
class _Word:
    """One word of a search: what finds it in orders, and the products that have it."""

    expression: str | None
    known: Products
    products: tuple[str, ...]


class Search:
    """The words of a query, with what the index knows of them."""

    def __init__(
        self,
        connection: Connection,
        query: SalesOrderQuery,
        shape: Shape,
        values: Mapping[str, Any],
    ) -> None:
        self._connection = connection
        self._words = [
            self._word(number, spellings, values)
            for number, spellings in enumerate(words(query.text))
        ]
        known = tuple(word.known for word in self._words)
        self._in_orders = set(known) == {"none"}
        self.shape = replace(shape, products=known)
        """The query's shape, with what is known of the products."""
        self.values = {
            **values,
            **{
                f"products_{number}": as_list(word.products)
                for number, word in enumerate(self._words)
                if word.known == "listed"
            },
        }
        """The values of its statements."""

    def _word(self, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]) -> _Word:
        expression = text_index.expression(self._connection, ORDERS, spellings)
        ids = products_with(self._connection, number, spellings, values)
        if ids is None:
            return _Word(expression, "many", ())
        return _Word(expression, "listed" if ids else "none", ids)

    @property
    def matching(self) -> str | None:
        """The expression that finds the orders; None when it takes more than the index of orders.

        Empty when there are none.
        """
        told = [word.expression for word in self._words if word.expression is not None]
        if not self._in_orders or len(told) < len(self._words):
            return None
        return text_index.all_of(told)

    def some_wait(self) -> bool:
        """Whether there are orders that the index does not know yet."""
        return text_index.some_wait(self._connection)

    def few_have(self, expression: str, most: int) -> bool:
        """Whether an expression finds no more than so many orders."""
        return text_index.number_of_orders(self._connection, expression, most + 1) <= most

    def known(self) -> list[tuple[str | None, Products]]:
        """Of each word the expression that finds it in orders, and what is known of products."""
        return [(word.expression, word.known) for word in self._words]

    def orders(self, most: int) -> list[str] | None:
        """The orders that may have all words; None when they are more than ``most``."""
        if self._in_orders:
            told = [word.expression for word in self._words if word.expression is not None]
            if not told:
                return None
            return text_index.candidates(self._connection, ORDERS, text_index.all_of(told), most)
        # Each word must be somewhere: the orders of any one word have all that count.
        best: list[str] | None = None
        for word in self._words:
            found = self._orders_of(word, most if best is None else len(best))
            best = found if found is not None else best
        return best

    def _orders_of(self, word: _Word, most: int) -> list[str] | None:
        if word.expression is None or word.known == "many":
            return None
        found: list[str] = []
        if word.products:
            values = {"products": as_list(word.products), "most": most + 1}
            found = list(self._connection.execute(_OF_PRODUCTS, values).scalars())
            if len(found) > most:
                return None
        named = text_index.candidates(self._connection, ORDERS, word.expression, most)
        return None if named is None else list(dict.fromkeys([*found, *named]))


def products_with(
    connection: Connection, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]
) -> tuple[str, ...] | None:
    """The products that have a word, the one of that number in ``values``; None: too many."""
    of_products = text_index.expression(connection, PRODUCTS, spellings)
    if of_products is None:
        return None
    ids = text_index.candidates(connection, PRODUCTS, of_products, MOST_PRODUCTS)
    if not ids:
        return None if ids is None else ()
    having = _having(number, len(spellings))
    return tuple(connection.execute(having, {**values, "candidates": as_list(ids)}).scalars())


@lru_cache(maxsize=64)
def _having(number: int, spellings: int) -> Statement:
    return select(product.c.PRODUCT_ID).where(
        in_list(product.c.PRODUCT_ID, "candidates"), product_has(number, spellings)
    )


_OF_PRODUCTS = (
    select(order_item.c.ORDER_ID)
    .where(in_list(order_item.c.PRODUCT_ID, "products"))
    .limit(bindparam("most", type_=Integer, literal_execute=True))
)
