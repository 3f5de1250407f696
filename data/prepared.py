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
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, DateTime, Delete, Dialect, Insert, Select, Update

from data.types import sqlite_moment

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
        late: of values that were put in later, how they are converted and where they go.
    """

    text: str
    names: tuple[str, ...]
    by_position: bool
    constants: dict[str, Any]
    to_driver: tuple[tuple[str, Convert], ...]
    to_python: tuple[tuple[int, Convert], ...] | None = None
    late: dict[str, tuple[Convert | None, list[int]]] = field(default_factory=dict)

    def parameters(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = self.constants | values if self.constants else values
        if self.to_driver:
            given = dict(given)
            for name, convert in self.to_driver:
                given[name] = convert(given[name])
        return [given[name] for name in self.names] if self.by_position else given

    def put(self, parameters: Any, name: str, value: Any) -> None:
        """Put another value in place of one of those parameters."""
        known = self.late.get(name)
        if known is None:
            places = [place for place, one in enumerate(self.names) if one == name]
            known = self.late[name] = (dict(self.to_driver).get(name), places)
        convert, places = known
        if convert is not None:
            value = convert(value)
        if not self.by_position:
            parameters[name] = value
        for place in places:
            parameters[place] = value


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
        return Bound(self, connection.dialect, values).rows(connection)

    def run(self, connection: Connection, values: dict[str, Any]) -> int:
        """Run it for what it does; how many rows it matched."""
        return Bound(self, connection.dialect, values).run(connection)

    def new_id(self, connection: Connection, values: dict[str, Any]) -> int:
        """Run an INSERT of one row; the number that the database gave it."""
        return Bound(self, connection.dialect, values).new_id(connection)

    def bound(self, dialect: Dialect, values: dict[str, Any]) -> Bound:
        """It with values, ready to be run: nothing but that is left to do."""
        return Bound(self, dialect, values)

    def converted(self, dialect: Dialect, ready: _Ready, cursor: Any) -> list[tuple[Any, ...]]:
        """The cursor's rows."""
        found: list[tuple[Any, ...]] = cursor.fetchall()
        if not found:
            return []
        convert = ready.to_python
        if convert is None:
            convert = ready.to_python = self._conversions(dialect, cursor.description)
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

    def ready(self, dialect: Dialect) -> _Ready:
        """What it is for a dialect."""
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
                if dialect.name == "sqlite" and isinstance(bind.type, DateTime):
                    convert = _moment  # the same text, in a fifth of the time
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


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else sqlite_moment(moment)


class Bound:
    """A prepared statement with its values as the driver takes them."""

    __slots__ = ("_given", "_parameters", "_prepared", "_ready")

    def __init__(self, prepared: Prepared, dialect: Dialect, values: dict[str, Any]) -> None:
        self._prepared = prepared
        self._given = values
        self._ready = prepared.ready(dialect)
        self._parameters = self._ready.parameters(values)

    def put(self, **values: Any) -> None:
        """Put other values in place of some that it was given."""
        self._given |= values
        for name, value in values.items():
            self._ready.put(self._parameters, name, value)

    def rows(self, connection: Connection) -> list[tuple[Any, ...]]:
        """Its rows, as plain tuples of Python's types."""
        if _heard(connection):
            result = connection.execute(self._prepared.statement, self._given)
            return [tuple(row) for row in result]
        ready = self._ready
        cursor = _executed(connection, ready.text, self._parameters)
        return self._prepared.converted(connection.dialect, ready, cursor)

    def run(self, connection: Connection) -> int:
        """Run it for what it does; how many rows it matched."""
        if _heard(connection):
            return connection.execute(self._prepared.statement, self._given).rowcount
        cursor = _executed(connection, self._ready.text, self._parameters)
        matched: int = cursor.rowcount
        cursor.close()
        return matched

    def new_id(self, connection: Connection) -> int:
        """Run an INSERT of one row; the number that the database gave it."""
        if _heard(connection):
            result = connection.execute(self._prepared.statement, self._given)
            made: Any = result.inserted_primary_key
            return int(made[0])
        cursor = _executed(connection, self._ready.text, self._parameters)
        # Where the dialect asks for the key, the statement returns it; else the driver knows it.
        number: int = cursor.lastrowid if cursor.description is None else cursor.fetchone()[0]
        cursor.close()
        return number


def _executed(connection: Connection, text: str, parameters: Any) -> Any:
    """The driver's cursor, after it has run the statement."""
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy's own execute does
    cursor: Any = None
    try:
        line: Any = connection.connection.dbapi_connection
        cursor = line.cursor()
        cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, text, parameters, cursor, None)
    return cursor


def _heard(connection: Connection) -> bool:
    """Whether somebody listens to statements: then SQLAlchemy runs them, and tells."""
    if not (connection._has_events or connection.engine._has_events):
        return False
    return bool(connection.dispatch.before_cursor_execute)
