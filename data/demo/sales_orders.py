"""The demand side: sales orders day by day, each linked to supply as it is placed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from data.demo.allocation import PLAIN, Link, Outcome, Plan, follow, take
from data.demo.batches import Batch, Heap
from data.demo.catalogue import SHOP, STORE, WAREHOUSE, Catalogue
from data.demo.journal import Journal
from data.demo.people import People
from data.demo.purchase_lines import APPROVED, CANCELLED, COMPLETED, CREATED
from data.demo.purchase_orders import LAST_RUN, Supply
from data.demo.story_time import NEVER, PHASES, Phase, StoryTime, slot

HEADER_COLUMNS = (
    "ORDER_ID ORDER_TYPE_ID ORDER_NAME EXTERNAL_ID ORDER_DATE ENTRY_DATE STATUS_ID"
    " SALES_CHANNEL_ENUM_ID PRODUCT_STORE_ID ORIGIN_FACILITY_ID CURRENCY_UOM GRAND_TOTAL PRIORITY"
    " CREATED_BY CREATED_STAMP LAST_UPDATED_STAMP"
)
ITEM_COLUMNS = (
    "ORDER_ID ORDER_ITEM_SEQ_ID EXTERNAL_ID ORDER_ITEM_TYPE_ID PRODUCT_ID QUANTITY CANCEL_QUANTITY"
    " UNIT_PRICE UNIT_LIST_PRICE STATUS_ID CORRESPONDING_PO_ID PROMISED_DATETIME"
    " ESTIMATED_DELIVERY_DATE SHIP_GROUP_SEQ_ID AUTO_CANCEL_DATE ITEM_DESCRIPTION"
    " CHANGE_BY_USER_LOGIN_ID ALLOCATED_QUANTITY CREATED_STAMP LAST_UPDATED_STAMP"
)
SHIP_GROUP_COLUMNS = (
    "ORDER_ID SHIP_GROUP_SEQ_ID FACILITY_ID SHIPMENT_METHOD_TYPE_ID CARRIER_PARTY_ID MAY_SPLIT"
    " GIFT_MESSAGE SHIPPING_INSTRUCTIONS SHIP_TO_ADDRESS"
)
ASSOC_COLUMNS = (
    "ORDER_ID ORDER_ITEM_SEQ_ID SHIP_GROUP_SEQ_ID TO_ORDER_ID TO_ORDER_ITEM_SEQ_ID"
    " TO_SHIP_GROUP_SEQ_ID ORDER_ITEM_ASSOC_TYPE_ID QUANTITY FROM_DATE CREATED_BY"
)

FIRST_DAY = -119
HOLD = "ORDER_HOLD"

# Drawn from by index: a draw is one random number.
_CHANNELS = (
    ("WEB_SALES_CHANNEL",) * 62 + ("POS_SALES_CHANNEL",) * 9 + ("MKTP_SALES_CHANNEL",) * 8
    + ("INSTAGRAM_SALES_CH",) * 7 + ("FACEBOOK_SALES_CH",) * 4 + ("CSR_SALES_CHANNEL",) * 4
    + ("API",) * 3 + ("EXCHG_SALES_CHANNEL",) * 2 + ("UNKNWN_SALES_CHANNEL",)
)  # fmt: skip
_METHODS = (
    ("STANDARD", "UPS"), ("STANDARD", "UPS"), ("STANDARD", "USPS"), ("STANDARD", "DHL"),
    ("STANDARD", "USPS"), ("SECOND_DAY", "FEDEX"), ("NEXT_DAY", "FEDEX"), ("STANDARD", "UPS"),
)  # fmt: skip
_LINE_COUNTS = (1,) * 38 + (2,) * 27 + (3,) * 19 + (4,) * 9 + (5,) * 7
_QUANTITIES = (1,) * 83 + (2,) * 8 + (3,) * 3 + (4,) * 2 + (5,) + (6,) + (12,) * 2
_WAITING = (
    ("_NA_",) * 6 + ("UNFILLABLE_PARKING",) * 2 + ("UNF_HOLD_PARKING", "REJECTED_ITM_PARKING")
)
_GIFTS = (
    "Happy birthday!",
    "With love from all of us",
    "Für die beste Schwester",
    "お誕生日おめでとう",
)
_INSTRUCTIONS = ("Leave with the neighbour", "Ring twice", "Deliver after 17:00", "No signature")
_OPEN_STATUS = {CREATED: "ITEM_CREATED", COMPLETED: "ITEM_COMPLETED"}
_BY_HAND, _BY_NIGHT = int(Phase.ALLOCATE), int(Phase.AUTO_ALLOCATE)
_SEQ = tuple(f"{number:05d}" for number in range(100))


def orders_per_day(orders: int, time: StoryTime) -> list[int]:
    """How many orders each day from FIRST_DAY to today brings: growing, more on weekends."""
    weights = [
        (1.0 + 0.8 * (day - FIRST_DAY) / -FIRST_DAY) * (1.35 if time.weekday(day) >= 5 else 1.0)
        for day in range(FIRST_DAY, 1)
    ]
    weights[-1] /= 24  # today has just begun
    total, whole, counts, placed = sum(weights), 0.0, [], 0
    for weight in weights:
        whole += weight
        counts.append(round(orders * whole / total) - placed)
        placed += counts[-1]
    return counts


class _Fate(NamedTuple):
    """What becomes of a whole order."""

    status: str
    facility: str
    cancel_at: int = NEVER
    settled_at: int = NEVER


class SalesOrders:
    """Places the orders of a demo."""

    def __init__(
        self,
        time: StoryTime,
        orders: int,
        seed: int,
        catalogue: Catalogue,
        people: People,
        supply: Supply,
        journal: Journal,
    ) -> None:
        self._rng = random.Random(f"sales orders/{seed}")
        self._time, self._catalogue, self._people = time, catalogue, people
        self._supply, self._journal, self._orders = supply, journal, orders
        self._headers = Heap("ORDER_HEADER", HEADER_COLUMNS)
        self._roles = Heap("ORDER_ROLE", "ORDER_ID ROLE_TYPE_ID PARTY_ID")
        self._groups = Heap("ORDER_ITEM_SHIP_GROUP", SHIP_GROUP_COLUMNS)
        self._items = Heap("ORDER_ITEM", ITEM_COLUMNS)
        self._assocs = Heap("ORDER_ITEM_ASSOC", ASSOC_COLUMNS)
        self._placed = 0
        self._customers = 0

    def of_day(self, day: int, count: int, first_number: int) -> Iterator[Batch]:
        """Place the orders of one day; their ids count up from ``first_number``."""
        span = 86_400 if day < 0 else 3600
        seconds = sorted(int(self._rng.random() * span) for _ in range(count))
        for index, second in enumerate(seconds):
            self._place(str(first_number + index), day, second)
            if self._items.is_high():
                yield from self.last()

    def last(self) -> Iterator[Batch]:
        """What is not yet in a batch, referenced rows first."""
        for heap in (self._headers, self._roles, self._groups, self._items, self._assocs):
            yield from heap.taken()

    def _customer(self) -> int:
        """Every customer orders once; the others of the three orders come from known ones."""
        if self._customers * self._orders <= self._placed * self._people.customers:
            self._customers = min(self._customers + 1, self._people.customers)
            return self._customers - 1
        return int(self._customers * self._rng.random())

    def _choose(self, popular: list[int]) -> list[tuple[int, int]]:
        """The products of an order with their quantities."""
        draw, size = self._rng.random, len(popular)
        wanted = _LINE_COUNTS[int(draw() * 100)]
        chosen: dict[int, int] = {}
        while len(chosen) < wanted:
            best_sellers_first = draw()
            product = popular[int(size * best_sellers_first * best_sellers_first)]
            chosen[product] = _QUANTITIES[int(draw() * 100)]
        return list(chosen.items())

    def _place(self, order_id: str, day: int, second: int) -> None:
        draw = self._rng.random
        customer = self._customer()
        waits = draw() < 0.84  # sold ahead of stock, else from stock
        catalogue = self._catalogue
        basket = self._choose(catalogue.sold_ahead if waits else catalogue.by_popularity)
        fate = self._early_fate(day, waits, basket)
        cancelled = [fate.cancel_at] * len(basket)
        if waits and len(basket) > 1 and fate.cancel_at == NEVER and day < -8 and draw() < 0.04:
            cancelled[0] = slot(day + 2 + int(draw() * 5), Phase.CANCEL)
        stands = day < LAST_RUN and fate.cancel_at == NEVER
        part_cancelled = [
            quantity // 3 if stands and quantity > 3 and draw() < 0.06 else 0
            for _, quantity in basket
        ]
        links: list[list[Link]] = [[] for _ in basket]
        if waits:
            phase = _BY_HAND if draw() < 0.03 else _BY_NIGHT
            for index, (product, quantity) in enumerate(basket):
                until = min(LAST_RUN, (cancelled[index] - 1) // PHASES)
                less = part_cancelled[index]  # on the next day, and linked the morning after
                links[index] = take(
                    self._supply, product, quantity - less, day + (less > 0), until, phase
                )
            if fate.status == APPROVED and cancelled == [NEVER] * len(basket):
                if NEVER not in map(_ready, links):
                    fate = self._shipped_fate(fate, links)
                elif day < -20 and draw() < 0.05 and _safe(links):
                    fate = self._early_release(fate, links)

        outcomes: list[Outcome] = []
        for index, (_, quantity) in enumerate(basket):
            key = (order_id, _SEQ[index + 1])
            plan = self._plan(fate, cancelled[index], links[index])
            units = part_cancelled[index]
            if units and cancelled[index] == NEVER:
                self._journal.draft(
                    slot(day + 1, Phase.CANCEL),
                    key,
                    f"cancel-item {order_id}/{key[1]} --quantity {units} "
                    "--reason-code OICR_CHANGE_MIND",
                    user="chen",
                    comments="Customer wants fewer",
                    reason="OICR_CHANGE_MIND",
                ).cancel(key, units, whole=False)
            outcomes.append(follow(self._journal, self._time, key, quantity, links[index], plan))
        self._write_header(order_id, day, second, customer, basket, fate)
        self._write_lines(order_id, day, second, basket, fate, cancelled, part_cancelled, outcomes)
        self._placed += 1

    def _early_fate(self, day: int, waits: bool, basket: list[tuple[int, int]]) -> _Fate:
        """What is decided before the order is linked to supply."""
        draw = self._rng.random
        chance = draw()
        facility, is_new = "BACKORDER_PARKING", self._catalogue.is_new
        for product, _ in basket:
            if is_new[product]:
                facility = "PRE_ORDER_PARKING"
                break
        if not waits:
            facility = _WAITING[int(draw() * len(_WAITING))] if day < LAST_RUN else "_NA_"
        if chance < 0.035 and day < -2:
            at = slot(min(-1, day + 1 + int(draw() * 14)), Phase.CANCEL)
            return _Fate(CANCELLED, facility, cancel_at=at)
        if chance < 0.05:
            return _Fate(HOLD, facility)
        if chance < (0.40 if day > LAST_RUN else 0.07):
            return _Fate(CREATED, facility)
        if not waits and day < LAST_RUN and draw() < 0.85:
            return _Fate(COMPLETED, WAREHOUSE, settled_at=slot(day + 3, Phase.CANCEL))
        return _Fate(APPROVED, facility)

    def _shipped_fate(self, fate: _Fate, links: list[list[Link]]) -> _Fate:
        """All that the order waited for came in: most are sent, some are on their way."""
        day = max(map(_ready, links)) + 1 + int(self._rng.random() * 3)
        chance = self._rng.random()
        if day > -1 or chance < 0.1:
            return fate  # still parked: work for whoever releases
        at = slot(day, Phase.CANCEL)
        if chance < 0.7:
            return _Fate(COMPLETED, WAREHOUSE, settled_at=at)
        return _Fate(APPROVED, "_NA_" if chance < 0.85 else WAREHOUSE, settled_at=at)

    def _early_release(self, fate: _Fate, links: list[list[Link]]) -> _Fate:
        """The order was released ahead of its supply, against stock found elsewhere."""
        day = max(link.at for line in links for link in line) // PHASES + 2
        if day > -1:
            return fate
        at = slot(min(-1, day + int(self._rng.random() * 20)), Phase.CANCEL)
        chance = self._rng.random()
        if chance < 0.4:
            return _Fate(COMPLETED, WAREHOUSE, settled_at=at)
        return _Fate(APPROVED, "_NA_" if chance < 0.7 else WAREHOUSE, settled_at=at)

    def _plan(self, fate: _Fate, cancel_at: int, links: list[Link]) -> Plan:
        """What somebody does to one line by hand."""
        if cancel_at != NEVER:
            return Plan(cancel_at=cancel_at, cancel_order=fate.cancel_at != NEVER)
        if fate.settled_at != NEVER:
            return Plan(settled_at=fate.settled_at)
        if not links:
            return PLAIN
        draw = self._rng.random
        chance = draw()
        if chance < 0.025:
            linked = links[-1].at // PHASES + 1
            day = linked + int(draw() * -linked)
            days = -2 - int(draw() * 5) if draw() < 0.3 else 3 + int(draw() * 12)
            return Plan(promise_at=slot(min(day, -1), Phase.PROMISE), promise_days=days)
        if chance < 0.037:
            return Plan(remove_at=slot(-1 - int(draw() * 3), Phase.DEALLOCATE))
        return PLAIN

    def _write_header(
        self, order_id: str, day: int, second: int, customer: int,
        basket: list[tuple[int, int]], fate: _Fate,
    ) -> None:  # fmt: skip
        draw = self._rng.random
        time, prices = self._time, self._catalogue.prices
        placed, entered = time.moment(day, second), time.moment(day, min(second + 90, 86_399))
        updated = entered
        for at in (fate.cancel_at, fate.settled_at):
            if at != NEVER:
                updated = time.of_slot(at)
        channel = _CHANNELS[int(draw() * 100)]
        method, carrier = _METHODS[int(draw() * len(_METHODS))]
        rare = draw()
        total = 0.0
        for product, quantity in basket:
            total += prices[product] * quantity
        number = self._placed
        self._headers.add((
            order_id, "SALES_ORDER", f"#{1001 + number}", str(5_410_000_000_000 + number * 32_768),
            placed, entered, fate.status, channel, STORE[0],
            SHOP if channel == "POS_SALES_CHANNEL" else None, "USD", round(total, 2),
            "1" if rare > 0.98 else None, "shopify", entered, updated,
        ))  # fmt: skip
        self._roles.add((order_id, "PLACING_CUSTOMER", self._people.customer_id(customer)))
        self._groups.add((
            order_id, "00001", fate.facility, method, carrier, "Y" if draw() < 0.3 else "N",
            _GIFTS[number % len(_GIFTS)] if rare < 0.03 else None,
            _INSTRUCTIONS[number % len(_INSTRUCTIONS)] if 0.02 < rare < 0.06 else None,
            self._people.ship_to(customer),
        ))  # fmt: skip

    def _write_lines(
        self, order_id: str, day: int, second: int, basket: list[tuple[int, int]], fate: _Fate,
        cancelled: list[int], part_cancelled: list[int], outcomes: list[Outcome],
    ) -> None:  # fmt: skip
        time, catalogue = self._time, self._catalogue
        entered = time.moment(day, min(second + 90, 86_399))
        open_status = _OPEN_STATUS.get(fate.status, "ITEM_APPROVED")
        external = 13_900_000_000_000 + self._placed * 163_840
        for index, (product, quantity) in enumerate(basket):
            outcome = outcomes[index]
            seq = _SEQ[index + 1]
            whole = cancelled[index] != NEVER
            allocated = 0
            for link in outcome.links:
                allocated += link.units
                self._assocs.add((
                    order_id, seq, "_NA_", *link.supply.key, "_NA_", "PURCHASE_ORDER",
                    link.units, time.of_slot(link.at), outcome.user,
                ))  # fmt: skip
            auto_cancel = None
            if not whole and fate.settled_at == NEVER and self._rng.random() < 0.04:
                auto_cancel = time.end_of_day(5 + int(self._rng.random() * 40))
            promise, arrival, price = outcome.promise, outcome.arrival, catalogue.prices[product]
            self._items.add((
                order_id, seq, str(external + index * 32_768), "PRODUCT_ORDER_ITEM",
                catalogue.ids[product], quantity, quantity if whole else part_cancelled[index],
                price, price, "ITEM_CANCELLED" if whole else open_status, outcome.po_id,
                None if promise is None else time.end_of_day(promise),
                None if arrival is None else time.end_of_day(arrival),
                "00001", auto_cancel, catalogue.descriptions[product], outcome.user, allocated,
                entered, entered if outcome.user is None else time.of_slot(outcome.last_event),
            ))  # fmt: skip


def _ready(links: list[Link]) -> int:
    """The day on which all that a line is linked to had come in; NEVER when that is still to be."""
    return max((link.supply.received_day for link in links), default=NEVER)


def _safe(links: list[list[Link]]) -> bool:
    """Whether every line has supply, and none of it will be cancelled."""
    return all(line and all(link.supply.cancel_slot == NEVER for link in line) for line in links)
