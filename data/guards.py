"""Triggers on ORDER_ITEM_ASSOC that keep ALLOCATED_QUANTITY of both lines equal to its rows.

Together with the CHECK constraints of ORDER_ITEM they make over-allocation impossible for every
path to the database, raw SQL included: the counter moves with the row, and the CHECK refuses the
row when the counter would pass the line's open quantity. A row between lines of different products,
or one that changes its lines, is refused too.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

DIFFERENT_PRODUCT = "an allocation links two lines of the same product"
KEY_CHANGED = "an allocation keeps its lines: delete it and insert another"

_SIDES = (("ORDER_ID", "ORDER_ITEM_SEQ_ID"), ("TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"))


def _counter(delta: str, row: str) -> str:
    """Two UPDATE statements that move both counters by ``delta`` (SQL over the trigger's rows)."""
    return "\n".join(
        'UPDATE "ORDER_ITEM" SET "ALLOCATED_QUANTITY" = "ALLOCATED_QUANTITY" + '
        f'({delta}) WHERE "ORDER_ID" = {row}."{order}" AND "ORDER_ITEM_SEQ_ID" = {row}."{item}";'
        for order, item in _SIDES
    )


_PRODUCTS_DIFFER = """NOT EXISTS (
  SELECT 1 FROM "ORDER_ITEM" s JOIN "ORDER_ITEM" p ON p."PRODUCT_ID" = s."PRODUCT_ID"
  JOIN "ORDER_HEADER" sh ON sh."ORDER_ID" = s."ORDER_ID" AND sh."ORDER_TYPE_ID" = 'SALES_ORDER'
  JOIN "ORDER_HEADER" ph ON ph."ORDER_ID" = p."ORDER_ID" AND ph."ORDER_TYPE_ID" = 'PURCHASE_ORDER'
  WHERE s."ORDER_ID" = NEW."ORDER_ID" AND s."ORDER_ITEM_SEQ_ID" = NEW."ORDER_ITEM_SEQ_ID"
    AND p."ORDER_ID" = NEW."TO_ORDER_ID" AND p."ORDER_ITEM_SEQ_ID" = NEW."TO_ORDER_ITEM_SEQ_ID")"""

_KEY_DIFFERS = " OR ".join(
    f'NEW."{column}" <> OLD."{column}"' for side in _SIDES for column in side
)

_INSERTED = _counter('NEW."QUANTITY"', "NEW")
_UPDATED = _counter('NEW."QUANTITY" - OLD."QUANTITY"', "NEW")
_DELETED = _counter('0 - OLD."QUANTITY"', "OLD")

TRIGGERS = ("ALLOCATION_INSERTED", "ALLOCATION_UPDATED", "ALLOCATION_DELETED")


def create_statements(dialect: str) -> Sequence[str]:
    """The statements that create the guards on ``sqlite``, ``postgresql``, ``mysql``/``mariadb``.

    Raises:
        ValueError: for another dialect.
    """
    if dialect == "sqlite":
        return (
            f"""CREATE TRIGGER "ALLOCATION_INSERTED" AFTER INSERT ON "ORDER_ITEM_ASSOC" BEGIN
SELECT RAISE(ABORT, '{DIFFERENT_PRODUCT}') WHERE {_PRODUCTS_DIFFER};
{_INSERTED}
END""",
            f"""CREATE TRIGGER "ALLOCATION_UPDATED" AFTER UPDATE ON "ORDER_ITEM_ASSOC" BEGIN
SELECT RAISE(ABORT, '{KEY_CHANGED}') WHERE {_KEY_DIFFERS};
{_UPDATED}
END""",
            f"""CREATE TRIGGER "ALLOCATION_DELETED" AFTER DELETE ON "ORDER_ITEM_ASSOC" BEGIN
{_DELETED}
END""",
        )
    if dialect == "postgresql":
        return (
            f"""CREATE FUNCTION "ALLOCATION_GUARD"() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
 IF TG_OP = 'INSERT' THEN
  IF {_PRODUCTS_DIFFER} THEN
   RAISE EXCEPTION '{DIFFERENT_PRODUCT}' USING ERRCODE = 'check_violation';
  END IF;
  {_INSERTED}
  RETURN NEW;
 ELSIF TG_OP = 'UPDATE' THEN
  IF {_KEY_DIFFERS} THEN
   RAISE EXCEPTION '{KEY_CHANGED}' USING ERRCODE = 'check_violation';
  END IF;
  {_UPDATED}
  RETURN NEW;
 END IF;
 {_DELETED}
 RETURN OLD;
END $guard$""",
            'CREATE TRIGGER "ALLOCATION_GUARDED" AFTER INSERT OR UPDATE OR DELETE'
            ' ON "ORDER_ITEM_ASSOC" FOR EACH ROW EXECUTE FUNCTION "ALLOCATION_GUARD"()',
        )
    if dialect in ("mysql", "mariadb"):
        # Dropped first: there a migration may be run again over what it made (see
        # data.migrations.resumable).
        return (
            *(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS),
            f"""CREATE TRIGGER ALLOCATION_INSERTED AFTER INSERT ON "ORDER_ITEM_ASSOC"
FOR EACH ROW BEGIN
IF {_PRODUCTS_DIFFER} THEN
 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{DIFFERENT_PRODUCT}'; END IF;
{_INSERTED}
END""",
            f"""CREATE TRIGGER ALLOCATION_UPDATED AFTER UPDATE ON "ORDER_ITEM_ASSOC"
FOR EACH ROW BEGIN
IF {_KEY_DIFFERS} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{KEY_CHANGED}'; END IF;
{_UPDATED}
END""",
            f"""CREATE TRIGGER ALLOCATION_DELETED AFTER DELETE ON "ORDER_ITEM_ASSOC"
FOR EACH ROW BEGIN
{_DELETED}
END""",
        )
    raise ValueError(f"no allocation guards are written for {dialect}")


def drop_statements(dialect: str) -> Sequence[str]:
    """The statements that remove the guards again (a migration's way back)."""
    if dialect == "postgresql":
        return (
            'DROP TRIGGER "ALLOCATION_GUARDED" ON "ORDER_ITEM_ASSOC"',
            'DROP FUNCTION "ALLOCATION_GUARD"()',
        )
    there = "IF EXISTS " if dialect in ("mysql", "mariadb") else ""
    return tuple(f'DROP TRIGGER {there}"{name}"' for name in TRIGGERS)


@contextmanager
def counters_by_trigger(connection: Connection, *, suspended: bool) -> Iterator[bool]:
    """Whether the triggers move the counters within the block, or its own statements have to.

    Row by row they double the cost of a million allocations. Where DDL is part of the transaction
    and locks nobody else out (SQLite), ``suspended`` takes them away for the block; they are back
    before the transaction can commit, and a transaction that fails has never been without. The
    CHECKs stay in force all the time.
    """
    if not suspended or connection.dialect.name != "sqlite":
        yield True
        return
    for statement in drop_statements("sqlite"):
        connection.exec_driver_sql(statement)
    yield False
    for statement in create_statements("sqlite"):
        connection.exec_driver_sql(statement)
