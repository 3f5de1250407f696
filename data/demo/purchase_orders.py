"""The supply side: purchase orders, planned whole before the first sales order is placed.

What will happen to a purchase order line (it slips, is received, is cancelled) is decided here, so
that a sales order that is linked to it on some day knows what became of the link.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from data.demo.batches import Row
from data.demo.catalogue import SECOND_WAREHOUSE, STORE, WAREHOUSE, Catalogue
from data.demo.journal import DESK_USERS, Journal, Line
from data.demo.people import People
from data.demo.purchase_lines import (
    APPROVED,
    CANCELLED,
    COMPLETED,
    CREATED,
    PurchaseLine,
    PurchaseOrder,
)
from data.demo.story_time import NEVER, PHASES, Phase, StoryTime, slot

HEADER_COLUMNS = (
    "ORDER_ID ORDER_TYPE_ID EXTERNAL_ID ORDER_DATE ENTRY_DATE STATUS_ID PRODUCT_STORE_ID"
    " CURRENCY_UOM GRAND_TOTAL CREATED_BY CREATED_STAMP LAST_UPDATED_STAMP"
)
ITEM_COLUMNS = (
    "ORDER_ID ORDER_ITEM_SEQ_ID EXTERNAL_ID ORDER_ITEM_TYPE_ID PRODUCT_ID QUANTITY CANCEL_QUANTITY"
    " UNIT_PRICE UNIT_LIST_PRICE STATUS_ID ESTIMATED_DELIVERY_DATE IS_NEW_PRODUCT"
    " SHIP_GROUP_SEQ_ID ITEM_DESCRIPTION RECEIVED_QUANTITY ATP_CEILING CREATED_STAMP"
    " LAST_UPDATED_STAMP"
)
RECEIPT_COLUMNS = (
    "RECEIPT_ID ORDER_ID ORDER_ITEM_SEQ_ID PRODUCT_ID QUANTITY_ACCEPTED DATETIME_RECEIVED"
    " RECEIVED_BY_USER_LOGIN_ID"
)

SHIP_GROUP_COLUMNS = "ORDER_ID SHIP_GROUP_SEQ_ID FACILITY_ID"
ALLOCATED_COLUMNS = "ALLOCATED_QUANTITY ORDER_ID ORDER_ITEM_SEQ_ID"

# The nightly automatic allocation last ran four nights ago: what came since is work for the demo.
LAST_RUN = -4
FIRST_ENTRY = -150

# One of each early on, so that the smallest demo shows every status too.
_STATUS_CYCLE = (
    APPROVED, COMPLETED, CANCELLED, CREATED, APPROVED, APPROVED, APPROVED, APPROVED, APPROVED,
    APPROVED, CREATED, APPROVED, APPROVED, APPROVED, COMPLETED, APPROVED, APPROVED, APPROVED,
    APPROVED, CANCELLED, APPROVED, APPROVED, APPROVED, COMPLETED, APPROVED,
)  # fmt: skip
_SLIPS = (
    "Mill delayed the shipment", "Vessel rolled to the next sailing", "Held at customs",
    "Fabric arrived late at the factory",
)  # fmt: skip
_NO_EVENT = -NEVER


class Supply:
    """All purchase orders of a demo, by the day they are entered and by product."""

    def __init__(self, orders: int, seed: int, catalogue: Catalogue, people: People) -> None:
        self._rng = random.Random(f"purchase orders/{seed}")
        self._catalogue = catalogue
        self.orders = [self._header(index, people) for index in range(max(8, orders // 50))]
        self._choose_products()
        self.orders.sort(key=lambda order: (order.entry_day, order.entry_second))
        self.by_product: list[list[PurchaseLine]] = [[] for _ in range(catalogue.size)]
        self._units = orders * 2.2 * 1.45 * 0.84

    def _header(self, index: int, people: People) -> PurchaseOrder:
        rng = self._rng
        order = PurchaseOrder(_STATUS_CYCLE[index % len(_STATUS_CYCLE)])
        if order.status == COMPLETED:
            order.arrival = rng.randint(-75, -8)
        elif order.status == APPROVED and index % 30 == 5:
            order.arrival = rng.randint(-30, -1)  # late, and not received
        elif order.status == APPROVED and index % 9 == 4:
            order.arrival = rng.randint(-3, 12)  # partly received
        else:
            order.arrival = rng.randint(1, 120)
        entry = order.arrival - rng.randint(60, 150)
        if order.status == CREATED:
            entry = -rng.randint(1, 25)
        elif entry > -1:
            entry = -rng.randint(1, 20)
        order.entry_day = max(FIRST_ENTRY, entry)
        order.entry_second = 8 * 3600 + rng.randrange(9 * 3600)
        order.supplier = rng.randrange(people.suppliers)
        if order.status == APPROVED and index % 8 == 6:
            order.appends = True
            order.entry_day = min(order.entry_day, -20)
        if order.status == CANCELLED:
            # Either at once, or lately: after the last nightly run, so that its sales orders wait.
            late = index % len(_STATUS_CYCLE) == 2
            order.entry_day = min(order.entry_day, -20)
            order.cancel_day = rng.randint(-3, -1) if late else order.entry_day + 1
        return order

    def _choose_products(self) -> None:
        """Most products are on order once; the ones that sell best several times."""
        rng, popular = self._rng, self._catalogue.sold_ahead
        size = len(popular)
        covered = list(range(size * 24 // 25))
        rng.shuffle(covered)
        for order in self.orders:
            wanted = min(rng.randint(5, 14), size // 2)
            chosen: dict[int, None] = {}
            while len(chosen) < wanted:
                if covered and order.status in (CREATED, APPROVED):
                    rank = covered.pop()
                else:
                    rank = int(size * rng.random() ** 1.3)
                chosen[popular[rank]] = None
            order.products = list(chosen)

    def number(self, next_number: int, index: int, order: PurchaseOrder) -> None:
        """Give the order its id; ``index`` is its place among purchase orders."""
        order.number = next_number
        order.order_id = str(next_number)
        order.external_id = f"PO-{20_001 + index}"

    def plan_lines(self, journal: Journal, time: StoryTime) -> None:
        """Plan the lines of all orders; they must have their ids. Tells the journal of them."""
        popular = self._catalogue.sold_ahead
        size = len(popular)
        rank_of = [0] * self._catalogue.size
        for rank, product in enumerate(popular):
            rank_of[product] = rank
        lines_of = [0] * self._catalogue.size
        for order in self.orders:
            if order.status in (CREATED, APPROVED):
                for product in order.products:
                    lines_of[product] += 1
        for order in self.orders:
            for index, product in enumerate(order.products):
                rank = rank_of[product]
                share = ((rank + 1) / size) ** 0.5 - (rank / size) ** 0.5
                demand = self._units * share
                if order.status in (CREATED, APPROVED):
                    units = demand / lines_of[product] * self._rng.uniform(0.75, 2.1)
                else:
                    units = demand * self._rng.uniform(0.06, 0.2)
                line = self._line(order, index, product, units)
                order.lines.append(line)
                self._tell(line, journal, time)
                if line.left > 0 and line.until > line.available_from:
                    self.by_product[product].append(line)
            if order.status == APPROVED and not any(
                line.status == "ITEM_APPROVED" for line in order.lines
            ):
                order.status = COMPLETED

    def _line(self, order: PurchaseOrder, index: int, product: int, units: float) -> PurchaseLine:
        rng = self._rng
        line = PurchaseLine()
        line.key = Line(order.order_id, f"{index + 1:05d}")
        line.order = order
        line.product = product
        step = 2 if units < 20 else 6 if units < 120 else 50
        line.quantity = max(4, step * round(units / step))
        line.cancelled = 0
        line.ceiling = None
        line.receipts = ()
        line.received = 0
        line.received_day = line.arrival_slot = line.sync_slot = line.cancel_slot = NEVER
        line.available_from = order.entry_day
        line.allocated = 0
        jitter = rng.random()
        line.arrival = order.arrival + (rng.randint(1, 5) if jitter < 0.25 else 0)
        if line.arrival > 120:
            line.arrival = 120
        line.first_arrival = line.arrival
        line.until = min(LAST_RUN, line.arrival)
        line.status = "ITEM_CREATED" if order.status == CREATED else "ITEM_APPROVED"
        if order.status == CANCELLED:
            line.cancel_slot = slot(order.cancel_day, Phase.CANCEL)
        elif order.status == COMPLETED:
            self._receive(line, 1.0)
        elif order.status == APPROVED:
            self._live(line, last=index + 1 == len(order.products))
        if line.cancel_slot != NEVER:
            line.status = "ITEM_CANCELLED"
            line.cancelled = line.quantity
            line.until = min(line.until, line.cancel_slot // PHASES - 1)
        usable = line.quantity if line.cancel_slot != NEVER else line.quantity - line.cancelled
        line.left = usable if line.ceiling is None else min(usable, line.ceiling)
        events = [at for at in (line.arrival_slot, line.sync_slot, line.cancel_slot) if at != NEVER]
        line.last_event = max(events, default=_NO_EVENT)
        return line

    def _live(self, line: PurchaseLine, *, last: bool) -> None:
        """What happens to a line of an approved order."""
        rng = self._rng
        if -5 <= line.arrival <= 12:
            if rng.random() < 0.8:
                self._receive(line, 1.0 if rng.random() < 0.25 else rng.uniform(0.2, 0.7))
            return
        if last and line.order.appends:
            line.available_from += rng.randint(2, 8)
            return
        fate = rng.random()
        if fate < 0.04 and line.available_from < -12:
            recent = rng.random() < 0.6
            day = rng.randint(-3, -1) if recent else line.available_from + 1
            line.cancel_slot = slot(day, Phase.CANCEL)
        elif fate < 0.07:
            line.cancelled = max(1, line.quantity // 4)
        elif fate < 0.17:
            line.ceiling = max(1, line.quantity * rng.randint(5, 9) // 10)
        elif fate < 0.45:
            self._move(line, later=fate < 0.36)

    def _move(self, line: PurchaseLine, *, later: bool) -> None:
        """The arrival date changed once, and was carried to the sales orders or not."""
        rng = self._rng
        days = rng.randint(5, 24)
        before = line.arrival - days if later else line.arrival + days
        earliest = line.available_from + 3
        latest = min(-1, before, line.arrival)
        if earliest > latest:
            return
        day = rng.randint(max(earliest, latest - 45), latest)
        line.first_arrival = before
        line.arrival_slot = slot(day, Phase.ARRIVAL)
        if rng.random() < 0.5:
            line.sync_slot = slot(day, Phase.SYNC)

    def _receive(self, line: PurchaseLine, part: float) -> None:
        """Some or all of the line came in, in one or two receipts."""
        rng = self._rng
        latest = min(-1, line.arrival + 3)
        day = rng.randint(max(latest - 4, line.available_from + 1), latest)
        units = line.quantity if part >= 1.0 else max(1, int(line.quantity * part))
        first = units // 2 if units > 3 and rng.random() < 0.4 else 0
        if first:
            line.receipts = ((max(day - 2, line.available_from), first),)
        line.receipts = (*line.receipts, (day, units - first))
        line.received = units
        # Units that were received are physical stock: nothing is promised against them any more.
        line.until = min(line.until, line.receipts[0][0] - 1)
        if units == line.quantity:
            line.received_day = day
            line.status = "ITEM_COMPLETED"

    def _tell(self, line: PurchaseLine, journal: Journal, time: StoryTime) -> None:
        """The line's own history; sales orders add theirs to the same change sets."""
        key, user = line.key, line.user
        if line.available_from > line.order.entry_day:
            journal.draft(
                slot(line.available_from, Phase.APPEND),
                line,
                f"add-item {key.order_id} {self._catalogue.skus[line.product]} {line.quantity}",
                user=user,
                comments="Added at the buyer's request",
            ).append(key, line.quantity)
        if line.arrival_slot != NEVER:
            later = line.arrival > line.first_arrival
            journal.draft(
                line.arrival_slot,
                line,
                f"set-arrival-date {key} {time.date(line.arrival)}",
                user=user,
                comments=_SLIPS[line.arrival % len(_SLIPS)] if later else "Supplier ships early",
            ).arrival(key, time.journal_value(line.first_arrival), time.journal_value(line.arrival))
        if line.cancel_slot != NEVER:
            target = key if line.cancelled_with is line else key.order_id
            cancel = journal.draft(
                line.cancel_slot,
                line.cancelled_with,
                f"cancel-purchase {target}",
                user=user,
                comments="Supplier cannot deliver",
                reason="OICR_CHANGE_MIND",
            )
            cancel.cancel(key, line.quantity, whole=True)
            if line.cancelled_with is not line:
                cancel.cancel_order(key.order_id)
        elif line.cancelled:
            journal.draft(
                slot(min(line.available_from + 1, -1), Phase.CANCEL),
                line,
                f"set-quantity {key} {line.quantity - line.cancelled}",
                user=user,
                comments="Ordered too many",
                reason="OICR_MISORDER_ITEM",
            ).cancel(key, line.cancelled, whole=False)

    def header_rows(self, time: StoryTime) -> Iterator[Row]:
        """ORDER_HEADER rows."""
        for order in self.orders:
            entered = time.moment(order.entry_day, order.entry_second)
            prices = self._catalogue.prices
            total = sum(line.quantity * _cost(prices[line.product]) for line in order.lines)
            yield (
                order.order_id, "PURCHASE_ORDER", order.external_id, entered, entered,
                order.status, STORE[0], "USD", round(total, 2),
                DESK_USERS[order.number % len(DESK_USERS)], entered, entered,
            )  # fmt: skip

    def role_rows(self, people: People) -> Iterator[Row]:
        """ORDER_ROLE rows: the supplier."""
        for order in self.orders:
            yield order.order_id, "BILL_FROM_VENDOR", people.supplier_id(order.supplier)

    def ship_group_rows(self) -> Iterator[Row]:
        """ORDER_ITEM_SHIP_GROUP rows: the warehouse that receives the order."""
        for order in self.orders:
            yield order.order_id, "00001", SECOND_WAREHOUSE if order.number % 4 == 0 else WAREHOUSE

    def item_rows(self, time: StoryTime) -> Iterator[Row]:
        """ORDER_ITEM rows, still without their allocations."""
        catalogue = self._catalogue
        for order in self.orders:
            entered = time.moment(order.entry_day, order.entry_second)
            for line in order.lines:
                product, cost = line.product, _cost(catalogue.prices[line.product])
                yield (
                    *line.key, f"{order.external_id}-{int(line.key.seq)}",
                    "PRODUCT_ORDER_ITEM", catalogue.ids[product], line.quantity, line.cancelled,
                    cost, cost, line.status, time.end_of_day(line.arrival),
                    "Y" if catalogue.is_new[product] else "N", "00001",
                    catalogue.descriptions[product], line.received, line.ceiling, entered, entered,
                )  # fmt: skip

    def receipt_rows(self, time: StoryTime) -> Iterator[Row]:
        """SHIPMENT_RECEIPT rows in the order of their days."""
        receipts = sorted(
            (day, line.key, self._catalogue.ids[line.product], units)
            for order in self.orders
            for line in order.lines
            for day, units in line.receipts
        )
        for receipt_id, (day, key, product_id, units) in enumerate(receipts, start=1):
            yield (
                receipt_id, *key, product_id, units,
                time.moment(day, 15 * 3600 + receipt_id % 3600),
                DESK_USERS[receipt_id % len(DESK_USERS)],
            )  # fmt: skip

    def allocated_rows(self) -> Iterator[Row]:
        """What became allocated, and of which line."""
        for order in self.orders:
            for line in order.lines:
                if line.allocated:
                    yield line.allocated, *line.key


def _cost(price: float) -> float:
    return round(price * 0.42, 3)
