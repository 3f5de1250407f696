"""Rows about order lines: staged, their line found, and sorted by its key, all by the set.

A row names its order by id or external id, and its item by number or SKU. The id goes before the
external id, the number before the SKU; a SKU must be that of exactly one open line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    String,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    update,
)

from data.bulk import Rows
from data.staging import create, temporary
from data.tables import SERIAL, order_header, order_item, product
from preorder_tui.exim import fields
from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.handed_back import FAILED, from_select
from preorder_tui.exim.rows import Row
from preorder_tui.exim.values import Values, read_values
from preorder_tui.lines import LineId
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.words import SALES_ORDER

WAITING = 20_000
_BY_ID = "\x1f"  # before a product id, where SKUs stand
_KEY = "LINE_NO ORDER_ID EXTERNAL_ID ORDER_ITEM_SEQ_ID PRODUCT"


@dataclass(frozen=True, slots=True)
class LineColumns:
    """Which columns of a file name the order and the line."""

    order_id: str = "order-id"
    external_id: str = "order-external-id"
    item: str = "order-item-seq-id"
    sku: str = "product-sku"
    product_id: str = ""  # instead of the SKU
    order_type_id: str = SALES_ORDER
    order_words: str = "sales order"

    def why_not_here(self, line: LineId, order_type_id: str | None) -> str:
        """Why there is no such line; ``order_type_id`` is of the order of that id, if any."""
        if order_type_id is None:
            return f"{self.order_id} {line.order_id!r} does not exist"
        if order_type_id != self.order_type_id:
            return f"{self.order_id} {line.order_id!r} is not a {self.order_words}"
        return f"{self.order_words} {line.order_id!r} has no item {line.order_item_seq_id!r}"


class LineStage:
    """The staged rows of one import.

    Args:
        payload: columns of the caller's own, kept beside the key.
    """

    def __init__(
        self, context: ImportContext, columns: LineColumns, payload: Iterable[Column[Any]]
    ) -> None:
        own = list(payload)
        self.context = context
        self.columns = columns
        self.names = [column.name for column in own]
        self.staged = temporary(
            "EXIM_STAGED",
            Column("LINE_NO", Integer, primary_key=True, autoincrement=False),
            Column("ORDER_ID", String(20)),
            Column("EXTERNAL_ID", String(60)),
            Column("ORDER_ITEM_SEQ_ID", String(20)),
            Column("PRODUCT", String(60)),
            *(Column(column.name, column.type) for column in own),
        )
        self.sorted = temporary(
            "EXIM_SORTED",
            Column("N", SERIAL, primary_key=True, autoincrement=True),
            Column("LINE_NO", Integer, nullable=False),
            Column("ORDER_ID", String(20), nullable=False),
            Column("ORDER_ITEM_SEQ_ID", String(20), nullable=False),
            *(Column(column.name, column.type) for column in own),
        )

    @property
    def connection(self) -> Connection:
        """Where the tables are."""
        return self.context.connection

    def read(self, readers: list[Values]) -> Iterator[tuple[Any, ...]]:
        """The good records: line, order id, external id, item, SKU, and what ``readers`` read."""
        names = self.columns
        keys = [
            Values(names.order_id, _text_or_none(fields.LONGEST_ID)),
            Values(names.external_id, _text_or_none(fields.LONGEST_NAME)),
            Values(names.item, fields.item_number),
            Values(names.sku, _text_or_none(fields.LONGEST_NAME)),
            Values(names.product_id, _product_id),
        ]
        handed_back = self.context.handed_back
        for chunk in self.context.chunks():
            for record in read_values(chunk, [*keys, *readers], handed_back):
                line, order_id, external_id, item, sku, product_id, *payload = record
                sku = sku or product_id
                if order_id is None and external_id is None:
                    reason = f"{names.order_id} and {names.external_id} are both empty"
                    handed_back.add(line, reason)
                elif item is None and sku is None:
                    handed_back.add(line, f"{names.item} and {names.sku} are both empty")
                else:
                    yield (line, order_id, external_id, item, sku, *payload)

    def fill(self, records: Iterable[tuple[Any, ...]]) -> None:
        """Stage records: the key as :meth:`read` gives it, then the payload; then sort them."""
        create(self.connection, self.staged, self.sorted)
        rows = Rows(self.connection, self.staged, " ".join([_KEY, *self.names]))
        need_order = need_item = False
        for record in records:
            need_order = need_order or record[1] is None
            need_item = need_item or record[3] is None
            rows.add(record)
            if len(rows.waiting) >= WAITING:
                rows.insert()
        rows.insert()
        self.context.handed_back.flush()
        self.context.tell("checking", 0, self.context.records)
        if need_order:
            self._find_orders()
        if need_item:
            self._find_items()
        self._sort()

    def _find_orders(self) -> None:
        staged = self.staged.c
        mine = and_(
            order_header.c.EXTERNAL_ID == staged.EXTERNAL_ID,
            order_header.c.ORDER_TYPE_ID == self.columns.order_type_id,
        )
        lacking = staged.ORDER_ID.is_(None)
        number = select(func.count()).select_from(order_header).where(mine).scalar_subquery()
        name, words = self.columns.external_id, self.columns.order_words
        for wanted, kind, rest in (
            (number == 0, f"{name} … names no {words}", f" names no {words}"),
            (number > 1, f"{name} … names several {words}s",
             f" names several {words}s: give their {self.columns.order_id}"),
        ):  # fmt: skip
            self._hand_back(
                and_(lacking, wanted),
                kind,
                literal(f"{name} ") + _quoted(staged.EXTERNAL_ID) + rest,
            )
        found = select(func.min(order_header.c.ORDER_ID)).where(mine).scalar_subquery()
        self.connection.execute(
            update(self.staged).where(lacking, number == 1).values(ORDER_ID=found)
        )

    def _find_items(self) -> None:
        staged = self.staged.c
        lacking = and_(staged.ORDER_ITEM_SEQ_ID.is_(None), staged.ORDER_ID.is_not(None))
        open_line = and_(
            order_item.c.ORDER_ID == staged.ORDER_ID,
            order_item.c.STATUS_ID.not_in(CLOSED_ITEM_STATUSES),
            or_(
                staged.PRODUCT == product.c.INTERNAL_NAME,
                staged.PRODUCT == literal(_BY_ID) + product.c.PRODUCT_ID,
            ),
        )
        lines = order_item.join(product, product.c.PRODUCT_ID == order_item.c.PRODUCT_ID)

        def of_lines(value: Any) -> Any:
            query = select(value).select_from(lines).where(open_line)
            return query.correlate(self.staged).scalar_subquery()

        number = of_lines(func.count())
        order, sku = _quoted(staged.ORDER_ID), _quoted(staged.PRODUCT)
        words, name = self.columns.order_words, self.columns.sku
        self._hand_back(
            and_(lacking, number == 0),
            f"{words} … has no open line of {name} …",
            literal(f"{words} ") + order + f" has no open line of {name} " + sku,
        )
        self._hand_back(
            and_(lacking, number > 1),
            f"{words} … has several open lines of {name} …",
            literal(f"{words} ") + order + f" has several open lines of {name} " + sku
            + f": give the {self.columns.item}",
        )  # fmt: skip
        found = of_lines(func.min(order_item.c.ORDER_ITEM_SEQ_ID))
        self.connection.execute(
            update(self.staged).where(lacking, number == 1).values(ORDER_ITEM_SEQ_ID=found)
        )

    def _hand_back(self, condition: Any, kind: str, reason: Any) -> None:
        from_select(
            self.connection,
            select(self.staged.c.LINE_NO, literal(FAILED), literal(kind), reason, literal(None))
            .where(condition),
        )  # fmt: skip

    def _sort(self) -> None:
        staged = self.staged.c
        names = ["LINE_NO", "ORDER_ID", "ORDER_ITEM_SEQ_ID", *self.names]
        self.connection.execute(
            self.sorted.insert().from_select(
                names,
                select(*(staged[name] for name in names))
                .where(staged.ORDER_ID.is_not(None), staged.ORDER_ITEM_SEQ_ID.is_not(None))
                .order_by(staged.ORDER_ID, staged.ORDER_ITEM_SEQ_ID, staged.LINE_NO),
            )
        )
        self.connection.exec_driver_sql('DROP TABLE "EXIM_STAGED"')
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql('ANALYZE "EXIM_SORTED"')

    def repeated(self) -> Any:
        """The condition that a sorted row's line stands in another row too."""
        row, other = self.sorted.c, self.sorted.alias("beside")
        same = and_(
            other.c.ORDER_ID == row.ORDER_ID,
            other.c.ORDER_ITEM_SEQ_ID == row.ORDER_ITEM_SEQ_ID,
        )
        return or_(
            *(select(other.c.N).where(other.c.N == row.N + step, same).exists() for step in (-1, 1))
        )


def joined(table: Table) -> Any:
    """``table`` (with ORDER_ID and ORDER_ITEM_SEQ_ID) with its order lines and their orders."""
    return table.outerjoin(
        order_item,
        and_(
            order_item.c.ORDER_ID == table.c.ORDER_ID,
            order_item.c.ORDER_ITEM_SEQ_ID == table.c.ORDER_ITEM_SEQ_ID,
        ),
    ).outerjoin(order_header, order_header.c.ORDER_ID == table.c.ORDER_ID)


def _quoted(column: Any) -> Any:
    return literal("'") + func.replace(column, _BY_ID, "") + literal("'")


def _text_or_none(longest: int) -> Any:
    def read(row: Row, column: str) -> str | None:
        return fields.text(row, column, longest, required=False) or None

    return read


def _product_id(row: Row, column: str) -> str | None:
    value = fields.text(row, column, fields.LONGEST_ID, required=False)
    return f"{_BY_ID}{value}" if value else None
