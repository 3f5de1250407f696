"""A small book of orders for tests, written as raw rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, insert, select, update

from data import tables as t
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId, parse_line

FACILITIES = {
    "WH1": "WAREHOUSE",
    "PRE_ORDER_PARKING": "PRE_ORDER",
    "BACKORDER_PARKING": "BACKORDER",
    "_NA_": "NA",
}


class Book:
    """Rows as they would stand in a live database, counters and derived copies included."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.products: dict[str, str] = {}
        self._features: dict[tuple[str, str], str] = {}
        self._parents: dict[str, str] = {}
        self._parties: dict[str, str] = {}
        with engine.begin() as connection:
            connection.execute(
                insert(t.product_store).values(PRODUCT_STORE_ID="STORE", STORE_NAME="Store")
            )
            for facility_id, type_id in FACILITIES.items():
                connection.execute(
                    insert(t.facility).values(
                        FACILITY_ID=facility_id,
                        FACILITY_TYPE_ID=type_id,
                        FACILITY_NAME=facility_id,
                    )
                )
            for name in ("OrderHeader", "Product", "Party", "ProductFeature"):
                connection.execute(
                    insert(t.sequence_value_item).values(SEQ_NAME=name, SEQ_ID=90000)
                )

    def product(
        self,
        sku: str,
        parent: str | None = None,
        color: str = "",
        size: str = "",
        name: str | None = None,
    ) -> str:
        """A variant, once per SKU."""
        if sku in self.products:
            return self.products[sku]
        product_id = str(1000 + len(self.products))
        self.products[sku] = product_id
        with self.engine.begin() as connection:
            connection.execute(
                insert(t.product).values(
                    PRODUCT_ID=product_id,
                    INTERNAL_NAME=sku,
                    PRODUCT_NAME=name or f"Product {sku}",
                    IS_VARIANT="Y",
                )
            )
            if parent is not None:
                parent_id = self._parents.get(parent)
                if parent_id is None:
                    parent_id = self._parents[parent] = f"V{len(self._parents)}"
                    connection.execute(
                        insert(t.product).values(
                            PRODUCT_ID=parent_id,
                            INTERNAL_NAME=parent,
                            PRODUCT_NAME=parent,
                            IS_VIRTUAL="Y",
                        )
                    )
                connection.execute(
                    insert(t.product_assoc).values(PRODUCT_ID=parent_id, PRODUCT_ID_TO=product_id)
                )
            for kind, value in (("COLOR", color), ("SIZE", size)):
                if not value:
                    continue
                feature = self._features.get((kind, value))
                if feature is None:
                    feature = self._features[kind, value] = f"F{len(self._features)}"
                    connection.execute(
                        insert(t.product_feature).values(
                            PRODUCT_FEATURE_ID=feature,
                            PRODUCT_FEATURE_TYPE_ID=kind,
                            DESCRIPTION=value,
                        )
                    )
                connection.execute(
                    insert(t.product_feature_appl).values(
                        PRODUCT_ID=product_id, PRODUCT_FEATURE_ID=feature
                    )
                )
        return product_id

    def party(self, name: str, email: str | None = None) -> str:
        """A customer, once per name."""
        if name not in self._parties:
            self._parties[name] = f"P{len(self._parties)}"
            with self.engine.begin() as connection:
                connection.execute(
                    insert(t.party).values(
                        PARTY_ID=self._parties[name],
                        PARTY_TYPE_ID="PERSON",
                        PARTY_NAME=name,
                        EMAIL_ADDRESS=email,
                    )
                )
        return self._parties[name]

    def sales_order(
        self,
        order_id: str,
        day: date,
        items: Sequence[tuple[str, int]],
        *,
        customer: str = "Ana",
        facility: str = "PRE_ORDER_PARKING",
        status: str = "ORDER_APPROVED",
        promised: date | None = None,
        name: str | None = None,
        external_id: str | None = None,
        store: str = "STORE",
    ) -> list[LineId]:
        """A sales order placed at noon of ``day``; one line per (SKU, quantity)."""
        return self._order(
            order_id,
            "SALES_ORDER",
            datetime.combine(day, time(12)),
            items,
            status=status,
            facility=facility,
            role=("PLACING_CUSTOMER", self.party(customer)),
            promised=self.clock.end_of(promised) if promised else None,
            name=name or f"#{order_id}",
            external_id=external_id,
            store=store,
        )

    def purchase_order(
        self,
        order_id: str,
        arrival: date,
        items: Sequence[tuple[str, int]],
        *,
        external_id: str | None = None,
        status: str = "ORDER_APPROVED",
        entry: date | None = None,
        facility: str = "WH1",
    ) -> list[LineId]:
        """A purchase order whose lines arrive on ``arrival``."""
        return self._order(
            order_id,
            "PURCHASE_ORDER",
            datetime.combine(entry or self.clock.today() - timedelta(days=60), time(9)),
            items,
            status=status,
            facility=facility,
            role=("BILL_FROM_VENDOR", self.party("Supplier")),
            arrival=self.clock.end_of(arrival),
            external_id=external_id or f"PO-{order_id}",
        )

    def _order(
        self,
        order_id: str,
        type_id: str,
        moment: datetime,
        items: Sequence[tuple[str, int]],
        *,
        status: str,
        facility: str,
        role: tuple[str, str],
        promised: datetime | None = None,
        arrival: datetime | None = None,
        name: str | None = None,
        external_id: str | None = None,
        store: str = "STORE",
    ) -> list[LineId]:
        product_ids = [self.product(sku) for sku, _ in items]
        item_status = {
            "ORDER_CANCELLED": "ITEM_CANCELLED",
            "ORDER_COMPLETED": "ITEM_COMPLETED",
            "ORDER_CREATED": "ITEM_CREATED",
        }.get(status, "ITEM_APPROVED")
        lines = [LineId(order_id, f"{n:05}") for n in range(1, len(items) + 1)]
        with self.engine.begin() as connection:
            connection.execute(
                insert(t.order_header).values(
                    ORDER_ID=order_id,
                    ORDER_TYPE_ID=type_id,
                    ORDER_NAME=name,
                    EXTERNAL_ID=external_id,
                    ORDER_DATE=moment,
                    ENTRY_DATE=moment,
                    STATUS_ID=status,
                    PRODUCT_STORE_ID=store,
                    SALES_CHANNEL_ENUM_ID="WEB_SALES_CHANNEL" if promised or name else None,
                )
            )
            connection.execute(
                insert(t.order_item_ship_group).values(
                    ORDER_ID=order_id, SHIP_GROUP_SEQ_ID="00001", FACILITY_ID=facility
                )
            )
            connection.execute(
                insert(t.order_role).values(
                    ORDER_ID=order_id, ROLE_TYPE_ID=role[0], PARTY_ID=role[1]
                )
            )
            rows = [
                {
                    "ORDER_ID": line.order_id,
                    "ORDER_ITEM_SEQ_ID": line.order_item_seq_id,
                    "PRODUCT_ID": product_id,
                    "QUANTITY": quantity,
                    "CANCEL_QUANTITY": quantity if item_status == "ITEM_CANCELLED" else 0,
                    "STATUS_ID": item_status,
                    "PROMISED_DATETIME": promised,
                    "ESTIMATED_DELIVERY_DATE": arrival,
                    "RECEIVED_QUANTITY": 0 if type_id == "PURCHASE_ORDER" else None,
                }
                for line, product_id, (_, quantity) in zip(lines, product_ids, items, strict=True)
            ]
            if rows:
                connection.execute(insert(t.order_item), rows)
        return lines

    def allocate(self, sales_line: str, purchase_line: str, quantity: int) -> None:
        """An allocation row with the sales line's derived copies (the guards move the counters)."""
        sales, purchase = parse_line(sales_line), parse_line(purchase_line)
        with self.engine.begin() as connection:
            connection.execute(
                insert(t.order_item_assoc).values(
                    ORDER_ID=sales.order_id,
                    ORDER_ITEM_SEQ_ID=sales.order_item_seq_id,
                    TO_ORDER_ID=purchase.order_id,
                    TO_ORDER_ITEM_SEQ_ID=purchase.order_item_seq_id,
                    QUANTITY=quantity,
                    FROM_DATE=self.clock.now(),
                )
            )
            item, assoc = t.order_item, t.order_item_assoc
            arrival, order_id = connection.execute(
                select(item.c.ESTIMATED_DELIVERY_DATE, item.c.ORDER_ID)
                .join(
                    assoc,
                    (assoc.c.TO_ORDER_ID == item.c.ORDER_ID)
                    & (assoc.c.TO_ORDER_ITEM_SEQ_ID == item.c.ORDER_ITEM_SEQ_ID),
                )
                .where(
                    assoc.c.ORDER_ID == sales.order_id,
                    assoc.c.ORDER_ITEM_SEQ_ID == sales.order_item_seq_id,
                )
                .order_by(
                    item.c.ESTIMATED_DELIVERY_DATE.desc(),
                    item.c.ORDER_ID.desc(),
                    item.c.ORDER_ITEM_SEQ_ID.desc(),
                )
            ).first()
            connection.execute(
                update(item)
                .where(
                    item.c.ORDER_ID == sales.order_id,
                    item.c.ORDER_ITEM_SEQ_ID == sales.order_item_seq_id,
                )
                .values(CORRESPONDING_PO_ID=order_id, ESTIMATED_DELIVERY_DATE=arrival)
            )
