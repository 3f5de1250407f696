"""The same transactions by hand on a bare driver: what the desk's throughput is measured against.

As the desk does, an action is read first (one read transaction) and then written in another one
that locks the lines, compares their versions and the units that are left, writes the rows, the
derived copies and the journal. Nothing here is general: each statement is written for its action,
and what one statement can say is not said in two.

It does what any correct program has to. Lines are locked in the order of their keys, with those
that the guards and the copies will write to, or servers spend their time on deadlocks; what the
store refuses is a stale plan. It reads what the person may do, but does not judge it.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import make_url

from data.engine import MYSQL_CONSTRAINT_ERRORS, MYSQL_SESSION
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.lines import LineId
from tests.soak import raw_statements as sql

Result = TypeVar("Result")

_COLUMN = {
    "promisedDatetime": "PROMISED_DATETIME",
    "estimatedDeliveryDate": "ESTIMATED_DELIVERY_DATE",
}
_OPEN = ("ORDER_CREATED", "ORDER_APPROVED", "ITEM_CREATED", "ITEM_APPROVED")

# A row of the journal: line, its purchase order line, field, old, new.
Row = tuple[LineId, LineId | None, str, Any, Any]


class RawClerk:
    """A clerk without a desk."""

    def __init__(self, url: str, user: str) -> None:
        self.user = user
        self.kind = make_url(url).get_backend_name()
        self._races: tuple[type[Exception], ...] = ()
        self._refusals: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
        if self.kind == "sqlite":
            self.connection: Any = sqlite3.connect(
                str(make_url(url).database), timeout=10, isolation_level=None
            )
            for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "temp_store = MEMORY",
                           "cache_size = -16000"):  # fmt: skip
                self.connection.execute(f"PRAGMA {pragma}")
        elif self.kind == "postgresql":
            import psycopg

            self._races = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
            self._refusals = (psycopg.errors.IntegrityError,)
            self.connection = psycopg.connect(url, autocommit=True)
        else:
            import pymysql

            parsed = make_url(url)
            self._races = (pymysql.err.OperationalError,)
            self._refusals = (pymysql.err.IntegrityError,)
            self.connection = pymysql.connect(
                host=parsed.host or "localhost",
                port=parsed.port or 3306,
                user=parsed.username,
                password=parsed.password or "",
                database=parsed.database,
                unix_socket=parsed.query.get("unix_socket"),
                charset="utf8mb4",
                init_command=MYSQL_SESSION,
                autocommit=True,
            )
            self._run("SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin")
        self.close = self.connection.close

    # --- The driver ---

    def _run(self, statement: str, values: Sequence[Any] = ()) -> Any:
        if self.kind == "sqlite":
            return self.connection.execute(statement.replace("%s", "?"), values)
        cursor = self.connection.cursor()
        cursor.execute(statement, values or None)
        return cursor

    def _one(self, statement: str, *values: Any) -> Any:
        return self._run(statement, values).fetchone()

    def _locked(self, statement: str, *values: Any, share: bool = False) -> list[Any]:
        if self.kind == "sqlite":
            end = ""
        elif share:
            end = " FOR SHARE" if self.kind == "postgresql" else " LOCK IN SHARE MODE"
        else:
            end = " FOR UPDATE"
        found: list[Any] = self._run(statement + end, values).fetchall()
        return found

    def _moment(self, moment: datetime | None) -> Any:
        if moment is None or self.kind != "sqlite":
            return moment
        return moment.isoformat(" ", "microseconds")

    def _read_moment(self, value: Any) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def _transaction(self, begin: Sequence[str], work: Callable[[], Result]) -> Result:
        for attempt in range(6):
            for statement in begin:
                self._run(statement)
            try:
                result = work()
                self._run("COMMIT")
                return result
            except self._refusals as error:
                self._roll_back()
                raise StalePlan("the store refused it: a line no longer has these units") from error
            except self._races as error:
                self._roll_back()
                if self.kind not in ("postgresql", "sqlite") and error.args[0] not in (1213, 1020):
                    if error.args[0] in MYSQL_CONSTRAINT_ERRORS:
                        raise StalePlan("the store refused it: look at the line again") from error
                    raise
                time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)
            except BaseException:
                self._roll_back()
                raise
        raise AssertionError("it lost every race")

    def _roll_back(self) -> None:
        if self.kind == "postgresql":
            # By the driver the server would forget all statements that it has ready.
            self.connection.pgconn.exec_(b"ROLLBACK")
        else:
            self._run("ROLLBACK")

    def _reading(self, work: Callable[[], Result]) -> Result:
        begin = {
            "sqlite": ["BEGIN"],
            "postgresql": ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"],
        }.get(self.kind, ["BEGIN"])
        return self._transaction(begin, work)

    def _writing(self, work: Callable[[], Result]) -> Result:
        begin = {"sqlite": ["BEGIN IMMEDIATE"], "postgresql": ["BEGIN"]}.get(
            self.kind, ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN"]
        )

        def checked() -> Result:
            self._run(sql.PERSON, (self.user,)).fetchall()
            return work()

        return self._transaction(begin, checked)

    # --- Actions ---

    def allocate(self, line: LineId, to: LineId, units: int) -> int | None:
        sale, links, purchase = self._reading(
            lambda: (
                self._one(sql.SALE, *line),
                self._run(sql.LINKS, line).fetchall(),
                self._one(sql.PURCHASE, *to),
            )
        )
        if sale[4] not in _OPEN or sale[5] not in _OPEN or sale[6] != "PRE_ORDER_PARKING":
            raise Refused(f"{line} cannot be allocated as it stands")
        if purchase[0] != sale[0] or purchase[2] not in _OPEN or purchase[3] not in _OPEN:
            raise Refused(f"{to} is no supply for {line} as it stands")
        if units > sale[1] - sale[2] - sale[3] or units > purchase[1]:
            raise Refused(f"{units} units are too many for {line} or for {to}")
        old = next((int(row[2]) for row in links if (row[0], row[1]) == to), 0)
        arrivals = [self._read_moment(row[3]) for row in links] + [self._read_moment(purchase[5])]
        promise, promised = max(a for a in arrivals if a is not None), self._read_moment(sale[7])
        rows: list[Row] = [(line, to, "allocation", old, old + units)]
        if promise != promised:
            rows.append((line, None, "promisedDatetime", promised, promise))
        versions = {line: sale[8], to: purchase[6]}
        orders = {line.order_id: sale[9], to.order_id: purchase[7]}
        return self._apply(f"allocate {line} {to} --quantity {units}", rows, versions, orders)

    def deallocate(self, line: LineId, to: LineId) -> int | None:
        sale, links, purchase = self._reading(
            lambda: (
                self._one(sql.SALE, *line),
                self._run(sql.LINKS, line).fetchall(),
                self._one(sql.PURCHASE, *to),
            )
        )
        units = next((int(row[2]) for row in links if (row[0], row[1]) == to), 0)
        if not units:
            raise Refused(f"{line} has no units from {to}")
        rows: list[Row] = [(line, to, "allocation", units, 0)]
        versions = {line: sale[8], to: purchase[6]}
        orders = {line.order_id: sale[9], to.order_id: purchase[7]}
        return self._apply(f"deallocate {line} {to}", rows, versions, orders)

    def promise(self, line: LineId, day: date) -> int | None:
        sale = self._reading(lambda: self._one(sql.SALE, *line))
        old, new = self._read_moment(sale[7]), _end_of(day)
        if old == new:
            return None
        rows: list[Row] = [(line, None, "promisedDatetime", old, new)]
        return self._apply(
            f"set-promise-date {line} {day}", rows, {line: sale[8]}, {line.order_id: sale[9]}
        )

    def arrive(self, line: LineId, day: date) -> int | None:
        purchase, _served = self._reading(
            lambda: (self._one(sql.PURCHASE, *line), self._run(sql.SERVED, line).fetchall())
        )
        old, new = self._read_moment(purchase[5]), _end_of(day)
        if old == new:
            return None
        rows: list[Row] = [(line, None, "estimatedDeliveryDate", old, new)]
        return self._apply(
            f"set-arrival-date {line} {day}", rows, {line: purchase[6]},
            {line.order_id: purchase[7]},
        )  # fmt: skip

    def undo(self) -> int | None:
        def read() -> tuple[int, list[Row], dict[LineId, int]]:
            last = self._one(sql.MY_LAST, self.user)
            if last is None:
                raise Refused("there is nothing of yours to undo")
            rows: list[Row] = []
            versions: dict[LineId, int] = {}
            for order_id, item, to, to_item, name, old, new in self._run(sql.ROWS, last).fetchall():
                line = LineId(order_id, item)
                *dates, versions[line] = self._one(sql.VALUES, *line)
                if to is not None:
                    units = {(r[0], r[1]): int(r[2]) for r in self._run(sql.LINKS, line).fetchall()}
                    now, then, back = units.get((to, to_item), 0), int(new), int(old)
                    rows.append((line, LineId(to, to_item), name, then, back))
                else:
                    now = self._read_moment(dates[name != "promisedDatetime"])
                    then = None if new is None else datetime.fromisoformat(new)
                    back = None if old is None else datetime.fromisoformat(old)
                    rows.append((line, None, name, then, back))
                if now != then:
                    raise Refused(f"{line} was changed later: take that back first")
            return last[0], rows, versions

        number, rows, versions = self._reading(read)
        return self._apply(f"undo {number}", rows, versions, {}, number)

    # --- Writing ---

    def _apply(
        self,
        command: str,
        rows: list[Row],
        versions: dict[LineId, int],
        orders: dict[str, int],
        inverse_of: int | None = None,
    ) -> int:
        now = datetime.now(UTC).replace(tzinfo=None)

        def work() -> int:
            served = [
                LineId(*key)
                for line, _, name, *_ in rows
                if name == "estimatedDeliveryDate"
                for key in self._run(sql.SERVED, line).fetchall()
            ]
            linked = {to for _, to, *_ in rows if to is not None}
            wanted = sorted({*versions, *served, *linked})
            standing = {
                LineId(*row[:2]): row[2:]
                for row in self._locked(
                    sql.STANDING.format(" OR ".join([sql.KEY] * len(wanted))),
                    *(part for line in wanted for part in line),
                )
            }
            for line, version in versions.items():
                if line not in standing or standing[line][0] != version:
                    raise StalePlan(f"{line} was changed by somebody else")
            if orders:
                ids = [*sorted(orders)] * (2 // len(orders))
                found = dict(self._locked(sql.ORDERS, *ids, share=True))
                if any(found.get(order) != version for order, version in orders.items()):
                    raise StalePlan("an order was changed by somebody else")
            fields: dict[LineId, list[tuple[str, Any]]] = {}
            for line, to, name, old, new in rows:
                fields.setdefault(line, [])
                if to is not None:
                    inverse = inverse_of is not None
                    self._link(line, to, old, new, now, standing[to], inverse=inverse)
                else:
                    fields[line].append((_COLUMN[name], self._moment(new)))
            for line in {line for line, to, *_ in rows if to is not None}:
                arrival, order_id = self._copies(line)
                fields[line] += [
                    ("ESTIMATED_DELIVERY_DATE", arrival),
                    ("CORRESPONDING_PO_ID", order_id),
                ]
            for line, columns in fields.items():
                assignments = "".join(f'"{column}" = %s,' for column, _ in columns)
                values = [value for _, value in columns]
                self._run(
                    sql.SET.format(assignments), [*values, self.user, self._moment(now), *line]
                )
            for line in served:
                self._run(sql.COPIES, [*self._copies(line), *line])
            number: int = self._one(
                sql.CHANGE_SET, self._moment(now), self.user, command, len(rows), inverse_of
            )[0]
            journal: list[Any] = []
            for line, to, name, old, new in rows:
                kind = "ODR_ITM_UPDATE" if to is not None else "ITM_DLVRYDATE_CHNGD"
                where = to if to is not None else (None, None)
                journal += [number, *line, *where, kind, name, _text(old), _text(new)]
            self._run(sql.CHANGES + ", ".join([sql.CHANGE] * len(rows)), journal)
            return number

        return self._writing(work)

    def _copies(self, line: LineId) -> tuple[Any, Any]:
        """The latest arrival of a line's supply, and its order."""
        links = self._run(sql.LINKS, line).fetchall()
        latest = max(links, key=lambda row: (row[3], row[0], row[1]), default=None)
        return (latest[3], latest[0]) if latest else (None, None)

    def _link(
        self,
        line: LineId,
        to: LineId,
        old: int,
        new: int,
        now: datetime,
        standing: Sequence[Any],
        *,
        inverse: bool,
    ) -> None:
        if new > old:
            _, atp, ordered, ceiling, allocated = standing
            sellable = ordered if ceiling is None else min(ordered, ceiling)
            left = sellable - allocated if inverse else atp
            if new - old > left:
                raise StalePlan(f"{to} has {left} units left, {new - old} are needed")
        if not old:
            self._run(sql.INSERT_LINK, [*line, *to, new, self._moment(now), self.user])
        elif new:
            if self._run(sql.UPDATE_LINK, [new, *line, *to, old]).rowcount != 1:
                raise StalePlan(f"an allocation of {line} was changed by somebody else")
        elif self._run(sql.DELETE_LINK, [*line, *to, old]).rowcount != 1:
            raise StalePlan(f"an allocation of {line} was changed by somebody else")


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(days=1, microseconds=-1)


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return None if value is None else str(value)
