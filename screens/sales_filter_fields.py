"""The rows of the filter form of Find Sales Order."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from preorder_tui.errors import DeskError
from preorder_tui.records import Choices
from preorder_tui.words import ITEM_STATUS_WORDS, ORDER_STATUS_WORDS
from screens import service_calls
from screens.date_ranges import AHEAD, BEHIND
from screens.dialog import Dialog
from screens.dialogs.ask_product import ask_product
from screens.dialogs.ask_text import AskText
from screens.dialogs.filter_form import FilterField, FilterForm
from screens.filter_fields import cleared, date_range, flag, one_of, several
from screens.sales_filters import ALLOCATIONS, AUTO_CANCEL_TODAY, QUEUES, SalesFilters

Form = FilterForm[SalesFilters]
Field = FilterField[SalesFilters]
Answer = TypeVar("Answer")


def sales_fields(choices: Choices) -> list[Field]:
    """All filters, the most used first."""
    queues = [_queue(facility_id, label) for facility_id, label in QUEUES]
    return [
        Field("Allocation", _allocation_words, _next_allocation, cleared("allocation")),
        *queues,
        Field(
            "Auto-cancel today",
            lambda now: "[x]" if now.auto_cancel == AUTO_CANCEL_TODAY else "[ ]",
            lambda _, now: replace(
                now, auto_cancel="" if now.auto_cancel == AUTO_CANCEL_TODAY else AUTO_CANCEL_TODAY
            ),
            cleared("auto_cancel"),
        ),
        flag("Promise before arrival", "before_arrival"),
        flag("Overdue", "overdue"),
        flag("Without promise date", "without_promise"),
        date_range("Promise date", "promised", AHEAD),
        date_range("Order date", "ordered", BEHIND),
        date_range("Date of auto-cancel", "auto_cancel", AHEAD),
        several("Status of order", "statuses", list(ORDER_STATUS_WORDS.items())),
        several("Item status", "item_statuses", list(ITEM_STATUS_WORDS.items())),
        one_of("Store", "product_store_id", choices.product_stores),
        one_of("Facility", "facility_id", choices.facilities),
        one_of("Channel", "sales_channel_enum_id", choices.sales_channels),
        one_of("Method of shipping", "shipment_method_type_id", choices.shipment_methods),
        Field(
            "Linked purchase order",
            lambda now: now.purchase_order_name or now.purchase_order_id,
            _ask_purchase_order,
            lambda now: replace(now, purchase_order_id="", purchase_order_name=""),
        ),
        Field(
            "Product",
            lambda now: now.product_sku,
            _ask_product,
            lambda now: replace(now, product_id="", product_sku=""),
        ),
    ]


async def _ask(form: Form, dialog: Dialog[Answer]) -> Answer | None:
    return await form.desk.ask(dialog)


# --- Kinds of filters ---------------------------------------------------------------------------


def _allocation_words(now: SalesFilters) -> str:
    return "" if now.allocation == "any" else dict(ALLOCATIONS)[now.allocation]


def _next_allocation(_: Form, now: SalesFilters) -> SalesFilters:
    values = [value for value, _ in ALLOCATIONS]
    return replace(now, allocation=values[(values.index(now.allocation) + 1) % len(values)])


def _queue(facility_id: str, label: str) -> Field:
    def toggled(now: SalesFilters) -> tuple[str, ...]:
        if facility_id in now.queues:
            return tuple(one for one in now.queues if one != facility_id)
        return (*now.queues, facility_id)

    return Field(
        f"Queue {label}",
        lambda now: "[x]" if facility_id in now.queues else "[ ]",
        lambda _, now: replace(now, queues=toggled(now)),
        lambda now: replace(now, queues=tuple(one for one in now.queues if one != facility_id)),
    )


# --- Looked up ----------------------------------------------------------------------------------


async def _ask_purchase_order(form: Form, now: SalesFilters) -> SalesFilters | None:
    desk = form.desk
    text = now.purchase_order_name
    while True:
        answer = await _ask(form, AskText("Sales orders of a purchase order", text, label="PO"))
        if answer is None:
            return None
        try:
            order = await service_calls.call(desk, desk.service.purchase_order, answer)
        except DeskError as error:
            form.say(error.sentence)
            text = answer
            continue
        form.say("")
        return replace(
            now,
            purchase_order_id=order.order_id,
            purchase_order_name=order.external_id or order.order_id,
        )


async def _ask_product(form: Form, now: SalesFilters) -> SalesFilters | None:
    found = await ask_product(form.desk, "Sales orders of a product", now.product_sku)
    if found is None:
        return None
    form.say("")
    return replace(now, product_id=found.product_id, product_sku=found.sku)
