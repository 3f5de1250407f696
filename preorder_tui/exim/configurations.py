"""The table of EXIM configurations: what each is for, and the columns of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preorder_tui.errors import UnknownId
from preorder_tui.text import clean

ERROR_COLUMN = "error"
"""The last column of a Failed Records file; ignored when the file is uploaded again."""

Direction = Literal["import", "export"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file; a mandatory one must be there and filled in."""

    name: str
    mandatory: bool = False
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One entry of the EXIM page.

    Attributes:
        one_of: groups of columns of which at least one must be there.
        aliases: other names that files use for a column.
        module: the module of :mod:`preorder_tui.exim` that does it.
    """

    config_id: str
    direction: Direction
    category: str
    title: str
    description: str
    columns: tuple[Column, ...]
    module: str
    one_of: tuple[tuple[str, ...], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns, in the order of the template."""
        return tuple(column.name for column in self.columns)

    @property
    def mandatory(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(column.name for column in self.columns if column.mandatory)

    def template(self) -> str:
        """A sample file: the header and one row."""
        return (
            f"{','.join(self.column_names)}\r\n"
            f"{','.join(column.sample for column in self.columns)}\r\n"
        )


def _columns(mandatory: str, optional: str, **samples: str) -> tuple[Column, ...]:
    return tuple(
        Column(name, is_mandatory, samples.get(name.replace("-", "_"), ""))
        for names, is_mandatory in ((mandatory, True), (optional, False))
        for name in names.split()
    )


_ALL = (
    Configuration(
        "MDM_PRODUCT",
        "import",
        "PIM",
        "Products",
        "Variants with their parent product, colour, size and UPC; a known SKU is updated.",
        _columns(
            "product-sku product-name",
            "parent-product-name color size upc",
            product_sku="MH-01-4580",
            product_name="Rain jacket blue M",
            parent_product_name="Rain jacket",
            color="Blue",
            size="M",
            upc="042000062008",
        ),
        "products",
    ),
    Configuration(
        "IMP_FACILITY",
        "import",
        "Warehouse",
        "Facilities",
        "Warehouses and stores; a known facility is updated.",
        _columns(
            "facility-id",
            "external-id facility-name facility-type-id address-line-1 address-line-2 city"
            " postal-code state country",
            facility_id="WH1",
            external_id="1456",
            facility_name="Main warehouse",
        ),
        "facilities",
    ),
    Configuration(
        "IMP_ORDER",
        "import",
        "Order Management",
        "Sales orders",
        "Approved sales orders: rows with the same external-id are lines of one order.",
        _columns(
            "external-id product-store-id item-status-id order-date quantity",
            "product-sku product-id facility-id external-facility-id customer-id"
            " customer-external-id first-name last-name email phone address-line-1 address-line-2"
            " city postal-code state country order-identification item-external-id unit-price"
            " sales-channel-id currency",
            external_id="536365",
            product_store_id="STORE",
            item_status_id="ITEM_APPROVED",
            order_date="2026-11-01 08:26:00",
            quantity="6",
            product_sku="MH-01-4580",
            facility_id="PRE_ORDER_PARKING",
            customer_external_id="17850",
            first_name="Ana",
            last_name="Costa",
            unit_price="2.55",
        ),
        "sales_orders",
        one_of=(("product-sku", "product-id"),),
    ),
    Configuration(
        "IMP_PO",
        "import",
        "Procurement",
        "Purchase orders",
        "Rows with the same external-id are lines of one purchase order; lines of an open order "
        "that is here already are updated.",
        _columns(
            "external-id product-store-id product-sku quantity arrival-date",
            "facility-id external-facility-id available-to-promise unit-price item-external-id"
            " is-new-product",
            external_id="10157",
            product_store_id="STORE",
            facility_id="WH1",
            product_sku="MH-01-4580",
            quantity="110",
            available_to_promise="90",
            unit_price="30",
            arrival_date="2026-12-12",
        ),
        "purchase_orders",
        one_of=(("facility-id", "external-facility-id"),),
        aliases=(("atp", "available-to-promise"), ("is-new-style", "is-new-product")),
    ),
)

CONFIGURATIONS = {configuration.config_id: configuration for configuration in _ALL}


def configuration(config_id: str, direction: Direction) -> Configuration:
    """The configuration of that id, in upper or lower case.

    Raises:
        UnknownId: there is none in that direction; the sentence names those there are.
    """
    found = CONFIGURATIONS.get(config_id.strip().upper())
    if found is None or found.direction != direction:
        known = [one.config_id for one in _ALL if one.direction == direction]
        offer = f"there are {', '.join(known)}" if known else "this version has none yet"
        raise UnknownId(f"there is no {direction} configuration {clean(config_id)!r}: {offer}")
    return found
