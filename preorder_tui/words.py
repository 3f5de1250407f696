"""The field's identifiers and the words people read for them."""

from __future__ import annotations

SALES_ORDER = "SALES_ORDER"
PURCHASE_ORDER = "PURCHASE_ORDER"

ORDER_STATUS_WORDS = {
    "ORDER_CREATED": "Created",
    "ORDER_APPROVED": "Approved",
    "ORDER_PROCESSING": "Processing",
    "ORDER_HOLD": "Held",
    "ORDER_SENT": "Sent",
    "ORDER_COMPLETED": "Completed",
    "ORDER_REJECTED": "Rejected",
    "ORDER_CANCELLED": "Cancelled",
}
ITEM_STATUS_WORDS = {
    "ITEM_CREATED": "Created",
    "ITEM_APPROVED": "Approved",
    "ITEM_HOLD": "Held",
    "ITEM_COMPLETED": "Completed",
    "ITEM_REJECTED": "Rejected",
    "ITEM_CANCELLED": "Cancelled",
}
STATUS_WORDS = ORDER_STATUS_WORDS | ITEM_STATUS_WORDS

PRE_ORDER_PARKING = "PRE_ORDER_PARKING"
BACKORDER_PARKING = "BACKORDER_PARKING"
PRESELL_PARKINGS = (PRE_ORDER_PARKING, BACKORDER_PARKING)
BROKERING_QUEUE = "_NA_"
UNFILLABLE_HOLD = "UNF_HOLD_PARKING"

QUEUE_WORDS = {
    PRE_ORDER_PARKING: "Pre-order",
    BACKORDER_PARKING: "Backorder",
    BROKERING_QUEUE: "Brokering",
    "UNFILLABLE_PARKING": "Unfillable",
    UNFILLABLE_HOLD: "Unfill. hold",
    "REJECTED_ITM_PARKING": "Rejected",
    "PICKUP_REJECTED": "Pickup rej.",
    "GENERAL_OPS_PARKING": "General ops",
    "RELEASED_ORD_PARKING": "Released",
}

CHANNEL_WORDS = {
    "WEB_SALES_CHANNEL": "Web",
    "POS_SALES_CHANNEL": "POS",
    "MKTP_SALES_CHANNEL": "Marketplace",
    "FACEBOOK_SALES_CH": "Facebook",
    "INSTAGRAM_SALES_CH": "Instagram",
    "CSR_SALES_CHANNEL": "Call centre",
    "EXCHG_SALES_CHANNEL": "Exchange",
    "UNKNWN_SALES_CHANNEL": "Unknown",
    "API": "API",
}

CHANGE_APPEND = "ODR_ITM_APPEND"
CHANGE_UPDATE = "ODR_ITM_UPDATE"
CHANGE_CANCEL = "ODR_ITM_CANCEL"
CHANGE_DATE = "ITM_DLVRYDATE_CHNGD"

CANCEL_REASON_WORDS = {
    "OICR_CHANGE_MIND": "Customer changed their mind",
    "OICR_MISORDER_ITEM": "Ordered by mistake",
    "SHOPIFY_CANCELLATION": "Cancelled in the shop",
}

FIELD_WORDS = {
    "allocation": "Allocation",
    "pinned": "Pinned",
    "promisedDatetime": "Promise date",
    "estimatedDeliveryDate": "Arrival date",
    "quantity": "Quantity",
    "cancelQuantity": "Cancelled units",
    "statusId": "Status",
    "receivedQuantity": "Received units",
    "availableToPromise": "ATP limit",
    "facilityId": "Queue",
    "line": "Line",
    "order": "Order",
}
"""The fields of the journal; a whole line or order that came or went has one too."""


def word(status_or_field: str | None) -> str:
    """The word for an identifier, or the identifier itself where there is none."""
    if status_or_field is None:
        return ""
    return (
        STATUS_WORDS.get(status_or_field)
        or FIELD_WORDS.get(status_or_field)
        or QUEUE_WORDS.get(status_or_field)
        or CHANNEL_WORDS.get(status_or_field)
        or CANCEL_REASON_WORDS.get(status_or_field)
        or status_or_field
    )
