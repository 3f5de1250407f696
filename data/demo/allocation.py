"""Linking a sales order line to supply, and following the link through everything that happens."""

from __future__ import annotations

from typing import NamedTuple

from data.demo.journal import DESK_USERS, Journal
from data.demo.purchase_lines import PurchaseLine
from data.demo.purchase_orders import Supply
from data.demo.story_time import NEVER, PHASES, Phase, StoryTime, slot

SalesKey = tuple[str, str]


class Link(NamedTuple):
    """Units of a purchase order line that a sales order line got at a slot."""

    supply: PurchaseLine
    units: int
    at: int


class Plan(NamedTuple):
    """What is to happen to a sales order line beside its supply's own story."""

    cancel_at: int = NEVER
    cancel_order: bool = False  # with the whole order, or alone
    settled_at: int = NEVER  # released or shipped: it follows no date from here on
    promise_at: int = NEVER  # somebody moves the promise by hand
    promise_days: int = 0
    remove_at: int = NEVER  # somebody removes its allocations


class Outcome(NamedTuple):
    """Where a sales order line stands today; days are day numbers."""

    promise: int | None
    arrival: int | None
    po_id: str | None
    links: list[Link]
    last_event: int  # slot; -NEVER when nothing happened
    user: str | None  # who did that


PLAIN = Plan()  # nothing happens
_NIGHTLY = "auto-allocate --policy fifo"
_BY_NIGHT = int(Phase.AUTO_ALLOCATE)


def take(supply: Supply, product: int, units: int, day: int, until: int, phase: int) -> list[Link]:
    """Take up to ``units`` of a product for a line placed on ``day``, first in first out.

    A line is linked on the first morning on which there is something to link it to, so it may wait
    for a purchase order that is entered later. Lines come here in the order of their order dates:
    what an earlier one waits for is already taken when a later one looks.
    """
    lines = supply.by_product[product]
    links: list[Link] = []
    soonest = day + 1
    while units and lines:
        best: PurchaseLine | None = None
        best_run = best_arrival = NEVER
        spent = False
        for line in lines:  # by entry date, then id: the tie-break
            last = line.until
            if last < soonest or not line.left:
                spent = True
                continue
            run = line.available_from + 1
            if run < soonest:  # not max(): this is done ten million times
                run = soonest
            if run > best_run or run > last:
                continue
            arrival = line.first_arrival if run * PHASES < line.arrival_slot else line.arrival
            if run < best_run or arrival < best_arrival:
                best, best_run, best_arrival = line, run, arrival
        if spent:
            lines[:] = [line for line in lines if line.left and line.until >= soonest]
        if best is None or best_run > until:
            break
        taken = units if units < best.left else best.left
        best.left -= taken
        units -= taken
        links.append(Link(best, taken, slot(best_run, phase)))
    return links


def follow(
    journal: Journal, time: StoryTime, key: SalesKey, units: int, links: list[Link], plan: Plan
) -> Outcome:
    """Play a line's story to the end, tell the journal, count what stays allocated."""
    if plan is PLAIN or plan.cancel_at == plan.promise_at == plan.remove_at == NEVER:
        for link in links:
            if link.at < link.supply.last_event:
                break
        else:
            return _quiet(journal, time, key, links)
    return _eventful(journal, time, key, units, links, plan)


def _quiet(journal: Journal, time: StoryTime, key: SalesKey, links: list[Link]) -> Outcome:
    """Nothing happened after the line was linked: nearly every line."""
    promise: int | None = None
    latest: PurchaseLine | None = None
    at = -NEVER
    for link in sorted(links, key=lambda link: link.at) if len(links) > 1 else links:
        supply, at = link.supply, link.at
        supply.allocated += link.units
        promise = _tell_link(journal, time, key, link, promise)
        if latest is None or _later(supply, latest):
            latest = supply
    if latest is None:
        return Outcome(None, None, None, links, at, None)
    return Outcome(promise, latest.arrival, latest.key.order_id, links, at, _linked_by(key, at))


