"""IMP_FACILITY: warehouses and stores."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.tables import facility
from preorder_tui.exim import fields, sequences
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.opening import FACILITIES

PARKINGS = frozenset(row[0] for row in FACILITIES if row[1] != "WAREHOUSE")
KINDS = (
    "WAREHOUSE",
    "OUTLET_WAREHOUSE",
    "DISTRIBUTION_CENTER",
    "RETAIL_STORE",
    "OUTLET_STORE",
    "PHYSICAL_STORE",
)
ADDRESS = ("address-line-1", "address-line-2", "postal-code", "city", "state", "country")


def prepare(context: ImportContext) -> Prepared:
    """Check the rows; facilities that are here already are updated."""
    good: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    for row in context.rows():
        try:
            values = _values(row)
            facility_id = values["FACILITY_ID"]
            if facility_id in good:
                raise RowFault(
                    f"facility-id {facility_id!r} stands on line {lines[facility_id]} too"
                )
        except RowFault as fault:
            context.handed_back.add(row.line, str(fault))
            continue
        good[facility_id] = {name: value for name, value in values.items() if value is not None}
        lines[facility_id] = row.line
    now = context.clock.now()
    present: dict[str, Any] = {
        row["FACILITY_ID"]: row for row in context.connection.execute(select(facility)).mappings()
    }
    changed = {
        facility_id: values
        for facility_id, values in good.items()
        if any(present.get(facility_id, {}).get(name) != value for name, value in values.items())
    }

    def write(connection: Connection) -> None:
        sequences.lock(connection, "Facility")
        known = set(connection.execute(select(facility.c.FACILITY_ID)).scalars())
        for facility_id, values in changed.items():
            if facility_id in known:
                connection.execute(
                    update(facility)
                    .where(facility.c.FACILITY_ID == facility_id)
                    .values(**values, LAST_UPDATED_STAMP=now)
                )
            else:
                made = {"FACILITY_TYPE_ID": "WAREHOUSE", "FACILITY_NAME": facility_id} | values
                connection.execute(
                    insert(facility).values(**made, CREATED_STAMP=now, LAST_UPDATED_STAMP=now)
                )

    number = len(changed)
    return Prepared(
        f"Import {number:,} {'facility' if number == 1 else 'facilities'}",
        unchanged=len(good) - number,
        masters=write if changed else None,
    )


def _values(row: Row) -> dict[str, Any]:
    facility_id = fields.text(row, "facility-id", fields.LONGEST_ID)
    if facility_id in PARKINGS:
        raise RowFault(f"facility-id {facility_id!r} is a parking of the desk itself")
    kind = fields.text(row, "facility-type-id", required=False).upper()
    if kind and kind not in KINDS:
        raise RowFault(f"facility-type-id {kind!r} is none of {', '.join(KINDS)}")
    address = ", ".join(filter(None, (row[column] for column in ADDRESS)))
    if len(address) > fields.LONGEST_TEXT:
        raise RowFault(f"the address is longer than {fields.LONGEST_TEXT} characters")
    return {
        "FACILITY_ID": facility_id,
        "FACILITY_TYPE_ID": kind or None,
        "FACILITY_NAME": fields.text(row, "facility-name", required=False) or None,
        "EXTERNAL_ID": fields.text(row, "external-id", fields.LONGEST_NAME, required=False) or None,
        "ADDRESS": address or None,
    }
