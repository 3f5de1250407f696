"""The text of Find Sales Order's search, looked up in SQLite's index of pieces of text."""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Subquery,
    TextClause,
    bindparam,
    column,
    func,
    select,
    text,
)

from data.search_index import ORDERS, PRODUCTS
from data.tables import product
from preorder_tui import text_index
from preorder_tui.paging import Statement
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import Products, Shape, product_has
from preorder_tui.text_search import words

MOST_PRODUCTS = 6_000
MOST_KEYS = 40_000
"""Orders with a word, of which the keys are put together to be looked up in."""
_ORDER_ID = column("ORDER_ID", String)
_LINE = (_ORDER_ID, column("ORDER_ITEM_SEQ_ID", String))
_NONE = "[]"


@dataclass(frozen=True)
class _Word:
    """One word of a search: what finds it in orders, and the list of the products that have it."""

    expression: str | None
    known: Products
    products: str


@dataclass(frozen=True)
class Named:
    """The orders with a word: how many, what reads them, and the word's number; None: the words
    that only orders have, together."""

    number: int
    orders: Subquery
    word: int | None


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
        self._numbers: dict[str, tuple[int, int]] = {}
        self.shape = replace(shape, products=tuple(word.known for word in self._words))
        """The query's shape, with what is known of the products."""
        self.values = {**values, **dict(self._texts())}
        """The values of its statements, and of those that find its words."""

    def _word(self, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]) -> _Word:
        expression = text_index.expression(self._connection, ORDERS, spellings)
        listed = _products_with(self._connection, number, spellings, values)
        if listed is None:
            return _Word(expression, "many", "")
        return _Word(expression, "none" if listed == _NONE else "listed", listed)

    def _texts(self) -> Iterator[tuple[str, str]]:
        if self.own:
            yield "key_text", self.own
        for number, word in enumerate(self._words):
            if word.known == "listed":
                yield f"products_{number}", word.products
            if word.expression:
                yield f"key_text_{number}", word.expression

    @cached_property
    def own(self) -> str | None:
        """The expression that finds the orders with every word that only orders have; None when
        there is no such word. Empty when no order has them."""
        told = [word.expression for word in self._words if word.known == "none"]
        known = [expression for expression in told if expression is not None]
        return text_index.all_of(known) if known else None

    @property
    def only_own(self) -> bool:
        """Whether these are all words there are."""
        return all(word.known == "none" and word.expression is not None for word in self._words)

    @cached_property
    def some_wait(self) -> bool:
        """Whether there are orders that the index does not know yet."""
        return text_index.some_wait(self._connection)

    def number_of(self, expression: str, most: int = MOST_KEYS) -> int:
        """How many orders an expression finds; counted to one more than ``most``."""
        number, counted = self._numbers.get(expression, (0, -1))
        if number > counted < most:
            counted = max(most, MOST_KEYS)
            number = text_index.number_of(self._connection, ORDERS, expression, counted + 1)
            self._numbers[expression] = number, counted
        return min(number, most + 1)

    def with_products(self) -> Iterator[tuple[int, str]]:
        """The numbers of the words that some products on a list have, with the expressions that
        find them in orders."""
        for number, word in enumerate(self._words):
            if word.known == "listed" and word.expression is not None:
                yield number, word.expression

    def fewest(self, most: int) -> Named | None:
        """The word that the fewest orders have; None when these are more than ``most``."""
        # Each word must be somewhere: the orders of any one have all that count.
        found: Named | None = None
        if self.own is not None and (number := self.number_of(self.own, most)) <= most:
            found = Named(number, _orders_with(self.own, None), None)
        for name, expression in self.with_products():
            least = most if found is None else found.number - 1
            number = self.number_of(expression, least)
            if number <= least:
                number += self._lines_of(name, least + 1 - number)
            if number <= least:
                found = Named(number, _orders_with(expression, name), name)
        return found

    def lines(self, word: int) -> Subquery | None:
        """The keys of the lines whose products have a word; None: orders have it too."""
        expression = self._words[word].expression
        if expression is None or self.some_wait or self.number_of(expression):
            return None
        of_products = _LINES_OF_PRODUCTS.format(f"products_{word}")
        lines = text(f'SELECT g."ORDER_ID", g."ORDER_ITEM_SEQ_ID" FROM {of_products}')
        return lines.columns(*_LINE).subquery("lines_with_word")

    def orders(self, most: int) -> list[str] | None:
        """The orders that may have all words; None when they are more than ``most``."""
        found = self.fewest(most)
        if found is None:
            return None
        listed = self._connection.execute(select(found.orders), self.values).scalars()
        return list(dict.fromkeys(listed))

    def _lines_of(self, number: int, limit: int) -> int:
        values = {"products": self.values[f"products_{number}"], "most": limit}
        found: int = self._connection.execute(_NUMBER_OF_LINES, values).scalar_one()
        return found


def products_with(
    connection: Connection, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]
) -> tuple[str, ...] | None:
    """The products that have a word, the one of that number in ``values``; None: too many."""
    listed = _products_with(connection, number, spellings, values)
    return None if listed is None else tuple(json.loads(listed))


def _products_with(
    connection: Connection, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]
) -> str | None:
    # As the value of a parameter, which SQLite writes sooner than it hands out so many rows.
    matching = text_index.expression(connection, PRODUCTS, spellings)
    if matching is None:
        return None
    candidates = text_index.number_of(connection, PRODUCTS, matching, MOST_PRODUCTS + 1)
    if candidates > MOST_PRODUCTS:
        return None
    if not candidates:
        return _NONE
    having = _having(number, len(spellings), bool(matching))
    listed: str = connection.execute(having, {**values, "of_products": matching}).scalar_one()
    return listed


@lru_cache(maxsize=64)
def _having(number: int, spellings: int, told: bool) -> Statement:
    found = text(text_index.found_by(PRODUCTS, "told" if told else "", "of_products"))
    candidates = found.columns(column("PRODUCT_ID", String)).subquery("candidates")
    return select(func.json_group_array(product.c.PRODUCT_ID)).where(
        product.c.PRODUCT_ID.in_(select(candidates.c.PRODUCT_ID)), product_has(number, spellings)
    )


_LINES_OF_PRODUCTS = (
    '"ORDER_ITEM" g INDEXED BY "ORDER_ITEM_OF_PRODUCT_IX"'
    ' WHERE g."PRODUCT_ID" IN (SELECT value FROM json_each(:{}))'
)
_NUMBER_OF_LINES: TextClause = text(
    f"SELECT count(*) FROM (SELECT 1 FROM {_LINES_OF_PRODUCTS.format('products')} LIMIT :most)"
).bindparams(bindparam("most", type_=Integer, literal_execute=True))


def _orders_with(expression: str, word: int | None) -> Subquery:
    """The orders that have a word, or whose products have it, and those that wait."""
    name = "key_text" if word is None else f"key_text_{word}"
    sql = text_index.found_by(ORDERS, expression, name)
    if word is not None:
        of_products = _LINES_OF_PRODUCTS.format(f"products_{word}")
        sql += f' UNION ALL SELECT g."ORDER_ID" FROM {of_products}'
    return text(sql).columns(_ORDER_ID).subquery("orders_with_word")
