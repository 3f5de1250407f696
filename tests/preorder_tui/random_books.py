"""Random small books for comparing lists with a naive reading of the same data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from data import tables as t
from preorder_tui.clock import Clock
from tests.conftest import TODAY

SKUS = ("BAG-1", "BAG-2", "cap_3", "Hat%4")
NAMES = ("Tote Bag", "Weekend Bag", "Wool Cap", "Sun Hat")
PARENTS = ("V-BAG", "V-BAG", "V-CAP", None)
CUSTOMERS = ("Ana Lima", "Bo Åström", "bag lady")
STORES = ("STORE", "OUTLET")
CHANNELS = ("WEB_SALES_CHANNEL", "POS_SALES_CHANNEL", None)
FACILITIES = ("PRE_ORDER_PARKING", "BACKORDER_PARKING", "_NA_", "WH1")
METHODS = ("STANDARD", "NEXT_DAY", None)
ORDER_STATUSES = ("ORDER_CREATED", "ORDER_APPROVED", "ORDER_COMPLETED", "ORDER_CANCELLED")
ITEM_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_HOLD", "ITEM_COMPLETED", "ITEM_CANCELLED")
DAYS = tuple(TODAY + timedelta(days=n) for n in (-3, -1, 0, 1, 5))
# Most of a book is open work: the closed is drawn now and then.
MOSTLY_OPEN_ORDERS = ("ORDER_APPROVED", "ORDER_CREATED") * 3 + ORDER_STATUSES
MOSTLY_OPEN_ITEMS = ("ITEM_APPROVED", "ITEM_CREATED") * 4 + ITEM_STATUSES
MOSTLY_QUEUED = ("PRE_ORDER_PARKING", "BACKORDER_PARKING") * 2 + FACILITIES
MOSTLY_BAGS = (0, 1, 0, 1, 2, 3)


@dataclass
class Line:
    """A sales or purchase order line."""

    order_id: str
    item: str
    product: int
    quantity: int
    cancelled: int
    status: str
    facility: str
    method: str | None = None
    promised: datetime | None = None
    arrival: datetime | None = None
    auto_cancel: datetime | None = None
    received: int | None = None
    ceiling: int | None = None
    links: dict[tuple[str, str], int] = field(default_factory=dict)
    purchase_order_id: str | None = None
    allocated: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.order_id, self.item


@dataclass
class Order:
    """A header with its lines."""

    order_id: str
    name: str | None
    external_id: str | None
    placed: datetime
    status: str
    store: str
    channel: str | None
    customer: int
    lines: list[Line]


@dataclass
class RandomBook:
    """Sales and purchase orders, as generated and as written."""

    sales: list[Order]
    purchases: list[Order]

    def write(self, connection: Connection) -> None:
        """Insert everything; the caller rolls it back."""
        products = [
            {"PRODUCT_ID": f"{n}", "INTERNAL_NAME": sku, "PRODUCT_NAME": NAMES[n]}
            for n, sku in enumerate(SKUS)
        ]
        parents = [
            {"PRODUCT_ID": p, "INTERNAL_NAME": p, "PRODUCT_NAME": f"{p} style"}
            for p in sorted({p for p in PARENTS if p})
        ]
        _all(connection, t.product, products + parents)
        _all(
            connection,
            t.product_assoc,
            [
                {"PRODUCT_ID": parent, "PRODUCT_ID_TO": f"{n}"}
                for n, parent in enumerate(PARENTS)
                if parent
            ],
        )
        _all(
            connection,
            t.party,
            [
                {"PARTY_ID": f"P{n}", "PARTY_TYPE_ID": "PERSON", "PARTY_NAME": name}
                for n, name in enumerate(CUSTOMERS)
            ],
        )
        _all(
            connection,
            t.facility,
            [
                {"FACILITY_ID": name, "FACILITY_TYPE_ID": "NA", "FACILITY_NAME": f"The {name}"}
                for name in FACILITIES
            ],
        )
        kinds = (("SALES_ORDER", self.sales), ("PURCHASE_ORDER", self.purchases))
        headers, roles, groups, items, links = [], [], [], [], []
        for kind, orders in kinds:
            for order in orders:
                headers.append(
                    {
                        "ORDER_ID": order.order_id,
                        "ORDER_TYPE_ID": kind,
                        "ORDER_NAME": order.name,
                        "EXTERNAL_ID": order.external_id,
                        "ORDER_DATE": order.placed,
                        "ENTRY_DATE": order.placed,
                        "STATUS_ID": order.status,
                        "PRODUCT_STORE_ID": order.store,
                        "SALES_CHANNEL_ENUM_ID": order.channel,
                    }
                )
                roles.append(
                    {
                        "ORDER_ID": order.order_id,
                        "ROLE_TYPE_ID": "PLACING_CUSTOMER",
                        "PARTY_ID": f"P{order.customer}",
                    }
                )
                for line in order.lines:
                    groups.append(
                        {
                            "ORDER_ID": line.order_id,
                            "SHIP_GROUP_SEQ_ID": line.item,
                            "FACILITY_ID": line.facility,
                            "SHIPMENT_METHOD_TYPE_ID": line.method,
                        }
                    )
                    items.append(_item(line))
                    links += [
                        {
                            "ORDER_ID": line.order_id,
                            "ORDER_ITEM_SEQ_ID": line.item,
                            "TO_ORDER_ID": to[0],
                            "TO_ORDER_ITEM_SEQ_ID": to[1],
                            "QUANTITY": quantity,
                            "FROM_DATE": datetime(2026, 1, 1),
                        }
                        for to, quantity in line.links.items()
                    ]
        _all(connection, t.order_header, headers)
        _all(connection, t.order_role, roles)
        _all(connection, t.order_item_ship_group, groups)
        _all(connection, t.order_item, items)
        _all(connection, t.order_item_assoc, links)


def _item(line: Line) -> dict[str, Any]:
    return {
        "ORDER_ID": line.order_id,
        "ORDER_ITEM_SEQ_ID": line.item,
        "PRODUCT_ID": str(line.product),
        "QUANTITY": line.quantity,
        "CANCEL_QUANTITY": line.cancelled,
        "STATUS_ID": line.status,
        "SHIP_GROUP_SEQ_ID": line.item,
        "PROMISED_DATETIME": line.promised,
        "ESTIMATED_DELIVERY_DATE": line.arrival,
        "AUTO_CANCEL_DATE": line.auto_cancel,
        "RECEIVED_QUANTITY": line.received,
        "ATP_CEILING": line.ceiling,
        "CORRESPONDING_PO_ID": line.purchase_order_id,
    }


def _all(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


@st.composite
def random_books(draw: st.DrawFn, clock: Clock) -> RandomBook:
    """Up to a dozen sales orders of up to three lines on up to four purchase orders."""
    purchases = [_purchase_order(draw, clock, f"2{n:03}") for n in range(draw(st.integers(0, 4)))]
    supply = {line.key: line for order in purchases for line in order.lines}
    sales = [_sales_order(draw, clock, f"1{n:03}", supply) for n in range(draw(st.integers(0, 12)))]
    return RandomBook(sales, purchases)


def _moment(draw: st.DrawFn, clock: Clock, *, missing: bool = True) -> datetime | None:
    day: date | None = draw(st.sampled_from((*DAYS, None) if missing else DAYS))
    return clock.end_of(day) if day else None


def _purchase_order(draw: st.DrawFn, clock: Clock, order_id: str) -> Order:
    status = draw(st.sampled_from(MOSTLY_OPEN_ORDERS))
    lines = []
    facility = draw(st.sampled_from(("WH1", "_NA_")))
    for number in range(draw(st.integers(1, 3))):
        quantity = draw(st.integers(1, 9))
        item_status = draw(st.sampled_from(MOSTLY_OPEN_ITEMS))
        lines.append(
            Line(
                order_id,
                f"{number + 1:05}",
                draw(st.sampled_from(MOSTLY_BAGS)),
                quantity,
                quantity
                if item_status == "ITEM_CANCELLED"
                else draw(st.integers(0, 1)) * (quantity > 1),
                item_status,
                facility,
                arrival=_moment(draw, clock),
                received=draw(st.integers(0, 9)),
                ceiling=draw(st.none() | st.integers(0, 9)),
            )
        )
    return Order(
        order_id,
        None,
        draw(st.none() | st.just(f"PO-{order_id}")),
        datetime.combine(draw(st.sampled_from(DAYS)), time(9)),
        status,
        "STORE",
        None,
        0,
        lines,
    )


def _sales_order(
    draw: st.DrawFn, clock: Clock, order_id: str, supply: dict[tuple[str, str], Line]
) -> Order:
    lines = []
    for number in range(draw(st.integers(0, 3))):
        quantity = draw(st.integers(1, 5))
        status = draw(st.sampled_from(MOSTLY_OPEN_ITEMS))
        line = Line(
            order_id,
            f"{number + 1:05}",
            draw(st.sampled_from(MOSTLY_BAGS)),
            quantity,
            quantity if status == "ITEM_CANCELLED" else draw(st.integers(0, 1)) * (quantity > 1),
            status,
            draw(st.sampled_from(MOSTLY_QUEUED)),
            draw(st.sampled_from(METHODS)),
            promised=_moment(draw, clock),
            auto_cancel=_moment(draw, clock),
        )
        if status != "ITEM_CANCELLED":
            _link(draw, line, supply)
        elif supply:
            line.purchase_order_id = draw(
                st.none() | st.sampled_from(sorted({k[0] for k in supply}))
            )
        lines.append(line)
    moment = datetime.combine(draw(st.sampled_from(DAYS)), time(draw(st.sampled_from((0, 12)))))
    return Order(
        order_id,
        draw(st.none() | st.just(f"#{order_id}")),
        draw(st.none() | st.just(f"shop_{order_id}")),
        moment,
        draw(st.sampled_from(MOSTLY_OPEN_ORDERS)),
        draw(st.sampled_from(STORES)),
        draw(st.sampled_from(CHANNELS)),
        draw(st.integers(0, 2)),
        lines,
    )


def _link(draw: st.DrawFn, line: Line, supply: dict[tuple[str, str], Line]) -> None:
    for key, source in supply.items():
        if source.product != line.product or source.status == "ITEM_CANCELLED":
            continue
        most = min(
            line.quantity - line.cancelled - line.allocated,
            source.quantity - source.cancelled - source.allocated,
        )
        units = draw(st.integers(0, most)) if most > 0 else 0
        if units:
            line.links[key] = units
            line.allocated += units
            source.allocated += units
            if source.arrival and (line.arrival is None or source.arrival >= line.arrival):
                line.arrival, line.purchase_order_id = source.arrival, key[0]
            line.purchase_order_id = line.purchase_order_id or key[0]
