"""View Sales Order: the header, ship groups and all lines with their allocations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, and_, bindparam, select

from data.tables import (
    facility,
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    order_role,
    party,
)
from preorder_tui import marks, products, resolve
from preorder_tui.clock import Clock
from preorder_tui.customers import PLACING_CUSTOMER
from preorder_tui.deallocation import why_not_removable
from preorder_tui.lines import LineId
from preorder_tui.pins import PINNED
from preorder_tui.read_only import read_only_reason
from preorder_tui.records import Allocation, ProductInfo, SalesLine, SalesOrder, ShipGroup
from preorder_tui.sales_line_standing import why_not_waiting
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty
from preorder_tui.words import SALES_ORDER

_order_id = bindparam("order_id", type_=String)

_HEADER = select(
    order_header.c.ORDER_ID,
    order_header.c.ORDER_NAME,
    order_header.c.EXTERNAL_ID,
    order_header.c.ORDER_DATE,
    order_header.c.ENTRY_DATE,
    order_header.c.STATUS_ID,
    order_header.c.PRODUCT_STORE_ID,
    order_header.c.SALES_CHANNEL_ENUM_ID,
    order_header.c.CURRENCY_UOM,
    order_header.c.GRAND_TOTAL,
).where(order_header.c.ORDER_ID == _order_id)

_CUSTOMER = (
    select(party.c.PARTY_NAME, party.c.EMAIL_ADDRESS, party.c.PHONE_NUMBER, party.c.POSTAL_ADDRESS)
    .join(order_role, order_role.c.PARTY_ID == party.c.PARTY_ID)
    .where(order_role.c.ORDER_ID == _order_id, order_role.c.ROLE_TYPE_ID == PLACING_CUSTOMER)
    .order_by(party.c.PARTY_NAME)
)

_SHIP_GROUPS = (
    select(
        order_item_ship_group.c.SHIP_GROUP_SEQ_ID,
        order_item_ship_group.c.FACILITY_ID,
        facility.c.FACILITY_NAME,
        order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID,
        order_item_ship_group.c.SHIP_TO_ADDRESS,
    )
    .outerjoin(facility, facility.c.FACILITY_ID == order_item_ship_group.c.FACILITY_ID)
    .where(order_item_ship_group.c.ORDER_ID == _order_id)
    .order_by(order_item_ship_group.c.SHIP_GROUP_SEQ_ID)
)

_LINES = (
    select(order_item)
    .where(order_item.c.ORDER_ID == _order_id)
    .order_by(order_item.c.ORDER_ITEM_SEQ_ID)
)

_purchase_item = order_item.alias("purchase_item")
_ALLOCATIONS = (
    select(
        order_item_assoc.c.ORDER_ITEM_SEQ_ID,
        order_item_assoc.c.TO_ORDER_ID,
        order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
        order_header.c.EXTERNAL_ID,
        order_item_assoc.c.QUANTITY,
        _purchase_item.c.ESTIMATED_DELIVERY_DATE,
        order_item_assoc.c.PINNED,
    )
    .join_from(
        order_item_assoc,
        _purchase_item,
        and_(
            _purchase_item.c.ORDER_ID == order_item_assoc.c.TO_ORDER_ID,
            _purchase_item.c.ORDER_ITEM_SEQ_ID == order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
        ),
    )
    .join(order_header, order_header.c.ORDER_ID == order_item_assoc.c.TO_ORDER_ID)
    .where(order_item_assoc.c.ORDER_ID == _order_id)
    .order_by(
        _purchase_item.c.ESTIMATED_DELIVERY_DATE,
        order_item_assoc.c.TO_ORDER_ID,
        order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
    )
)

_EXTERNAL_IDS = select(order_header.c.ORDER_ID, order_header.c.EXTERNAL_ID).where(
    order_header.c.ORDER_ID.in_(
        select(order_item.c.CORRESPONDING_PO_ID).where(order_item.c.ORDER_ID == _order_id)
    )
)


def view(connection: Connection, clock: Clock, order: str) -> SalesOrder:
    """The sales order that ``order`` (internal id, external id or name) names.

    Raises:
        UnknownId: there is no such order.
        Refused: several orders are named so, or it is a purchase order.
    """
    this = {"order_id": resolve.order(connection, clock, order, SALES_ORDER)}
    header = connection.execute(_HEADER, this).one()._mapping
    customer = connection.execute(_CUSTOMER, this).first() or (None,) * 4
    name, email, phone, address = map(clean_or_empty, customer)
    groups = tuple(
        ShipGroup(
            ship_group_seq_id=number,
            facility_id=facility_id,
            facility_name=clean_or_empty(facility_name) or facility_id,
            shipment_method_type_id=clean_or_empty(method),
            ship_to=clean_or_empty(ship_to),
        )
        for number, facility_id, facility_name, method, ship_to in connection.execute(
            _SHIP_GROUPS, this
        )
    )
    return SalesOrder(
        order_id=header["ORDER_ID"],
        order_name=clean_or_empty(header["ORDER_NAME"]),
        external_id=clean_or_empty(header["EXTERNAL_ID"]),
        order_date=clock.local(header["ORDER_DATE"]),
        entry_date=clock.local(header["ENTRY_DATE"]),
        status_id=header["STATUS_ID"],
        product_store_id=header["PRODUCT_STORE_ID"],
        sales_channel_enum_id=header["SALES_CHANNEL_ENUM_ID"] or "",
        currency_uom=header["CURRENCY_UOM"] or "",
        grand_total=header["GRAND_TOTAL"],
        customer_name=name,
        customer_email=email,
        customer_phone=phone,
        customer_address=address,
        ship_groups=groups,
        items=_lines(connection, clock, this, header["STATUS_ID"], groups),
    )


class _Standing(NamedTuple):
    order_status_id: str
    status_id: str
    facility_id: str

    @property
    def waiting(self) -> bool:
        return marks.waits(*self)


def _lines(
    connection: Connection,
    clock: Clock,
    this: Mapping[str, str],
    order_status_id: str,
    groups: tuple[ShipGroup, ...],
) -> tuple[SalesLine, ...]:
    rows = connection.execute(_LINES, this).mappings().all()
    infos = products.load(connection, (row["PRODUCT_ID"] for row in rows))
    externals = dict(connection.execute(_EXTERNAL_IDS, this).all())
    queues = {group.ship_group_seq_id: group.facility_id for group in groups}
    allocations: dict[str, list[Allocation]] = {}
    for item, to_order, to_item, external_id, quantity, arrival, pinned in connection.execute(
        _ALLOCATIONS, this
    ):
        allocations.setdefault(item, []).append(
            Allocation(
                sales_line=LineId(this["order_id"], item),
                purchase_line=LineId(to_order, to_item),
                purchase_external_id=clean_or_empty(external_id),
                quantity=quantity,
                arrival_date=day_or_none(clock, arrival),
                pinned=pinned == PINNED,
            )
        )
    today = clock.start_of(clock.today())
    return tuple(
        _line(
            clock,
            row,
            product=infos[row["PRODUCT_ID"]],
            order_status_id=order_status_id,
            facility_id=queues.get(row["SHIP_GROUP_SEQ_ID"], ""),
            purchase_external_id=clean_or_empty(externals.get(row["CORRESPONDING_PO_ID"])),
            allocations=tuple(allocations.get(row["ORDER_ITEM_SEQ_ID"], ())),
            start_of_today=today,
        )
        for row in rows
    )


def _line(
    clock: Clock,
    row: Mapping[Any, Any],
    *,
    product: ProductInfo,
    order_status_id: str,
    facility_id: str,
    purchase_external_id: str,
    allocations: tuple[Allocation, ...],
    start_of_today: datetime,
) -> SalesLine:
    allocated = row["ALLOCATED_QUANTITY"]
    promised, arrival = row["PROMISED_DATETIME"], row["ESTIMATED_DELIVERY_DATE"]
    open_units = marks.open_quantity(
        row["QUANTITY"],
        row["CANCEL_QUANTITY"],
        allocated,
        order_status_id=order_status_id,
        item_status_id=row["STATUS_ID"],
        facility_id=facility_id,
    )
    reason = read_only_reason(order_status_id, row["STATUS_ID"])
    standing = _Standing(order_status_id, row["STATUS_ID"], facility_id)
    return SalesLine(
        line=LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"]),
        external_id=clean_or_empty(row["EXTERNAL_ID"]),
        product=product,
        quantity=row["QUANTITY"],
        cancelled=row["CANCEL_QUANTITY"],
        allocated=allocated,
        open_quantity=open_units,
        unit_price=row["UNIT_PRICE"],
        status_id=row["STATUS_ID"],
        facility_id=facility_id,
        ship_group_seq_id=row["SHIP_GROUP_SEQ_ID"],
        corresponding_po_id=row["CORRESPONDING_PO_ID"] or "",
        corresponding_po_external_id=purchase_external_id,
        promise_date=day_or_none(clock, promised),
        promised_datetime=None if promised is None else clock.local(promised),
        arrival_date=day_or_none(clock, arrival),
        auto_cancel_date=day_or_none(clock, row["AUTO_CANCEL_DATE"]),
        allocation_state=marks.allocation_state(open_units, allocated),
        marks=marks.sales_line_marks(
            open_units=open_units,
            allocated=allocated,
            promised=promised,
            arrival=arrival,
            start_of_today=start_of_today,
            item_status_id=row["STATUS_ID"],
            waiting=standing.waiting,
            pinned=any(one.pinned for one in allocations),
        ),
        allocations=allocations,
        editable=not reason,
        read_only_reason=reason,
        not_waiting=why_not_waiting(standing) or "",
        not_removable=why_not_removable(standing) or "",
        version=row["ROW_VERSION"],
    )
