"""JSON documents of ``why`` and ``what-if``."""

from __future__ import annotations

from datetime import date
from typing import Any

from preorder_tui.lines import LineId
from preorder_tui.why_records import QueuePlace, WhatIf, Why

Document = dict[str, Any]


def _line(line: LineId) -> Document:
    return {"orderId": line.order_id, "orderItemSeqId": line.order_item_seq_id}


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _queue(queue: QueuePlace) -> Document:
    return {
        "place": queue.place,
        "lineCount": queue.lines,
        "unitsAhead": queue.units_ahead,
        "allocatedAhead": queue.allocated_ahead,
        "openAhead": queue.open_ahead,
        "freeUnits": queue.free,
        "first": [
            {
                **_line(row.line),
                "orderDate": row.order_date.isoformat(timespec="seconds"),
                "quantity": row.units,
                "allocatedQuantity": row.allocated,
            }
            for row in queue.first
        ],
    }


def why(found: Why) -> Document:
    """``why`` of a line."""
    return {
        **_line(found.line),
        "orderTypeId": "PURCHASE_ORDER" if found.purchase else "SALES_ORDER",
        "name": found.name,
        "productId": found.product.product_id,
        "sku": found.product.sku,
        "verdict": found.verdict,
        "reasons": [
            {
                "code": reason.code,
                "sentence": reason.sentence,
                "rule": reason.rule or None,
                "units": reason.units,
                "days": reason.days,
            }
            for reason in found.reasons
        ],
        "queue": None if found.queue is None else _queue(found.queue),
        "suggestions": [
            {
                "sentence": suggestion.sentence,
                "helps": suggestion.helps,
                "units": suggestion.units,
                "commands": [step.command for step in suggestion.steps],
            }
            for suggestion in found.suggestions
        ],
    }


def what_if(found: WhatIf) -> Document:
    """``what-if`` of a purchase order line."""
    return {
        **_line(found.line),
        "name": found.name,
        "sku": found.sku,
        "estimatedDeliveryDate": _day(found.old_arrival),
        "newEstimatedDeliveryDate": _day(found.new_arrival),
        "quantity": found.old_quantity,
        "newQuantity": found.new_quantity,
        "availableToPromise": found.atp_before,
        "newAvailableToPromise": found.atp_after,
        "lineCount": found.lines,
        "changedLineCount": found.changed,
        "turnLateCount": found.turn_late,
        "turnLateOrderCount": found.orders_turn_late,
        "onTimeAgainCount": found.on_time,
        "lateBeforeCount": found.late_before,
        "lateAfterCount": found.late_after,
        "mostDaysLate": found.most_days,
        "losingLineCount": found.losing,
        "unitsLost": found.units_lost,
        "pinnedLosingLineCount": found.pinned_losing,
        "syncCount": found.sync,
        "commands": list(found.commands),
        "syncCommand": found.sync_command or None,
        "rows": [
            {
                **_line(row.line),
                "orderName": row.order_name,
                "customerName": row.customer_name,
                "quantity": row.units,
                "unitsLost": row.lost,
                "promisedDate": _day(row.promise_date),
                "estimatedDeliveryDate": _day(row.old_arrival),
                "newEstimatedDeliveryDate": _day(row.new_arrival),
                "late": row.late_before,
                "newLate": row.late_after,
                "daysLate": row.days_late_before,
                "newDaysLate": row.days_late_after,
                "pinned": row.pinned,
                "what": row.turn,
            }
            for row in found.rows
        ],
    }
