"""The index behind searching by a piece of text, on SQLite: trigrams of orders and of products.

Other databases search their own tables. Here, per *subject*, an FTS5 table holds which trigrams
each row's texts have, under a key of ours, and a plain table leads from keys to rows. Keys of
orders grow with the order's date, so a page by date is read off the index and no further.

What the index finds are *candidates*: the statement that lists them still compares the texts
themselves. So the index may know too much but never too little, and that makes its upkeep cheap.
Triggers only note which rows are new or changed (in the table of those that wait, which every
search counts as found); :func:`settle` enters them, sorted and all at once, before a write commits.
Nothing is ever taken out: what the text was before can at worst be a candidate in vain.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

OLDEST_SQLITE = (3, 34)  # the first with the trigram tokenizer
SECONDS_PER_BUCKET = 1024
KEYS_PER_BUCKET = 1 << 24
"""An order's key is its date in buckets of 17 minutes, and a number within the bucket."""

_HASH_BYTES = 16 * 1024 * 1024
# Behind each text, so that its last letters begin a trigram too, for words shorter than one.
_END = "char(10, 10)"


@dataclass(frozen=True)
class Subject:
    """What is searched: the tables of one index and the statements that fill it."""

    table: str
    key_column: str
    texts: str  # SQL over the row ``t``
    new_keys: str  # SQL: key and id of the rows that wait and have none

    @property
    def keys(self) -> str:
        """The table from keys to rows."""
        return f"{self.table}_SEARCH"

    @property
    def waiting(self) -> str:
        """The table of the rows that are not in the index yet."""
        return f"{self.table}_SEARCH_WAITING"

    @property
    def text(self) -> str:
        """The FTS5 table."""
        return f"{self.table}_SEARCH_TEXT"

    @property
    def terms(self) -> str:
        """The trigrams of the FTS5 table, as a table."""
        return f"{self.table}_SEARCH_TERMS"


def _joined(*columns: str) -> str:
    return " || ".join(f"coalesce({column} || {_END}, '')" for column in columns)


ORDERS = Subject(
    "ORDER_HEADER",
    "ORDER_ID",
    _joined('t."ORDER_ID"', 't."ORDER_NAME"', 't."EXTERNAL_ID"')
    + f""" || coalesce((SELECT group_concat(p."PARTY_NAME" || {_END}, '') FROM "ORDER_ROLE" r
 CROSS JOIN "PARTY" p ON p."PARTY_ID" = r."PARTY_ID"
 WHERE r."ORDER_ID" = t."ORDER_ID" AND r."ROLE_TYPE_ID" = 'PLACING_CUSTOMER'), '')""",
    f"""SELECT bucket * {KEYS_PER_BUCKET} - 1 + number + coalesce(
  (SELECT max(k."SEARCH_KEY") + 1 - bucket * {KEYS_PER_BUCKET} FROM "ORDER_HEADER_SEARCH" k
   WHERE k."SEARCH_KEY" >= bucket * {KEYS_PER_BUCKET}
   AND k."SEARCH_KEY" < (bucket + 1) * {KEYS_PER_BUCKET}), 0), "ORDER_ID"
FROM (SELECT *, row_number() OVER (PARTITION BY bucket ORDER BY "ORDER_DATE", "ORDER_ID") AS number
 FROM (SELECT t."ORDER_ID", t."ORDER_DATE",
  CAST(coalesce(strftime('%s', t."ORDER_DATE"), 0) AS INTEGER) / {SECONDS_PER_BUCKET} AS bucket
  FROM "ORDER_HEADER_SEARCH_WAITING" w CROSS JOIN "ORDER_HEADER" t USING ("ORDER_ID")))
ORDER BY 1""",
)
PRODUCTS = Subject(
    "PRODUCT",
    "PRODUCT_ID",
    _joined('t."INTERNAL_NAME"', 't."PRODUCT_NAME"'),
    """SELECT NULL, t."PRODUCT_ID"
FROM "PRODUCT_SEARCH_WAITING" w CROSS JOIN "PRODUCT" t USING ("PRODUCT_ID")""",
)
SUBJECTS = (ORDERS, PRODUCTS)
_ANY_WAITS = "SELECT " + ", ".join(
    f'EXISTS (SELECT 1 FROM "{subject.waiting}")' for subject in SUBJECTS
)


