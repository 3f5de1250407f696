"""The tables, under OFBiz/HotWax names, so that people who know the OMS know the schema.

Sales and purchase orders share ORDER_HEADER and ORDER_ITEM. An allocation is an ORDER_ITEM_ASSOC
row of type PURCHASE_ORDER. Times are UTC without zone; a date (promise, arrival) is stored as the
end of that day in the site's time zone.

Each subject has a module of its own; this is the place to import tables from.
"""

from __future__ import annotations

from data.catalogue_tables import (
    facility,
    good_identification,
    party,
    product,
    product_assoc,
    product_feature,
    product_feature_appl,
    product_store,
)
from data.columns import SERIAL, metadata
from data.journal_tables import change_set, communication_event, order_item_change
from data.order_tables import (
    AVAILABLE_TO_PROMISE_SQL,
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    order_role,
    shipment_receipt,
)
from data.people_tables import (
    desk_session,
    kept_input,
    saved_filter,
    security_group,
    security_group_permission,
    user_login,
    user_login_security_group,
)
from data.site_tables import data_manager_log, sequence_value_item, system_property

__all__ = [
    "AVAILABLE_TO_PROMISE_SQL",
    "SERIAL",
    "change_set",
    "communication_event",
    "data_manager_log",
    "desk_session",
    "facility",
    "good_identification",
    "kept_input",
    "metadata",
    "order_header",
    "order_item",
    "order_item_assoc",
    "order_item_change",
    "order_item_ship_group",
    "order_role",
    "party",
    "product",
    "product_assoc",
    "product_feature",
    "product_feature_appl",
    "product_store",
    "saved_filter",
    "security_group",
    "security_group_permission",
    "sequence_value_item",
    "shipment_receipt",
    "system_property",
    "user_login",
    "user_login_security_group",
]
