"""The rows of the filter form of Find Sales Order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from preorder_tui.errors import DeskError
from preorder_tui.records import Choices
from preorder_tui.words import ITEM_STATUS_WORDS, ORDER_STATUS_WORDS, word
from screens import service_calls
from screens.date_ranges import AHEAD, BEHIND, Range, days_of, text_of, words_of
from screens.dialog import Dialog
from screens.dialogs.ask_dates import AskDates
from screens.dialogs.ask_text import AskText
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.filter_form import FilterField, FilterForm
from screens.dialogs.pick_rows import PickRows
from screens.line_columns import Column
from screens.sales_filters import ALLOCATIONS, AUTO_CANCEL_TODAY, QUEUES, SalesFilters

Form = FilterForm[SalesFilters]
Field = FilterField[SalesFilters]
Answer = TypeVar("Answer")
Change = Callable[[Form, SalesFilters], SalesFilters | Awaitable[SalesFilters | None]]


def sales_fields(choices: Choices) -> list[Field]:
    """All filters, the most used first."""
    queues = [_queue(facility_id, label) for facility_id, label in QUEUES]
    return [
        Field("Allocation", _allocation_words, _next_allocation, _clear("allocation")),
        *queues,
        Field(
            "[ ] Auto-cancel today",
            lambda now: "[x]" if now.auto_cancel == AUTO_CANCEL_TODAY else "[ ]",
            lambda _, now: replace(
                now, auto_cancel="" if now.auto_cancel == AUTO_CANCEL_TODAY else AUTO_CANCEL_TODAY
            ),
            _clear("auto_cancel"),
        ),
        _flag("Promise before arrival", "before_arrival"),
        _flag("Overdue", "overdue"),
        _flag("Without promise date", "without_promise"),
        _range("Promise date", "promised", AHEAD),
        _range("Order date", "ordered", BEHIND),
        _range("Date of auto-cancel", "auto_cancel", AHEAD),
        _several("Status of order", "statuses", list(ORDER_STATUS_WORDS.items())),
        _several("Item status", "item_statuses", list(ITEM_STATUS_WORDS.items())),
        _one("Store", "product_store_id", choices.product_stores),
        _one("Facility", "facility_id", choices.facilities),
        _one("Channel", "sales_channel_enum_id", choices.sales_channels),
        _one("Method of shipping", "shipment_method_type_id", choices.shipment_methods),
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


def _clear(name: str) -> Callable[[SalesFilters], SalesFilters]:
    default: Any = getattr(SalesFilters(), name)
    return lambda now: _with(now, name, default)


def _with(now: SalesFilters, name: str, value: Any) -> SalesFilters:
    return replace(now, **{name: value})


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


def _flag(label: str, name: str) -> Field:
    return Field(
        label,
        lambda now: "[x]" if getattr(now, name) else "[ ]",
        lambda _, now: _with(now, name, not getattr(now, name)),
        _clear(name),
    )


def _range(label: str, name: str, presets: Sequence[str]) -> Field:
    async def change(form: Form, now: SalesFilters) -> SalesFilters | None:
        present: str = getattr(now, name)
        answer = await _ask(
            form,
            Choose(
                label,
                [
                    Choice("", "any", "0"),
                    *(Choice(preset, preset) for preset in presets),
                    Choice("..", "from … to …", "f"),
                ],
                at=".." if ".." in present else present,
            ),
        )
        if answer is None:
            return None
        if answer == "..":
            today = form.desk.service.clock.today()
            asked: Range | None = await _ask(form, AskDates(label, days_of(present, today)))
            if asked is None:
                return None
            answer = text_of(asked)
        return _with(now, name, answer)

    return Field(label, lambda now: words_of(getattr(now, name)), change, _clear(name))


def _several(label: str, name: str, values: Sequence[tuple[str, str]]) -> Field:
    async def change(form: Form, now: SalesFilters) -> SalesFilters | None:
        dialog: PickRows[tuple[str, str]] = PickRows(
            label,
            [Column("Any of", lambda row: row[1], 20, at_most=60)],
            lambda row: row[0],
            rows=values,
            preticked=getattr(now, name),
            enter_takes_current=True,
            yes="take",
        )
        picked = await _ask(form, dialog)
        return None if picked is None else _with(now, name, tuple(row[0] for row in picked.rows))

    return Field(
        label, lambda now: ", ".join(word(one) for one in getattr(now, name)), change, _clear(name)
    )


def _one(label: str, name: str, values: Sequence[tuple[str, str]]) -> Field:
    names = dict(values)

    async def change(form: Form, now: SalesFilters) -> SalesFilters | None:
        choices = [Choice("", "any", "0"), *(Choice(key, text) for key, text in values)]
        answer = await _ask(form, Choose(label, choices, at=getattr(now, name)))
        return None if answer is None else _with(now, name, answer)

    def words(now: SalesFilters) -> str:
        value: str = getattr(now, name)
        return names.get(value, value)

    return Field(label, words, change, _clear(name))


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
    desk = form.desk
    text = now.product_sku
    while True:
        answer = await _ask(form, AskText("Sales orders of a product", text, label="SKU or name"))
        if answer is None:
            return None
        text = answer
        found = await service_calls.call(desk, desk.service.find_products, answer)
        if not found:
            form.say(f"No product has {answer!r} in its SKU or name.")
            continue
        exact = [one for one in found if one.sku == answer]
        chosen = exact[0] if exact else found[0]
        if not exact and len(found) > 1:
            dialog = Choose(
                "Which product?", [Choice(one, f"{one.sku}  {one.name}", " ") for one in found]
            )
            picked = await _ask(form, dialog)
            if picked is None:
                continue
            chosen = picked
        form.say("")
        return replace(now, product_id=chosen.product_id, product_sku=chosen.sku)