def _waits(subject: Subject, row: str) -> str:
    return f'INSERT OR IGNORE INTO "{subject.waiting}" VALUES ({row}."{subject.key_column}");'


_IS_SALE = "WHEN NEW.\"ORDER_TYPE_ID\" = 'SALES_ORDER'"
_IS_CUSTOMER = "WHEN NEW.\"ROLE_TYPE_ID\" = 'PLACING_CUSTOMER'"
_ORDERS_OF_PARTY = (
    f'INSERT OR IGNORE INTO "{ORDERS.waiting}" SELECT "ORDER_ID" FROM "ORDER_ROLE"'
    ' WHERE "PARTY_ID" = NEW."PARTY_ID" AND "ROLE_TYPE_ID" = \'PLACING_CUSTOMER\';'
)


def _gone(subject: Subject) -> str:
    column = subject.key_column
    return " ".join(
        f'DELETE FROM "{table}" WHERE "{column}" = OLD."{column}";'
        for table in (subject.keys, subject.waiting)
    )


# Each trigger: its name, the event, its condition, what it does.
_TRIGGERS: tuple[tuple[str, str, str, str], ...] = (
    ("SEARCH_ORDER_NEW", 'INSERT ON "ORDER_HEADER"', _IS_SALE, _waits(ORDERS, "NEW")),
    (
        "SEARCH_ORDER_CHANGED",
        'UPDATE OF "ORDER_NAME", "EXTERNAL_ID", "ORDER_DATE" ON "ORDER_HEADER"',
        _IS_SALE,
        _waits(ORDERS, "NEW"),
    ),
    ("SEARCH_ORDER_GONE", 'DELETE ON "ORDER_HEADER"', "", _gone(ORDERS)),
    ("SEARCH_CUSTOMER_NEW", 'INSERT ON "ORDER_ROLE"', _IS_CUSTOMER, _waits(ORDERS, "NEW")),
    ("SEARCH_CUSTOMER_OTHER", 'UPDATE ON "ORDER_ROLE"', _IS_CUSTOMER, _waits(ORDERS, "NEW")),
    ("SEARCH_PARTY_NEW", 'INSERT ON "PARTY"', "", _ORDERS_OF_PARTY),
    (
        "SEARCH_PARTY_RENAMED",
        'UPDATE OF "PARTY_NAME" ON "PARTY"',
        'WHEN NEW."PARTY_NAME" <> OLD."PARTY_NAME"',
        _ORDERS_OF_PARTY,
    ),
    ("SEARCH_PRODUCT_NEW", 'INSERT ON "PRODUCT"', "", _waits(PRODUCTS, "NEW")),
    (
        "SEARCH_PRODUCT_CHANGED",
        'UPDATE OF "INTERNAL_NAME", "PRODUCT_NAME" ON "PRODUCT"',
        "",
        _waits(PRODUCTS, "NEW"),
    ),
    ("SEARCH_PRODUCT_GONE", 'DELETE ON "PRODUCT"', "", _gone(PRODUCTS)),
)


def can_index(connection: Connection) -> bool:
    """Whether this database gets the index: SQLite with FTS5 and its trigram tokenizer."""
    if connection.dialect.name != "sqlite" or sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return False
    options = connection.exec_driver_sql("PRAGMA compile_options").scalars().all()
    return "ENABLE_FTS5" in options


def has_index(connection: Connection) -> bool:
    """Whether this database has the index."""
    if connection.dialect.name != "sqlite":
        return False
    found = connection.exec_driver_sql(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ORDER_HEADER_SEARCH_TEXT'"
    )
    return found.first() is not None


def is_part(table: str | None) -> bool:
    """Whether a table of that name belongs to the index: FTS5 makes several of its own."""
    return table is not None and any(
        table.startswith((subject.keys, subject.text)) for subject in SUBJECTS
    )


