"""Variants as people name them: SKU, name, parent, colour, size, UPC."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, ScalarSelect, bindparam, func, or_, select

from data.tables import (
    good_identification,
    product,
    product_assoc,
    product_feature,
    product_feature_appl,
)
from preorder_tui.clock import Clock
from preorder_tui.errors import UnknownId
from preorder_tui.line_state import chunks
from preorder_tui.query_hints import not_by_index
from preorder_tui.records import ProductInfo
from preorder_tui.text import clean, clean_or_empty
from preorder_tui.text_search import contains, pattern_parameters, patterns

_parent = product.alias("parent")


def _feature(type_id: str) -> ScalarSelect[str | None]:
    return (
        select(func.min(product_feature.c.DESCRIPTION))
        .select_from(product_feature_appl)
        .join(
            product_feature,
            product_feature.c.PRODUCT_FEATURE_ID == product_feature_appl.c.PRODUCT_FEATURE_ID,
        )
        .where(
            product_feature_appl.c.PRODUCT_ID == product.c.PRODUCT_ID,
            # A product has a few features, a type has hundreds.
            not_by_index(product_feature.c.PRODUCT_FEATURE_TYPE_ID) == type_id,
        )
        .correlate(product)
        .scalar_subquery()
    )


# Each subquery reads by key and gives one value, so that no join multiplies the rows.
_parent_id = (
    select(func.min(product_assoc.c.PRODUCT_ID))
    .where(
        product_assoc.c.PRODUCT_ID_TO == product.c.PRODUCT_ID,
        product_assoc.c.PRODUCT_ASSOC_TYPE_ID == "PRODUCT_VARIANT",
    )
    .correlate(product)
    .scalar_subquery()
)
_LOAD = select(
    product.c.PRODUCT_ID,
    product.c.INTERNAL_NAME,
    product.c.PRODUCT_NAME,
    select(func.coalesce(_parent.c.PRODUCT_NAME, _parent.c.INTERNAL_NAME))
    .where(_parent.c.PRODUCT_ID == _parent_id)
    .correlate(product)
    .scalar_subquery(),
    _feature("COLOR"),
    _feature("SIZE"),
    select(good_identification.c.ID_VALUE)
    .where(
        good_identification.c.PRODUCT_ID == product.c.PRODUCT_ID,
        good_identification.c.GOOD_IDENTIFICATION_TYPE_ID == "UPCA",
    )
    .correlate(product)
    .scalar_subquery(),
).where(product.c.PRODUCT_ID.in_(bindparam("products", expanding=True)))

_BY_SKU = select(func.min(product.c.PRODUCT_ID)).where(
    product.c.INTERNAL_NAME == bindparam("sku"), func.coalesce(product.c.IS_VIRTUAL, "N") != "Y"
)


def load(connection: Connection, product_ids: Iterable[str]) -> dict[str, ProductInfo]:
    """The products of those ids, by id, their texts cleaned; unknown ids are left out."""
    found: dict[str, ProductInfo] = {}
    for piece in chunks(dict.fromkeys(product_ids)):
        for product_id, sku, name, parent, color, size, upc in connection.execute(
            _LOAD, {"products": piece}
        ):
            found[product_id] = ProductInfo(
                product_id=product_id,
                sku=clean(sku),
                name=clean_or_empty(name),
                parent_name=clean_or_empty(parent),
                color=clean_or_empty(color),
                size=clean_or_empty(size),
                upc=clean_or_empty(upc),
            )
    return found


def by_sku(connection: Connection, sku: str) -> str:
    """The id of the product with that SKU, exactly as written.

    Raises:
        UnknownId: there is none.
    """
    written = clean(sku).strip()
    found: str | None = connection.execute(_BY_SKU, {"sku": written}).scalar_one()
    if found is None:
        raise UnknownId(f"there is no product {written!r}: give its SKU as the lists show it")
    return found


def find(connection: Connection, clock: Clock, text: str, limit: int) -> tuple[ProductInfo, ...]:
    """Variants whose SKU or name has every word of ``text``, by SKU, at most ``limit``."""
    words = [
        or_(
            contains(product.c.INTERNAL_NAME, number, len(spellings)),
            contains(product.c.PRODUCT_NAME, number, len(spellings)),
        )
        for number, spellings in enumerate(patterns(text))
    ]
    ids = connection.execute(
        select(product.c.PRODUCT_ID)
        .where(func.coalesce(product.c.IS_VIRTUAL, "N") != "Y", *words)
        .order_by(product.c.INTERNAL_NAME, product.c.PRODUCT_ID)
        .limit(limit),
        pattern_parameters(text),
    ).scalars()
    ordered = list(ids)
    infos = load(connection, ordered)
    return tuple(infos[product_id] for product_id in ordered)
