"""Statements that run many times a second: compiled once, run on the driver's own cursor.

SQLAlchemy takes longer to get a statement ready and to dress its result than SQLite takes to run
it. A :class:`Prepared` statement is a Core statement like any other; its text, the order of its
values and how types are converted are what SQLAlchemy made of it for the dialect, and are kept. An
error of the driver is handed to SQLAlchemy, which names it and gives up a lost line as ever.

It is for short statements with single values, where somebody waits. Lists of values, many rows at
once and results of many rows gain nothing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update

Convert = Callable[[Any], Any]


@dataclass(slots=True)
class _Ready:
    """A statement as one dialect takes it.

    Attributes:
        text: the statement.
        names: of its values, in their order where the driver goes by it.
        by_position: whether it does.
        constants: values that are part of the statement.
        to_driver: values that the driver does not take as they are.
        to_python: places in a row that the driver does not give as they are wanted; None until
            the first row has said what the driver gives.
    """

    text: str
    names: tuple[str, ...]
    by_position: bool
    constants: dict[str, Any]
    to_driver: tuple[tuple[str, Convert], ...]
    to_python: tuple[tuple[int, Convert], ...] | None = None


class Prepared:
    """A Core statement, compiled once for the dialect that it runs on."""

    def __init__(
        self,
        statement: Select[Any] | Insert | Update | Delete,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Keep ``statement``.

        Args:
            statement: its parameters are single values, never lists.
            columns: what an INSERT without VALUES gives, by the names of the columns.
        """
        self.statement = statement
        self._columns = None if columns is None else list(columns)
        self._last: tuple[Dialect, _Ready] | None = None  # mostly there is one
        self._by_dialect: WeakKeyDictionary[Dialect, _Ready] = WeakKeyDictionary()

    def rows(self, connection: Connection, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Its rows, as plain tuples of Python's types."""
        if _heard(connection):
            return [tuple(row) for row in connection.execute(self.statement, values)]
        ready = self._ready(connection.dialect)
        cursor = _executed(connection, ready, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        if not found:
            return []
        convert = ready.to_python
        if convert is None:
            convert = self._conversions(connection.dialect, cursor.description)
            ready.to_python = convert
        cursor.close()
        if not convert:
            return found
        rows: list[tuple[Any, ...]] = []
        for row in found:
            changed = list(row)
            for place, to_python in convert:
                if (value := changed[place]) is not None:
                    changed[place] = to_python(value)
            rows.append(tuple(changed))
        return rows

    def run(self, connection: Connection, values: dict[str, Any]) -> int:
        """Run it for what it does; how many rows it matched."""
        if _heard(connection):
            return connection.execute(self.statement, values).rowcount
        cursor = _executed(connection, self._ready(connection.dialect), values)
        matched: int = cursor.rowcount
        cursor.close()
        return matched

    def new_id(self, connection: Connection, values: dict[str, Any]) -> int:
        """Run an INSERT of one row; the number that the database gave it."""
        if _heard(connection):
            made: Any = connection.execute(self.statement, values).inserted_primary_key
            return int(made[0])
        cursor = _executed(connection, self._ready(connection.dialect), values)
        # Where the dialect asks for the key, the statement returns it; else the driver knows it.
        number: int = cursor.lastrowid if cursor.description is None else cursor.fetchone()[0]
        cursor.close()
        return number

    def _ready(self, dialect: Dialect) -> _Ready:
        last = self._last
        if last is not None and last[0] is dialect:
            return last[1]
        ready = self._by_dialect.get(dialect)
        if ready is None:
            ready = self._by_dialect[dialect] = self._compiled(dialect)
        self._last = (dialect, ready)
        return ready

    def _compiled(self, dialect: Dialect) -> _Ready:
        compiled: Any = self.statement.compile(dialect=dialect, column_keys=self._columns)
        if compiled.prefetch:
            raise AssertionError(f"{compiled}: give these columns a value: {compiled.prefetch}")
        converted = []
        for bind, name in compiled.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                converted.append((name, convert))
        return _Ready(
            str(compiled),
            tuple(compiled.positiontup or ()),
            compiled.positiontup is not None,
            {
                name: bind.effective_value
                for bind, name in compiled.bind_names.items()
                if not bind.required
            },
            tuple(converted),
        )

    def _conversions(
        self, dialect: Dialect, description: Sequence[Sequence[Any]]
    ) -> tuple[tuple[int, Convert], ...]:
        columns = self.statement.exported_columns
        found = []
        for place, (column, described) in enumerate(zip(columns, description, strict=True)):
            implemented = column.type.dialect_impl(dialect)
            convert = implemented.result_processor(dialect, described[1])
            if convert is not None:
                found.append((place, convert))
        return tuple(found)


def _executed(connection: Connection, ready: _Ready, values: dict[str, Any]) -> Any:
    """The driver's cursor, after it has run the statement."""
    given = ready.constants | values if ready.constants else values
    if ready.to_driver:
        given = dict(given)
        for name, convert in ready.to_driver:
            given[name] = convert(given[name])
    parameters: Any = [given[name] for name in ready.names] if ready.by_position else given
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy's own execute does
    cursor = None
    try:
        cursor = connection.connection.cursor()
        cursor.execute(ready.text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, ready.text, parameters, cursor, None)
    return cursor


def _heard(connection: Connection) -> bool:
    """Whether somebody listens to statements: then SQLAlchemy runs them, and tells."""
    if not (connection._has_events or connection.engine._has_events):
        return False
    return bool(connection.dispatch.before_cursor_execute)
