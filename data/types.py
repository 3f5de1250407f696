"""Column types: exact in the schema, plain in Python, the same on every database."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine


@compiles(DateTime, "mysql", "mariadb")
def _moment_to_the_microsecond(_type: DateTime, _compiler: Any, **_options: Any) -> str:
    """MariaDB and MySQL keep whole seconds unless they are told otherwise."""
    return "DATETIME(6)"


@compiles(Text, "mysql", "mariadb")
def _text_of_any_length(_type: Text, _compiler: Any, **_options: Any) -> str:
    """TEXT ends at 64 KB on MariaDB and MySQL; a command or a journaled row may be longer."""
    return "LONGTEXT"


def sqlite_moment(moment: datetime) -> str:
    """A moment as SQLite stores it: as text, which sorts as moments do."""
    return moment.isoformat(" ", "microseconds")


class Quantity(TypeDecorator[int]):
    """Units: DECIMAL(18,6) in the schema (OFBiz fixed-point), whole numbers in Python.

    SQLite's NUMERIC affinity keeps whole numbers as integers, so nothing is converted there.
    """

    impl = Numeric(18, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Numeric(18, 6, asdecimal=False))
        return dialect.type_descriptor(Numeric(18, 6))

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return _whole(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Every driver gives a number that is one already: no more than one call for each."""
        return _whole


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


class Money(TypeDecorator[Decimal]):
    """An amount of money: DECIMAL in the schema, :class:`decimal.Decimal` in Python.

    SQLite has no decimal storage: the amount is bound as text, kept by NUMERIC affinity and
    rounded back to its scale when read, which is exact for every amount below 9 * 10**12.
    """

    impl = Numeric(18, 3)
    cache_ok = True

    def __init__(self, scale: int = 3) -> None:
        super().__init__(18, scale)
        self._scale = scale
        self._quantum = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Numeric(18, self._scale, asdecimal=False))
        return dialect.type_descriptor(Numeric(18, self._scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return float(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(str(value)).quantize(self._quantum)