def create_statements() -> Sequence[str]:
    """The statements that create the index, empty, with the triggers that keep it up."""
    tables = [
        statement
        for subject in SUBJECTS
        for statement in (
            f'CREATE TABLE "{subject.keys}" ("SEARCH_KEY" INTEGER PRIMARY KEY,'
            f' "{subject.key_column}" VARCHAR(20) NOT NULL UNIQUE)',
            f'CREATE TABLE "{subject.waiting}" ("{subject.key_column}" VARCHAR(20) NOT NULL,'
            f' PRIMARY KEY ("{subject.key_column}")) WITHOUT ROWID',
            f'CREATE VIRTUAL TABLE "{subject.text}" USING fts5("TEXT", content=\'\','
            " columnsize=0, detail=none, tokenize='trigram')",
            # Fewer and larger pieces while many rows are entered.
            f'INSERT INTO "{subject.text}" ("{subject.text}", "rank")'
            f" VALUES ('hashsize', {_HASH_BYTES})",
            f'CREATE VIRTUAL TABLE "{subject.terms}" USING fts5vocab("{subject.text}", \'row\')',
        )
    ]
    return [*tables, *trigger_statements()]


def trigger_statements() -> Sequence[str]:
    """The statements that create the triggers."""
    return [
        f'CREATE TRIGGER "{name}" AFTER {event} {condition} BEGIN {action} END'
        for name, event, condition, action in _TRIGGERS
    ]


def drop_trigger_statements() -> Sequence[str]:
    """The statements that remove the triggers, for a transaction that ends with :func:`fill`."""
    return [f'DROP TRIGGER "{name}"' for name, *_ in _TRIGGERS]


def drop_statements() -> Sequence[str]:
    """The statements that remove the index again (a migration's way back)."""
    return [
        *drop_trigger_statements(),
        *(
            f'DROP TABLE "{table}"'
            for subject in SUBJECTS
            for table in (subject.terms, subject.text, subject.waiting, subject.keys)
        ),
    ]


def fill(connection: Connection) -> None:
    """Enter every row of the book into the new, empty index."""
    connection.exec_driver_sql(
        f'INSERT OR IGNORE INTO "{ORDERS.waiting}" SELECT "ORDER_ID" FROM "ORDER_HEADER"'
        " WHERE \"ORDER_TYPE_ID\" = 'SALES_ORDER' ORDER BY 1"
    )
    connection.exec_driver_sql(
        f'INSERT OR IGNORE INTO "{PRODUCTS.waiting}" SELECT "PRODUCT_ID" FROM "PRODUCT" ORDER BY 1'
    )
    settle(connection)


def no_texts_change(connection: Connection) -> None:
    """Say that this transaction neither makes nor renames an order, a customer or a product."""
    connection.info["preorder_no_texts_change"] = True


def settle(connection: Connection) -> None:
    """Enter the rows that wait: at the end of every transaction that may have changed texts."""
    if connection.dialect.name != "sqlite":
        return
    known = connection.info  # of the driver's connection: it outlives the transaction
    if known.pop("preorder_no_texts_change", False):
        return
    if not known.get("preorder_search_index"):
        if not has_index(connection):
            return
        known["preorder_search_index"] = True
    # By the driver: nothing waits at the end of most transactions, and each of them asks.
    waits = connection.connection.cursor().execute(_ANY_WAITS).fetchone()
    for subject, any_waits in zip(SUBJECTS, waits, strict=True):
        if not any_waits:
            continue
        waiting = f'"{subject.waiting}"'
        column = f'"{subject.key_column}"'
        for statement in (
            # With another date an order gets another key; what is under the old one leads nowhere.
            f'DELETE FROM "{subject.keys}" WHERE {column} IN (SELECT {column} FROM {waiting})',
            f'INSERT INTO "{subject.keys}" ("SEARCH_KEY", {column}) {subject.new_keys}',
            f'INSERT INTO "{subject.text}" (rowid, "TEXT") SELECT k."SEARCH_KEY", {subject.texts}'
            f' FROM {waiting} w CROSS JOIN "{subject.keys}" k USING ({column})'
            f' CROSS JOIN "{subject.table}" t USING ({column}) ORDER BY 1',
            f"DELETE FROM {waiting}",
        ):
            connection.exec_driver_sql(statement)
