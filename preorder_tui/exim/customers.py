"""Customers of imported sales orders: found by their ids, or made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from data.tables import party
from preorder_tui.exim import fields
from preorder_tui.exim.rows import Row, RowFault

PLACEHOLDERS = frozenset(
    ("unknown", "anonymous", "guest", "none", "null", "n/a", "na", "nan", "-", "?")
)
"""Last names that shops write when they know no customer."""

ADDRESS = ("address-line-1", "address-line-2", "postal-code", "city", "state", "country")


class Customer(NamedTuple):
    """Who placed an order, as a row says it."""

    party_id: str  # customer-id: somebody who is here already
    external_id: str
    name: str
    email: str
    phone: str
    address: str
    country: str

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two rows' customers the same person within one file."""
        if self.external_id:
            return ("external", self.external_id)
        if self.party_id:
            return ("party", self.party_id)
        return ("person", self.name.casefold(), self.email.casefold())

    def values(self, party_id: str, now: datetime) -> dict[str, Any]:
        """The PARTY row of a new customer."""
        return {
            "PARTY_ID": party_id,
            "PARTY_TYPE_ID": "PERSON",
            "EXTERNAL_ID": self.external_id or None,
            "PARTY_NAME": self.name or self.external_id or self.email,
            "EMAIL_ADDRESS": self.email or None,
            "PHONE_NUMBER": self.phone or None,
            "POSTAL_ADDRESS": self.address or None,
            "COUNTRY": self.country or None,
            "CREATED_STAMP": now,
            "LAST_UPDATED_STAMP": now,
        }


def customer(row: Row) -> Customer:
    """The customer of a row.

    Raises:
        RowFault: the row names nobody, or a cell is too long.
    """
    first = fields.text(row, "first-name", required=False)
    last = fields.text(row, "last-name", required=False)
    found = Customer(
        fields.text(row, "customer-id", fields.LONGEST_ID, required=False),
        fields.text(row, "customer-external-id", fields.LONGEST_NAME, required=False),
        " ".join(filter(None, (first, last))),
        fields.text(row, "email", required=False),
        fields.text(row, "phone", fields.LONGEST_NAME, required=False),
        ", ".join(filter(None, (row[column] for column in ADDRESS))),
        fields.text(row, "country", fields.LONGEST_NAME, required=False),
    )
    if max(len(found.name), len(found.address)) > fields.LONGEST_TEXT:
        raise RowFault(f"name or address is longer than {fields.LONGEST_TEXT} characters")
    if not (found.party_id or found.external_id or found.email) and (
        not found.name or (last or first).casefold() in PLACEHOLDERS
    ):
        raise RowFault("without a customer: no id, no email and no name")
    return found


def add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert new customers."""
    if rows:
        connection.execute(insert(party), rows)