def _eventful(
    journal: Journal, time: StoryTime, key: SalesKey, units: int, links: list[Link], plan: Plan
) -> Outcome:
    events: list[tuple[int, int, Link | None]] = []
    for link in links:
        events.append((link.at, 0, link))
        supply = link.supply
        if link.at < supply.sync_slot < plan.settled_at:
            events.append((supply.sync_slot, 1, link))
        if link.at < supply.cancel_slot < NEVER:
            events.append((supply.cancel_slot, 2, link))
    for at, kind in ((plan.promise_at, 3), (plan.remove_at, 4), (plan.cancel_at, 5)):
        if at != NEVER:
            events.append((at, kind, None))
    events.sort(key=lambda event: event[:2])

    text = f"{key[0]}/{key[1]}"
    user = DESK_USERS[int(key[0]) % len(DESK_USERS)]
    promise: int | None = None
    live: list[Link] = []
    po_id: str | None = None
    last_event, last_user = -NEVER, None
    for at, kind, about in events:
        draft_user: str = user
        if kind == 0 and about is not None:
            live.append(about)
            promise = _tell_link(journal, time, key, about, promise)
            draft_user = _linked_by(key, at)
        elif kind == 1 and about is not None and about in live:
            arrival = max(link.supply.arrival_at(at) for link in live)
            if arrival == promise:
                continue
            draft_user = about.supply.user
            sync = journal.draft(
                at, about.supply, f"sync-dates {about.supply.key}", user=draft_user
            )
            sync.promise(
                key,
                None if promise is None else time.journal_value(promise),
                time.journal_value(arrival),
            )
            promise = arrival
        elif kind == 2 and about is not None and about in live:
            live.remove(about)
            draft_user = about.supply.user
            journal.draft(at, about.supply.cancelled_with).allocation(
                key, about.supply.key, about.units, 0
            )
        elif kind == 3 and live and promise is not None:
            moved = promise + plan.promise_days
            if moved < at // PHASES:
                continue  # nobody promises a day that is over
            journal.draft(
                at,
                key,
                f"set-promise-date {text} {time.date(moved)}",
                user=user,
                comments="Agreed with the customer",
            ).promise(key, time.journal_value(promise), time.journal_value(moved))
            promise = moved
        elif kind == 4 and live:
            single = f" {live[0].supply.key}" if len(live) == 1 else ""
            removal = journal.draft(
                at, key, f"deallocate {text}{single}", user=user, comments="Linked by mistake"
            )
            for link in live:
                removal.allocation(key, link.supply.key, link.units, 0)
            live = []
        elif kind == 5:
            target = key[0] if plan.cancel_order else text
            cancel = journal.draft(
                at,
                target,
                f"cancel-item {target} --reason-code SHOPIFY_CANCELLATION",
                user=user,
                comments="Cancelled by the customer",
                reason="SHOPIFY_CANCELLATION",
            )
            cancel.cancel(key, units, whole=True)
            if plan.cancel_order:
                cancel.cancel_order(key[0])
            for link in live:
                cancel.allocation(key, link.supply.key, link.units, 0)
            po_id = _latest(live, at).key.order_id if live else None
            # A cancelled line keeps the name of its purchase order, and nothing else of it.
            return Outcome(promise, None, po_id, [], at, user)
        else:
            continue
        last_event, last_user = at, draft_user
    arrival_day: int | None = None
    if live:
        latest = _latest(live, NEVER)
        po_id, arrival_day = latest.key.order_id, latest.arrival
    for link in live:
        link.supply.allocated += link.units
    return Outcome(promise, arrival_day, po_id, live, last_event, last_user)


def _tell_link(
    journal: Journal, time: StoryTime, key: SalesKey, link: Link, promise: int | None
) -> int:
    """Journal a new link with the promise it brings; the promise day after it."""
    supply, at = link.supply, link.at
    if at % PHASES == _BY_NIGHT:
        draft = journal.draft(at, 0, _NIGHTLY)
    else:
        # One command a link: a line that is split by hand is two commands.
        draft = journal.draft(
            at,
            (key, supply.key),
            f"allocate {key[0]}/{key[1]} {supply.key} --quantity {link.units}",
            user=_linked_by(key, at),
        )
    draft.allocation(key, supply.key, 0, link.units)
    arrival = supply.first_arrival if at < supply.arrival_slot else supply.arrival
    if promise is None:
        draft.promise(key, None, time.journal_value(arrival))
        return arrival
    if arrival > promise:
        draft.promise(key, time.journal_value(promise), time.journal_value(arrival))
        return arrival
    return promise


def _linked_by(key: SalesKey, at: int) -> str:
    if at % PHASES == _BY_NIGHT:
        return "demo"
    return DESK_USERS[int(key[0]) % len(DESK_USERS)]


def _latest(links: list[Link], at: int) -> PurchaseLine:
    """The line whose arrival the sales order line waits for."""
    return max((link.supply for link in links), key=lambda line: (line.arrival_at(at), line.key))


def _later(one: PurchaseLine, other: PurchaseLine) -> bool:
    return (one.arrival, one.key) > (other.arrival, other.key)
