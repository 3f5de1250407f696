"""Products, their parents and names; stores, facilities, and the people and firms of orders."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from data.columns import ID, ID_LONG, INDICATOR, TEXT_MEDIUM, metadata, stamps

product = Table(
    "PRODUCT",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("PRODUCT_TYPE_ID", ID, nullable=False, default="FINISHED_GOOD"),
    Column("INTERNAL_NAME", ID_LONG, nullable=False),  # the SKU
    Column("PRODUCT_NAME", TEXT_MEDIUM),
    Column("BRAND_NAME", TEXT_MEDIUM),
    Column("IS_VIRTUAL", INDICATOR, nullable=False, default="N"),
    Column("IS_VARIANT", INDICATOR, nullable=False, default="N"),
    *stamps(),
    Index("PRODUCT_INTERNAL_NAME_IX", "INTERNAL_NAME"),
)

product_assoc = Table(
    "PRODUCT_ASSOC",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),  # the parent (style)
    Column("PRODUCT_ID_TO", ID, primary_key=True),  # the variant
    Column("PRODUCT_ASSOC_TYPE_ID", ID, primary_key=True, default="PRODUCT_VARIANT"),
    Index("PRODUCT_ASSOC_PRODUCT_ID_TO_IX", "PRODUCT_ID_TO"),
    sqlite_with_rowid=False,
)

good_identification = Table(
    "GOOD_IDENTIFICATION",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("GOOD_IDENTIFICATION_TYPE_ID", ID, primary_key=True),  # UPCA, SKU, …
    Column("ID_VALUE", ID_LONG, nullable=False),
    Index("GOOD_IDENTIFICATION_ID_VALUE_IX", "ID_VALUE"),
    sqlite_with_rowid=False,
)

product_feature = Table(
    "PRODUCT_FEATURE",
    metadata,
    Column("PRODUCT_FEATURE_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_TYPE_ID", ID, nullable=False),  # COLOR or SIZE
    Column("DESCRIPTION", TEXT_MEDIUM, nullable=False),
    Index(
        "PRODUCT_FEATURE_TYPE_DESCRIPTION_IX",
        "PRODUCT_FEATURE_TYPE_ID",
        "DESCRIPTION",
        unique=True,
    ),
)

product_feature_appl = Table(
    "PRODUCT_FEATURE_APPL",
    metadata,
    Column("PRODUCT_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_ID", ID, primary_key=True),
    Column("PRODUCT_FEATURE_APPL_TYPE_ID", ID, nullable=False, default="STANDARD_FEATURE"),
    sqlite_with_rowid=False,
)

product_store = Table(
    "PRODUCT_STORE",
    metadata,
    Column("PRODUCT_STORE_ID", ID, primary_key=True),
    Column("STORE_NAME", TEXT_MEDIUM),
    Column("COMPANY_NAME", TEXT_MEDIUM),
    *stamps(),
)

facility = Table(
    "FACILITY",
    metadata,
    Column("FACILITY_ID", ID, primary_key=True),
    Column("FACILITY_TYPE_ID", ID, nullable=False),
    Column("FACILITY_NAME", TEXT_MEDIUM),
    Column("EXTERNAL_ID", ID_LONG),
    Column("ADDRESS", TEXT_MEDIUM),
    *stamps(),
    Index("FACILITY_EXTERNAL_ID_IX", "EXTERNAL_ID"),
)

party = Table(
    "PARTY",
    metadata,
    Column("PARTY_ID", ID, primary_key=True),
    Column("PARTY_TYPE_ID", ID, nullable=False),  # PERSON or PARTY_GROUP
    Column("EXTERNAL_ID", ID_LONG),
    # The whole name in one column: one search, one sort, whatever the order of its parts.
    Column("PARTY_NAME", TEXT_MEDIUM, nullable=False),
    Column("EMAIL_ADDRESS", TEXT_MEDIUM),
    Column("PHONE_NUMBER", ID_LONG),
    Column("POSTAL_ADDRESS", TEXT_MEDIUM),
    Column("COUNTRY", ID_LONG),
    *stamps(),
    Index("PARTY_EXTERNAL_ID_IX", "EXTERNAL_ID"),
)
