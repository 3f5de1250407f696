"""The table of EXIM configurations (domain §4)."""

from __future__ import annotations

from preorder_tui.exim.configurations import Configuration, columns

_LINE = "order-id order-external-id order-item-seq-id product-sku"
_LINE_GROUPS = (("order-id", "order-external-id"), ("order-item-seq-id", "product-sku"))
_LINE_ALIASES = (
    ("external-order-id", "order-external-id"),
    ("promise-date", "promised-datetime"),
    ("promised-date", "promised-datetime"),
    ("comments", "change-comments"),
)
_LINE_SAMPLE = {"order_id": "10042", "order_item_seq_id": "00001"}
_PURCHASE_LINE = "po-id po-external-id po-item-seq-id product-id product-sku"
_PURCHASE_SAMPLE = {
    "po_id": "10340",
    "po_external_id": "8521657155748",
    "po_item_seq_id": "00001",
    "product_id": "11872",
    "product_sku": "MH-01-4567",
}

IMPORTS = (
    Configuration(
        "IMP_PO",
        "import",
        "Procurement",
        "Purchase orders",
        "Rows with the same external-id are lines of one purchase order; lines of an open order "
        "that is here already are updated.",
        columns(
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
        date_columns=("arrival-date",),
        tokens=True,
    ),
    Configuration(
        "IMP_ATP_ON_PO",
        "import",
        "Procurement",
        "ATP of purchase orders",
        "How many units of a purchase order line may still be promised, from now on.",
        columns("atp", _PURCHASE_LINE, atp="100", **_PURCHASE_SAMPLE),
        "purchase_atp",
        one_of=(
            ("po-id", "po-external-id"),
            ("po-item-seq-id", "product-sku", "product-id"),
        ),
        aliases=(("available-to-promise", "atp"),),
        tokens=True,
    ),
    Configuration(
        "IMP_CLOSED_PO",
        "import",
        "Procurement",
        "Closed purchase orders",
        "Purchase orders, or lines of them, that are complete and offer no more supply.",
        columns(
            "",
            "po-id po-external-id po-item-seq-id change-comments",
            po_id="10340",
            change_comments="closed by the supplier",
        ),
        "closed_purchase_orders",
        one_of=(("po-id", "po-external-id"),),
        aliases=(("external-id", "po-external-id"), ("comments", "change-comments")),
    ),
    Configuration(
        "IMP_FACILITY",
        "import",
        "Warehouse",
        "Facilities",
        "Warehouses and stores; a known facility is updated.",
        columns(
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
        "MDM_PRODUCT",
        "import",
        "PIM",
        "Products",
        "Variants with their parent product, colour, size and UPC; a known SKU is updated.",
        columns(
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
        "IMP_ORDER",
        "import",
        "Order Management",
        "Sales orders",
        "Approved sales orders: rows with the same external-id are lines of one order. A line that "
        "the order has already, by item-external-id or by SKU and quantity, is unchanged, or "
        "handed back where it differs; another one is added to it.",
        columns(
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
        aliases=(
            ("status-id", "item-status-id"),  # as MDM_EXPORT_SO has them
            ("entry-date", "order-date"),
            ("shipping-address-line-1", "address-line-1"),
            ("shipping-address-line-2", "address-line-2"),
            ("shipping-city", "city"),
            ("shipping-state", "state"),
            ("shipping-zip-code", "postal-code"),
            ("shipping-country", "country"),
            ("shipping-phone", "phone"),
        ),
        date_columns=("order-date",),
    ),
    Configuration(
        "IMP_ORD_ITEM_UPD",
        "import",
        "Order Management",
        "Promise dates",
        "The promise date of sales order lines; a date alone is its end of day. CLEAR takes a "
        "promise away.",
        columns(
            "promised-datetime",
            f"{_LINE} change-comments",
            promised_datetime="2026-12-12",
            change_comments="supplier is late",
            **_LINE_SAMPLE,
        ),
        "promise_dates",
        one_of=_LINE_GROUPS,
        aliases=_LINE_ALIASES,
        date_columns=("promised-datetime",),
        tokens=True,
    ),
    Configuration(
        "IMP_ORD_ITM_PO_DTL",
        "import",
        "Order Management",
        "Promise dates with purchase order",
        "Sales order lines with the purchase order that serves them and the promise date.",
        columns(
            "promised-datetime corresponding-po-id",
            f"{_LINE} po-item-seq-id change-comments",
            promised_datetime="2026-12-12",
            corresponding_po_id="10340",
            **_LINE_SAMPLE,
        ),
        "promise_with_purchase",
        one_of=_LINE_GROUPS,
        aliases=(*_LINE_ALIASES, ("po-id", "corresponding-po-id")),
        date_columns=("promised-datetime",),
        tokens=True,
    ),
    Configuration(
        "MDM_CANCEL_ORD_ITM",
        "import",
        "Order Management",
        "Cancelled sales order lines",
        "Sales order lines to cancel, each with its reason; their units go back to supply.",
        columns(
            "reason",
            f"{_LINE} change-comments",
            reason="OICR_CHANGE_MIND",
            **_LINE_SAMPLE,
        ),
        "cancelled_items",
        one_of=_LINE_GROUPS,
        aliases=(
            *_LINE_ALIASES,
            ("reason-enum-id", "reason"),
            ("change-reason-enum-id", "reason"),
            ("cancel-reason", "reason"),
        ),
    ),
)

EXPORTS = (
    Configuration(
        "EXPORT_PO",
        "export",
        "Procurement",
        "Purchase orders",
        "Open purchase order lines, as IMP_PO takes them.",
        columns(
            "external-id product-store-id facility-id external-facility-id product-sku quantity"
            " available-to-promise unit-price arrival-date item-external-id is-new-product"
            " row-token",
            "",
        ),
        "purchase_exports",
    ),
    Configuration(
        "EXP_PO_ATP",
        "export",
        "Procurement",
        "ATP of purchase orders",
        "Units that open purchase order lines may still promise, as IMP_ATP_ON_PO takes them.",
        columns(f"{_PURCHASE_LINE} atp row-token", ""),
        "purchase_exports",
    ),
    Configuration(
        "MDM_EXPORT_SO",
        "export",
        "Order Management",
        "Sales orders",
        "Every sales order line with its order, customer and prices.",
        columns(
            "order-id external-id product-store-id website-id status-id facility-id customer-id"
            " customer-external-id first-name last-name shipping-address-line-1"
            " shipping-address-line-2 shipping-city shipping-zip-code shipping-state"
            " shipping-country shipping-phone gift-card order-type-id order-item-type-id"
            " product-price-purpose-id entry-date product-id product-sku item-external-id quantity"
            " unit-list-price unit-price upc grand-total shipment-method-type-id carrier-party-id"
            " placing-customer-party-id endUser-customer-party-id ship-to-customer-party-id"
            " bill-to-customer-party-id bill-from-vendor-party-id ship-from-vendor-party-id"
            " sales-channel-id row-token",
            "",
        ),
        "sales_exports",
    ),
    Configuration(
        "EXP_ORD_ITEM_UPD",
        "export",
        "Order Management",
        "Promise dates",
        "Promise dates of open sales order lines, as IMP_ORD_ITEM_UPD takes them.",
        columns(f"{_LINE} promised-datetime change-comments row-token", ""),
        "sales_exports",
    ),
    Configuration(
        "EXP_ORD_ITM_PO_DTL",
        "export",
        "Order Management",
        "Allocations",
        "Allocations of open sales order lines, as IMP_ORD_ITM_PO_DTL takes them.",
        columns(
            f"{_LINE} promised-datetime corresponding-po-id po-external-id po-item-seq-id quantity"
            " arrival-date change-comments row-token",
            "",
        ),
        "sales_exports",
    ),
)
