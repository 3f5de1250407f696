"""JSON documents: the records of the service under their OFBiz camelCase names.

Days are ``YYYY-MM-DD``, moments ISO 8601 with the site's offset, quantities whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, Value
from preorder_tui.records import (
    AllocationReview,
    ChangeSetRow,
    DemandRow,
    HistoryRow,
    Notice,
    Outcome,
    ProductInfo,
    PurchaseItemRow,
    PurchaseLine,
    PurchaseOrder,
    SalesLine,
    SalesOrder,
    SalesOrderRow,
)

if TYPE_CHECKING:
    from preorder_tui.run_outcome import RunFigures

Document = dict[str, Any]


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="milliseconds")


def _second(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _money(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _line(line: LineId | None) -> Document:
    if line is None:
        return {"orderId": None, "orderItemSeqId": None}
    return {"orderId": line.order_id, "orderItemSeqId": line.order_item_seq_id}


def _to_line(line: LineId | None) -> Document:
    if line is None:
        return {"toOrderId": None, "toOrderItemSeqId": None}
    return {"toOrderId": line.order_id, "toOrderItemSeqId": line.order_item_seq_id}


def _product(product: ProductInfo) -> Document:
    return {
        "productId": product.product_id,
        "sku": product.sku,
        "productName": product.name,
        "parentProductName": product.parent_name,
        "color": product.color,
        "size": product.size,
        "upc": product.upc,
    }


def sales_order_row(row: SalesOrderRow) -> Document:
    """A row of ``find sales``."""
    return {
        "orderId": row.order_id,
        "orderName": row.order_name,
        "externalId": row.external_id,
        "orderDate": _second(row.order_date),
        "customerName": row.customer_name,
        "statusId": row.status_id,
        "productStoreId": row.product_store_id,
        "salesChannelEnumId": row.sales_channel_enum_id,
        "itemCount": row.item_count,
        "unitCount": row.unit_count,
        "allocatedItemCount": row.allocated_items,
        "partlyAllocatedItemCount": row.partly_allocated_items,
        "unallocatedItemCount": row.unallocated_items,
        "beforeArrivalItemCount": row.before_arrival_items,
        "overdueItemCount": row.overdue_items,
        "promisedDate": _day(row.promise_date),
    }


def purchase_item_row(row: PurchaseItemRow) -> Document:
    """A row of ``find purchase``."""
    return {
        **_line(row.line),
        "externalId": row.external_id,
        **_product(row.product),
        "facilityId": row.facility_id,
        "quantity": row.quantity,
        "receivedQuantity": row.received,
        "allocatedQuantity": row.allocated,
        "availableToPromise": row.available_to_promise,
        "entryDate": _day(row.created_date),
        "estimatedDeliveryDate": _day(row.arrival_date),
        "statusId": row.item_status_id,
        "orderStatusId": row.order_status_id,
        "outOfSyncItemCount": row.out_of_sync_items,
        "late": row.late,
    }


def _sales_line(line: SalesLine) -> Document:
    return {
        "orderItemSeqId": line.line.order_item_seq_id,
        "externalId": line.external_id,
        **_product(line.product),
        "quantity": line.quantity,
        "cancelQuantity": line.cancelled,
        "allocatedQuantity": line.allocated,
        "openQuantity": line.open_quantity,
        "unitPrice": _money(line.unit_price),
        "statusId": line.status_id,
        "facilityId": line.facility_id,
        "shipGroupSeqId": line.ship_group_seq_id,
        "correspondingPoId": line.corresponding_po_id or None,
        "promisedDatetime": _moment(line.promised_datetime),
        "estimatedDeliveryDate": _day(line.arrival_date),
        "autoCancelDate": _day(line.auto_cancel_date),
        "allocationState": line.allocation_state,
        "marks": list(line.marks),
        "allocations": [
            {
                **_line(allocation.sales_line),
                **_to_line(allocation.purchase_line),
                "quantity": allocation.quantity,
                "estimatedDeliveryDate": _day(allocation.arrival_date),
                "pinned": allocation.pinned,
            }
            for allocation in line.allocations
        ],
    }


def sales_order(order: SalesOrder) -> Document:
    """``show`` of a sales order."""
    return {
        "orderId": order.order_id,
        "orderTypeId": "SALES_ORDER",
        "orderName": order.order_name,
        "externalId": order.external_id,
        "orderDate": _second(order.order_date),
        "entryDate": _second(order.entry_date),
        "statusId": order.status_id,
        "productStoreId": order.product_store_id,
        "salesChannelEnumId": order.sales_channel_enum_id,
        "currencyUom": order.currency_uom,
        "grandTotal": _money(order.grand_total),
        "customerName": order.customer_name,
        "customerEmail": order.customer_email,
        "customerPhone": order.customer_phone,
        "customerAddress": order.customer_address,
        "shipGroups": [
            {
                "shipGroupSeqId": group.ship_group_seq_id,
                "facilityId": group.facility_id,
                "facilityName": group.facility_name,
                "shipmentMethodTypeId": group.shipment_method_type_id,
                "shipTo": group.ship_to,
            }
            for group in order.ship_groups
        ],
        "items": [_sales_line(line) for line in order.items],
    }


def _purchase_line(line: PurchaseLine, allocated: Iterable[DemandRow]) -> Document:
    return {
        "orderItemSeqId": line.line.order_item_seq_id,
        "externalId": line.external_id,
        **_product(line.product),
        "quantity": line.quantity,
        "cancelQuantity": line.cancelled,
        "receivedQuantity": line.received,
        "allocatedQuantity": line.allocated,
        "availableToPromise": line.available_to_promise,
        "atpCeiling": line.atp_ceiling,
        "unitPrice": _money(line.unit_price),
        "statusId": line.status_id,
        "isNewProduct": "Y" if line.is_new_product else "N",
        "promisedDatetime": None,
        "estimatedDeliveryDate": _day(line.arrival_date),
        "correspondingPoId": None,
        "outOfSyncItemCount": line.out_of_sync_items,
        "late": line.late,
        "allocations": [_allocation(row, line.line) for row in allocated],
    }


def _allocation(row: DemandRow, line: LineId) -> Document:
    return {
        **_line(row.line),
        **_to_line(line),
        "quantity": row.allocated_here,
        "pinned": row.pinned,
    }


def purchase_order(
    order: PurchaseOrder, allocated: dict[LineId, tuple[DemandRow, ...]]
) -> Document:
    """``show`` of a purchase order, with the allocations of each line."""
    return {
        "orderId": order.order_id,
        "orderTypeId": "PURCHASE_ORDER",
        "externalId": order.external_id,
        "statusId": order.status_id,
        "entryDate": _second(order.entry_date),
        "productStoreId": order.product_store_id,
        "facilityId": order.facility_id,
        "facilityName": order.facility_name,
        "supplierName": order.supplier_name,
        "allocatedOrderCount": order.allocated_orders,
        "preOrderCount": order.pre_orders,
        "backorderCount": order.backorders,
        "items": [_purchase_line(line, allocated.get(line.line, ())) for line in order.items],
        "communications": [
            {"entryDate": _second(moment), "content": text} for moment, text in order.communications
        ],
    }


def review(found: AllocationReview) -> Document:
    """``review`` of a purchase order line."""
    return {
        **_line(found.line),
        "externalId": found.external_id,
        **_product(found.product),
        "quantity": found.quantity,
        "receivedQuantity": found.received,
        "consumed": found.consumed,
        "availableToPromise": found.available_to_promise,
        "estimatedDeliveryDate": _day(found.arrival_date),
        "allocations": [
            {
                **_allocation(row, found.line),
                "orderName": row.order_name,
                "externalId": row.external_id,
                "orderDate": _second(row.order_date),
                "customerName": row.customer_name,
                "facilityId": row.facility_id,
                "statusId": row.item_status_id,
                "orderStatusId": row.order_status_id,
                "promisedDate": _day(row.promise_date),
                "marks": list(row.marks),
            }
            for row in found.rows
        ],
        "cancelledAllocations": [_line(row.line) for row in found.cancelled_rows],
    }


def history_row(row: HistoryRow) -> Document:
    """A row of ``history``."""
    return {
        "changeSetId": row.change_set_id,
        "changeDatetime": _moment(row.changed_at),
        "changeUserLogin": row.user,
        "changeTypeEnumId": row.change_type_enum_id,
        "orderId": row.order_id,
        "orderItemSeqId": None if row.line is None else row.line.order_item_seq_id,
        **_to_line(row.to_line),
        "field": row.field,
        "oldValue": row.old_value,
        "newValue": row.new_value,
        "reason": row.reason or None,
        "changeComments": row.comments or None,
    }


def change_set_row(row: ChangeSetRow) -> Document:
    """A row of ``change-sets``."""
    return {
        "changeSetId": row.change_set_id,
        "changeDatetime": _moment(row.changed_at),
        "changeUserLogin": row.user,
        "origin": row.origin,
        "command": row.command,
        "changeComments": row.comments or None,
        "changeCount": row.change_count,
        "inverseOf": row.inverse_of,
        "undoneBy": row.undone_by,
    }


def _value(value: Value, clock: Clock) -> int | str | None:
    return _moment(clock.local(value)) if isinstance(value, datetime) else value


def _notices(notices: Iterable[Notice]) -> list[Document]:
    return [
        {**_line(notice.line), "message": notice.sentence, "rule": notice.rule or None}
        for notice in notices
    ]


def change(plan: Plan, outcome: Outcome | None, clock: Clock) -> Document:
    """What a changing command did; with no outcome, what it would do."""
    warnings = plan.warnings if outcome is None else outcome.warnings
    refused = plan.refused if outcome is None else outcome.refused
    return {
        "changeSetId": None if outcome is None else outcome.change_set_id,
        "applied": 0 if outcome is None else outcome.applied,
        "changes": [
            {
                "orderId": row.order_id,
                "orderItemSeqId": row.order_item_seq_id,
                "toOrderId": row.to_order_id,
                "toOrderItemSeqId": row.to_order_item_seq_id,
                "changeTypeEnumId": row.change_type_enum_id,
                "field": row.field,
                "oldValue": _value(row.old, clock),
                "newValue": _value(row.new, clock),
            }
            for row in plan.changes
        ],
        "refused": _notices(refused),
        "warnings": _notices(warnings),
    }


def run_figures(found: RunFigures) -> Document:
    """What a run of a policy comes to."""
    document: Document = {
        "policy": found.policy,
        "policyName": found.title,
        "linesWaiting": found.lines_waiting,
        "unitsWanted": found.units_wanted,
        "linesServed": found.lines_served,
        "linesWhole": found.lines_whole,
        "unitsGiven": found.units_given,
        "linesLate": found.lines_late,
        "daysLate": found.days_late,
        "mostDaysLate": found.most_days_late,
        "linesUnserved": found.lines_unserved,
        "unitsUnserved": found.units_unserved,
        "linesChanged": found.lines_changed,
        "linesLosing": found.lines_losing,
        "reasons": dict(found.reasons),
    }
    return document
