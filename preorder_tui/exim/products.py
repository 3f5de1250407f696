"""MDM_PRODUCT: variants with their parent product, colour, size and UPC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_, update

from data.tables import (
    good_identification,
    product,
    product_assoc,
    product_feature,
    product_feature_appl,
)
from preorder_tui.exim import fields, lookups, sequences
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.line_state import chunks
from preorder_tui.products import load
from preorder_tui.text import clean

FEATURES = {"color": "COLOR", "size": "SIZE"}


class _Variant(NamedTuple):
    """A good row; None where the file has no such column or an empty cell."""

    sku: str
    name: str
    parent: str | None
    features: tuple[tuple[str, str], ...]
    upc: str | None


def prepare(context: ImportContext) -> Prepared:
    """Check the rows; products whose SKU is here already are updated."""
    good: dict[str, _Variant] = {}
    lines: dict[str, int] = {}
    for row in context.rows():
        try:
            variant = _variant(row)
            if variant.sku in good:
                raise RowFault(
                    f"product-sku {variant.sku!r} stands on line {lines[variant.sku]} too"
                )
        except RowFault as fault:
            context.handed_back.add(row.line, str(fault))
            continue
        good[variant.sku] = variant
        lines[variant.sku] = row.line
    now = context.clock.now()
    changed = _changed(context.connection, good)
    return Prepared(
        f"Import {len(changed):,} products",
        unchanged=len(good) - len(changed),
        masters=(lambda connection: _write(connection, changed, now)) if changed else None,
    )


def _changed(connection: Connection, variants: dict[str, _Variant]) -> list[_Variant]:
    """Those that are new, or say something else than what is here."""
    ids = lookups.products_by_sku(connection, variants)
    present = load(connection, ids.values())
    changed = []
    for variant in variants.values():
        found = present.get(ids.get(variant.sku, ""))
        said = dict(variant.features)
        if found is None or any(
            told is not None and clean(told) != here
            for told, here in (
                (variant.name, found.name),
                (variant.parent, found.parent_name),
                (said.get("COLOR"), found.color),
                (said.get("SIZE"), found.size),
                (variant.upc, found.upc),
            )
        ):
            changed.append(variant)
    return changed


def _variant(row: Row) -> _Variant:
    return _Variant(
        fields.text(row, "product-sku", fields.LONGEST_NAME),
        fields.text(row, "product-name"),
        fields.text(row, "parent-product-name", required=False) or None,
        tuple(
            (kind, value)
            for column, kind in FEATURES.items()
            if (value := fields.text(row, column, required=False))
        ),
        fields.text(row, "upc", fields.LONGEST_NAME, required=False) or None,
    )


def _write(connection: Connection, variants: Sequence[_Variant], now: datetime) -> None:
    sequences.lock(connection, "Product")
    ids = lookups.products_by_sku(connection, [variant.sku for variant in variants])
    new = [variant for variant in variants if variant.sku not in ids]
    if new:
        first = sequences.take(connection, "Product", len(new))
        ids |= {variant.sku: str(first + n) for n, variant in enumerate(new)}
        _insert(
            connection,
            product,
            [
                {
                    "PRODUCT_ID": ids[variant.sku],
                    "PRODUCT_TYPE_ID": "FINISHED_GOOD",
                    "INTERNAL_NAME": variant.sku,
                    "PRODUCT_NAME": variant.name,
                    "IS_VIRTUAL": "N",
                    "IS_VARIANT": "Y" if variant.parent else "N",
                    "CREATED_STAMP": now,
                    "LAST_UPDATED_STAMP": now,
                }
                for variant in new
            ],
        )
    made = {variant.sku for variant in new}
    known = [variant for variant in variants if variant.sku not in made]
    if known:
        connection.execute(
            update(product)
            .where(product.c.PRODUCT_ID == bindparam("b_id"))
            .values(PRODUCT_NAME=bindparam("b_name"), LAST_UPDATED_STAMP=now),
            [{"b_id": ids[variant.sku], "b_name": variant.name} for variant in known],
        )
    _write_parents(connection, variants, ids, now)
    _write_features(connection, variants, ids)
    _write_upcs(connection, variants, ids)


def _write_parents(
    connection: Connection, variants: Sequence[_Variant], ids: dict[str, str], now: datetime
) -> None:
    names = list(dict.fromkeys(variant.parent for variant in variants if variant.parent))
    parents: dict[str, str] = {}
    for chunk in chunks(dict.fromkeys(name[: fields.LONGEST_NAME] for name in names)):
        for product_id, name in connection.execute(
            select(product.c.PRODUCT_ID, product.c.PRODUCT_NAME).where(
                product.c.INTERNAL_NAME.in_(chunk), product.c.IS_VIRTUAL == "Y"
            )
        ):
            parents[name] = product_id
    new = [name for name in names if name not in parents]
    if new:
        first = sequences.take(connection, "Product", len(new))
        parents |= {name: str(first + n) for n, name in enumerate(new)}
        _insert(
            connection,
            product,
            [
                {
                    "PRODUCT_ID": parents[name],
                    "PRODUCT_TYPE_ID": "FINISHED_GOOD",
                    "INTERNAL_NAME": name[: fields.LONGEST_NAME],
                    "PRODUCT_NAME": name,
                    "IS_VIRTUAL": "Y",
                    "IS_VARIANT": "N",
                    "CREATED_STAMP": now,
                    "LAST_UPDATED_STAMP": now,
                }
                for name in new
            ],
        )
    linked = {ids[variant.sku]: parents[variant.parent] for variant in variants if variant.parent}
    for piece in chunks(linked):
        connection.execute(delete(product_assoc).where(product_assoc.c.PRODUCT_ID_TO.in_(piece)))
        connection.execute(
            update(product).where(product.c.PRODUCT_ID.in_(piece)).values(IS_VARIANT="Y")
        )
    _insert(
        connection,
        product_assoc,
        [
            {
                "PRODUCT_ID": parent,
                "PRODUCT_ID_TO": variant,
                "PRODUCT_ASSOC_TYPE_ID": "PRODUCT_VARIANT",
            }
            for variant, parent in linked.items()
        ],
    )


def _write_features(
    connection: Connection, variants: Sequence[_Variant], ids: dict[str, str]
) -> None:
    wanted = list(dict.fromkeys(feature for variant in variants for feature in variant.features))
    key = tuple_(product_feature.c.PRODUCT_FEATURE_TYPE_ID, product_feature.c.DESCRIPTION)
    features: dict[tuple[str, str], str] = {}
    for chunk in chunks(wanted):
        for feature_id, kind, value in connection.execute(
            select(
                product_feature.c.PRODUCT_FEATURE_ID,
                product_feature.c.PRODUCT_FEATURE_TYPE_ID,
                product_feature.c.DESCRIPTION,
            ).where(key.in_(chunk))
        ):
            features[kind, value] = feature_id
    new = [feature for feature in wanted if feature not in features]
    if new:
        first = sequences.take(connection, "ProductFeature", len(new))
        features |= {feature: str(first + n) for n, feature in enumerate(new)}
        _insert(
            connection,
            product_feature,
            [
                {
                    "PRODUCT_FEATURE_ID": features[kind, value],
                    "PRODUCT_FEATURE_TYPE_ID": kind,
                    "DESCRIPTION": value,
                }
                for kind, value in new
            ],
        )
    # A file's colour replaces the product's colour, its size the size; an empty cell keeps them.
    for kind in FEATURES.values():
        changed = [
            ids[variant.sku]
            for variant in variants
            if any(feature[0] == kind for feature in variant.features)
        ]
        of_kind = select(product_feature.c.PRODUCT_FEATURE_ID).where(
            product_feature.c.PRODUCT_FEATURE_TYPE_ID == kind
        )
        for piece in chunks(changed):
            connection.execute(
                delete(product_feature_appl).where(
                    product_feature_appl.c.PRODUCT_ID.in_(piece),
                    product_feature_appl.c.PRODUCT_FEATURE_ID.in_(of_kind),
                )
            )
    _insert(
        connection,
        product_feature_appl,
        [
            {
                "PRODUCT_ID": ids[variant.sku],
                "PRODUCT_FEATURE_ID": features[feature],
                "PRODUCT_FEATURE_APPL_TYPE_ID": "STANDARD_FEATURE",
            }
            for variant in variants
            for feature in variant.features
        ],
    )


def _write_upcs(connection: Connection, variants: Sequence[_Variant], ids: dict[str, str]) -> None:
    upcs = {ids[variant.sku]: variant.upc for variant in variants if variant.upc}
    for piece in chunks(upcs):
        connection.execute(
            delete(good_identification).where(
                good_identification.c.PRODUCT_ID.in_(piece),
                good_identification.c.GOOD_IDENTIFICATION_TYPE_ID == "UPCA",
            )
        )
    _insert(
        connection,
        good_identification,
        [
            {"PRODUCT_ID": product_id, "GOOD_IDENTIFICATION_TYPE_ID": "UPCA", "ID_VALUE": upc}
            for product_id, upc in upcs.items()
        ],
    )


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
