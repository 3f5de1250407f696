"""The first schema: catalogue, orders, allocations with their guards, journal, EXIM log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.guards import create_statements, drop_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "CHANGE_SET",
        sa.Column("CHANGE_SET_ID", SERIAL, autoincrement=True, nullable=False),
        sa.Column("CHANGE_DATETIME", sa.DateTime(), nullable=False),
        sa.Column("CHANGE_USER_LOGIN", sa.String(length=60), nullable=False),
        sa.Column("ORIGIN", sa.String(length=20), nullable=False),
        sa.Column("COMMAND", sa.Text(), nullable=False),
        sa.Column("CHANGE_COMMENTS", sa.String(length=255), nullable=True),
        sa.Column("CHANGE_COUNT", sa.Integer(), nullable=False),
        sa.Column("INVERSE_OF", SERIAL, nullable=True),
        sa.PrimaryKeyConstraint("CHANGE_SET_ID", name=op.f("CHANGE_SET_PK")),
    )
    op.create_index("CHANGE_SET_INVERSE_OF_IX", "CHANGE_SET", ["INVERSE_OF"], unique=False)
    op.create_index(
        "CHANGE_SET_USER_IX", "CHANGE_SET", ["CHANGE_USER_LOGIN", "CHANGE_SET_ID"], unique=False
    )
    op.create_table(
        "COMMUNICATION_EVENT",
        sa.Column("COMMUNICATION_EVENT_ID", SERIAL, autoincrement=True, nullable=False),
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ENTRY_DATE", sa.DateTime(), nullable=False),
        sa.Column("SUBJECT", sa.String(length=255), nullable=True),
        sa.Column("CONTENT", sa.Text(), nullable=True),
        sa.Column("CHANGE_SET_ID", SERIAL, nullable=True),
        sa.PrimaryKeyConstraint("COMMUNICATION_EVENT_ID", name=op.f("COMMUNICATION_EVENT_PK")),
    )
    op.create_index(
        "COMMUNICATION_EVENT_ORDER_IX", "COMMUNICATION_EVENT", ["ORDER_ID"], unique=False
    )
    op.create_table(
        "DATA_MANAGER_LOG",
        sa.Column("LOG_ID", SERIAL, autoincrement=True, nullable=False),
        sa.Column("CONFIG_ID", sa.String(length=60), nullable=False),
        sa.Column("CREATED_BY_USER_LOGIN", sa.String(length=60), nullable=False),
        sa.Column("CREATED_DATE", sa.DateTime(), nullable=False),
        sa.Column("FINISH_DATE_TIME", sa.DateTime(), nullable=True),
        sa.Column("UPLOAD_FILE_NAME", sa.String(length=255), nullable=True),
        sa.Column("STATUS_ID", sa.String(length=20), nullable=False),
        sa.Column("TOTAL_RECORD_COUNT", sa.Integer(), nullable=True),
        sa.Column("FAILED_RECORD_COUNT", sa.Integer(), nullable=True),
        sa.Column("MESSAGE", sa.Text(), nullable=True),
        sa.Column("FAILED_RECORDS_FILE", sa.String(length=255), nullable=True),
        sa.Column("CHANGE_SET_ID", SERIAL, nullable=True),
        sa.PrimaryKeyConstraint("LOG_ID", name=op.f("DATA_MANAGER_LOG_PK")),
    )
    op.create_table(
        "FACILITY",
        sa.Column("FACILITY_ID", sa.String(length=20), nullable=False),
        sa.Column("FACILITY_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("FACILITY_NAME", sa.String(length=255), nullable=True),
        sa.Column("EXTERNAL_ID", sa.String(length=60), nullable=True),
        sa.Column("ADDRESS", sa.String(length=255), nullable=True),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("FACILITY_ID", name=op.f("FACILITY_PK")),
    )
    op.create_index("FACILITY_EXTERNAL_ID_IX", "FACILITY", ["EXTERNAL_ID"], unique=False)
    op.create_table(
        "GOOD_IDENTIFICATION",
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("GOOD_IDENTIFICATION_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("ID_VALUE", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint(
            "PRODUCT_ID", "GOOD_IDENTIFICATION_TYPE_ID", name=op.f("GOOD_IDENTIFICATION_PK")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "GOOD_IDENTIFICATION_ID_VALUE_IX", "GOOD_IDENTIFICATION", ["ID_VALUE"], unique=False
    )
    op.create_table(
        "ORDER_HEADER",
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_NAME", sa.String(length=255), nullable=True),
        sa.Column("EXTERNAL_ID", sa.String(length=60), nullable=True),
        sa.Column("ORDER_DATE", sa.DateTime(), nullable=False),
        sa.Column("ENTRY_DATE", sa.DateTime(), nullable=False),
        sa.Column("STATUS_ID", sa.String(length=20), nullable=False),
        sa.Column("SALES_CHANNEL_ENUM_ID", sa.String(length=20), nullable=True),
        sa.Column("PRODUCT_STORE_ID", sa.String(length=20), nullable=False),
        sa.Column("ORIGIN_FACILITY_ID", sa.String(length=20), nullable=True),
        sa.Column("CURRENCY_UOM", sa.String(length=20), nullable=True),
        sa.Column("GRAND_TOTAL", sa.Numeric(18, 2), nullable=True),
        sa.Column("PRIORITY", sa.String(length=20), nullable=True),
        sa.Column("CREATED_BY", sa.String(length=60), nullable=True),
        sa.Column("ROW_VERSION", sa.Integer(), server_default="1", nullable=False),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("ORDER_ID", name=op.f("ORDER_HEADER_PK")),
    )
    op.create_index(
        "ORDER_HEADER_DATE_IX",
        "ORDER_HEADER",
        ["ORDER_TYPE_ID", "ORDER_DATE", "ORDER_ID"],
        unique=False,
    )
    op.create_index("ORDER_HEADER_EXTERNAL_ID_IX", "ORDER_HEADER", ["EXTERNAL_ID"], unique=False)
    op.create_index("ORDER_HEADER_ORDER_NAME_IX", "ORDER_HEADER", ["ORDER_NAME"], unique=False)
    op.create_index(
        "ORDER_HEADER_STATUS_IX",
        "ORDER_HEADER",
        ["ORDER_TYPE_ID", "STATUS_ID", "ORDER_DATE", "ORDER_ID"],
        unique=False,
    )
    op.create_table(
        "ORDER_ITEM_SHIP_GROUP",
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("SHIP_GROUP_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("FACILITY_ID", sa.String(length=20), nullable=False),
        sa.Column("SHIPMENT_METHOD_TYPE_ID", sa.String(length=20), nullable=True),
        sa.Column("CARRIER_PARTY_ID", sa.String(length=20), nullable=True),
        sa.Column("MAY_SPLIT", sa.String(length=1), nullable=True),
        sa.Column("GIFT_MESSAGE", sa.String(length=255), nullable=True),
        sa.Column("SHIPPING_INSTRUCTIONS", sa.String(length=255), nullable=True),
        sa.Column("SHIP_TO_ADDRESS", sa.String(length=255), nullable=True),
        sa.Column("SHIP_BY_DATE", sa.DateTime(), nullable=True),
        sa.Column("SHIP_AFTER_DATE", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint(
            "ORDER_ID", "SHIP_GROUP_SEQ_ID", name=op.f("ORDER_ITEM_SHIP_GROUP_PK")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ORDER_ITEM_SHIP_GROUP_FACILITY_IX",
        "ORDER_ITEM_SHIP_GROUP",
        ["FACILITY_ID", "ORDER_ID"],
        unique=False,
    )
    op.create_table(
        "ORDER_ROLE",
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ROLE_TYPE_ID", sa.String(length=60), nullable=False),
        sa.Column("PARTY_ID", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("ORDER_ID", "ROLE_TYPE_ID", "PARTY_ID", name=op.f("ORDER_ROLE_PK")),
        sqlite_with_rowid=False,
    )
    op.create_index("ORDER_ROLE_PARTY_IX", "ORDER_ROLE", ["PARTY_ID", "ORDER_ID"], unique=False)
    op.create_table(
        "PARTY",
        sa.Column("PARTY_ID", sa.String(length=20), nullable=False),
        sa.Column("PARTY_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("EXTERNAL_ID", sa.String(length=60), nullable=True),
        sa.Column("PARTY_NAME", sa.String(length=255), nullable=False),
        sa.Column("EMAIL_ADDRESS", sa.String(length=255), nullable=True),
        sa.Column("PHONE_NUMBER", sa.String(length=60), nullable=True),
        sa.Column("POSTAL_ADDRESS", sa.String(length=255), nullable=True),
        sa.Column("COUNTRY", sa.String(length=60), nullable=True),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("PARTY_ID", name=op.f("PARTY_PK")),
    )
    op.create_index("PARTY_EXTERNAL_ID_IX", "PARTY", ["EXTERNAL_ID"], unique=False)
    op.create_table(
        "PRODUCT",
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("INTERNAL_NAME", sa.String(length=60), nullable=False),
        sa.Column("PRODUCT_NAME", sa.String(length=255), nullable=True),
        sa.Column("BRAND_NAME", sa.String(length=255), nullable=True),
        sa.Column("IS_VIRTUAL", sa.String(length=1), nullable=False),
        sa.Column("IS_VARIANT", sa.String(length=1), nullable=False),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("PRODUCT_ID", name=op.f("PRODUCT_PK")),
    )
    op.create_index("PRODUCT_INTERNAL_NAME_IX", "PRODUCT", ["INTERNAL_NAME"], unique=False)
    op.create_table(
        "PRODUCT_ASSOC",
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_ID_TO", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_ASSOC_TYPE_ID", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint(
            "PRODUCT_ID", "PRODUCT_ID_TO", "PRODUCT_ASSOC_TYPE_ID", name=op.f("PRODUCT_ASSOC_PK")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "PRODUCT_ASSOC_PRODUCT_ID_TO_IX", "PRODUCT_ASSOC", ["PRODUCT_ID_TO"], unique=False
    )
    op.create_table(
        "PRODUCT_FEATURE",
        sa.Column("PRODUCT_FEATURE_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_FEATURE_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("DESCRIPTION", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("PRODUCT_FEATURE_ID", name=op.f("PRODUCT_FEATURE_PK")),
    )
    op.create_index(
        "PRODUCT_FEATURE_TYPE_DESCRIPTION_IX",
        "PRODUCT_FEATURE",
        ["PRODUCT_FEATURE_TYPE_ID", "DESCRIPTION"],
        unique=True,
    )
    op.create_table(
        "PRODUCT_FEATURE_APPL",
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_FEATURE_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_FEATURE_APPL_TYPE_ID", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint(
            "PRODUCT_ID", "PRODUCT_FEATURE_ID", name=op.f("PRODUCT_FEATURE_APPL_PK")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "PRODUCT_STORE",
        sa.Column("PRODUCT_STORE_ID", sa.String(length=20), nullable=False),
        sa.Column("STORE_NAME", sa.String(length=255), nullable=True),
        sa.Column("COMPANY_NAME", sa.String(length=255), nullable=True),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("PRODUCT_STORE_ID", name=op.f("PRODUCT_STORE_PK")),
    )
    op.create_table(
        "SAVED_FILTER",
        sa.Column("USER_LOGIN_ID", sa.String(length=60), nullable=False),
        sa.Column("PAGE", sa.String(length=60), nullable=False),
        sa.Column("FILTER_NAME", sa.String(length=60), nullable=False),
        sa.Column("FILTER", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "USER_LOGIN_ID", "PAGE", "FILTER_NAME", name=op.f("SAVED_FILTER_PK")
        ),
    )
    op.create_table(
        "SEQUENCE_VALUE_ITEM",
        sa.Column("SEQ_NAME", sa.String(length=60), nullable=False),
        sa.Column("SEQ_ID", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("SEQ_NAME", name=op.f("SEQUENCE_VALUE_ITEM_PK")),
    )
    op.create_table(
        "SHIPMENT_RECEIPT",
        sa.Column("RECEIPT_ID", SERIAL, autoincrement=True, nullable=False),
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("QUANTITY_ACCEPTED", sa.Numeric(18, 6), nullable=False),
        sa.Column("DATETIME_RECEIVED", sa.DateTime(), nullable=False),
        sa.Column("RECEIVED_BY_USER_LOGIN_ID", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("RECEIPT_ID", name=op.f("SHIPMENT_RECEIPT_PK")),
    )
    op.create_index(
        "SHIPMENT_RECEIPT_ITEM_IX",
        "SHIPMENT_RECEIPT",
        ["ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        unique=False,
    )
    op.create_table(
        "SYSTEM_PROPERTY",
        sa.Column("SYSTEM_RESOURCE_ID", sa.String(length=60), nullable=False),
        sa.Column("SYSTEM_PROPERTY_ID", sa.String(length=60), nullable=False),
        sa.Column("SYSTEM_PROPERTY_VALUE", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint(
            "SYSTEM_RESOURCE_ID", "SYSTEM_PROPERTY_ID", name=op.f("SYSTEM_PROPERTY_PK")
        ),
    )
    op.create_table(
        "ORDER_ITEM",
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("EXTERNAL_ID", sa.String(length=60), nullable=True),
        sa.Column("ORDER_ITEM_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("PRODUCT_ID", sa.String(length=20), nullable=False),
        sa.Column("QUANTITY", sa.Numeric(18, 6), nullable=False),
        sa.Column("CANCEL_QUANTITY", sa.Numeric(18, 6), server_default="0", nullable=False),
        sa.Column("UNIT_PRICE", sa.Numeric(18, 3), nullable=True),
        sa.Column("UNIT_LIST_PRICE", sa.Numeric(18, 3), nullable=True),
        sa.Column("STATUS_ID", sa.String(length=20), nullable=False),
        sa.Column("CORRESPONDING_PO_ID", sa.String(length=20), nullable=True),
        sa.Column("PROMISED_DATETIME", sa.DateTime(), nullable=True),
        sa.Column("ESTIMATED_DELIVERY_DATE", sa.DateTime(), nullable=True),
        sa.Column("IS_NEW_PRODUCT", sa.String(length=1), nullable=True),
        sa.Column("SHIP_GROUP_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("AUTO_CANCEL_DATE", sa.DateTime(), nullable=True),
        sa.Column("ITEM_DESCRIPTION", sa.String(length=255), nullable=True),
        sa.Column("COMMENTS", sa.String(length=255), nullable=True),
        sa.Column("CHANGE_BY_USER_LOGIN_ID", sa.String(length=60), nullable=True),
        sa.Column("ALLOCATED_QUANTITY", sa.Numeric(18, 6), server_default="0", nullable=False),
        sa.Column("RECEIVED_QUANTITY", sa.Numeric(18, 6), nullable=True),
        sa.Column("ATP_CEILING", sa.Numeric(18, 6), nullable=True),
        sa.Column(
            "AVAILABLE_TO_PROMISE",
            sa.Numeric(18, 6),
            sa.Computed(
                'CASE\n WHEN "RECEIVED_QUANTITY" IS NULL THEN NULL\n WHEN "STATUS_ID" NOT IN (\'ITEM_CREATED\', \'ITEM_APPROVED\') THEN 0\n WHEN COALESCE("ATP_CEILING", "QUANTITY") < "QUANTITY" - "CANCEL_QUANTITY" THEN\n  CASE\n   WHEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY" <= 0 THEN 0\n   WHEN "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY" <= 0 THEN 0\n   WHEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY"\n        < "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"\n    THEN COALESCE("ATP_CEILING", "QUANTITY") - "ALLOCATED_QUANTITY"\n   ELSE "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"\n  END\n WHEN "QUANTITY" - "CANCEL_QUANTITY" - "ALLOCATED_QUANTITY" <= 0 THEN 0\n WHEN "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY" <= 0 THEN 0\n WHEN "ALLOCATED_QUANTITY" > "RECEIVED_QUANTITY"\n  THEN "QUANTITY" - "CANCEL_QUANTITY" - "ALLOCATED_QUANTITY"\n ELSE "QUANTITY" - "CANCEL_QUANTITY" - "RECEIVED_QUANTITY"\nEND',
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("ROW_VERSION", sa.Integer(), server_default="1", nullable=False),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            '"ALLOCATED_QUANTITY" >= 0 AND "ALLOCATED_QUANTITY" <= "QUANTITY" - "CANCEL_QUANTITY"',
            name=op.f("ORDER_ITEM_ALLOCATED_CK"),
        ),
        sa.CheckConstraint(
            '"CANCEL_QUANTITY" >= 0 AND "CANCEL_QUANTITY" <= "QUANTITY"',
            name=op.f("ORDER_ITEM_CANCEL_CK"),
        ),
        sa.CheckConstraint('"QUANTITY" > 0', name=op.f("ORDER_ITEM_QUANTITY_CK")),
        sa.CheckConstraint('"RECEIVED_QUANTITY" >= 0', name=op.f("ORDER_ITEM_RECEIVED_CK")),
        sa.CheckConstraint(
            '"STATUS_ID" <> \'ITEM_CANCELLED\' OR "ALLOCATED_QUANTITY" = 0',
            name=op.f("ORDER_ITEM_CANCELLED_CK"),
        ),
        sa.ForeignKeyConstraint(
            ["ORDER_ID"], ["ORDER_HEADER.ORDER_ID"], name=op.f("ORDER_ITEM_ORDER_ID_FK")
        ),
        sa.ForeignKeyConstraint(
            ["PRODUCT_ID"], ["PRODUCT.PRODUCT_ID"], name=op.f("ORDER_ITEM_PRODUCT_ID_FK")
        ),
        sa.PrimaryKeyConstraint("ORDER_ID", "ORDER_ITEM_SEQ_ID", name=op.f("ORDER_ITEM_PK")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ORDER_ITEM_ARRIVAL_IX",
        "ORDER_ITEM",
        ["ESTIMATED_DELIVERY_DATE", "ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        unique=False,
        sqlite_where=sa.text('"RECEIVED_QUANTITY" IS NOT NULL'),
    )
    op.create_index(
        "ORDER_ITEM_AUTO_CANCEL_IX",
        "ORDER_ITEM",
        ["AUTO_CANCEL_DATE", "ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        unique=False,
        sqlite_where=sa.text('"AUTO_CANCEL_DATE" IS NOT NULL'),
    )
    op.create_index(
        "ORDER_ITEM_CORRESPONDING_PO_IX", "ORDER_ITEM", ["CORRESPONDING_PO_ID"], unique=False
    )
    op.create_index(
        "ORDER_ITEM_PRODUCT_IX", "ORDER_ITEM", ["PRODUCT_ID", "STATUS_ID"], unique=False
    )
    op.create_index(
        "ORDER_ITEM_PROMISED_IX",
        "ORDER_ITEM",
        ["PROMISED_DATETIME", "ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        unique=False,
    )
    op.create_table(
        "ORDER_ITEM_CHANGE",
        sa.Column("ORDER_ITEM_CHANGE_ID", SERIAL, autoincrement=True, nullable=False),
        sa.Column("CHANGE_SET_ID", SERIAL, nullable=False),
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=True),
        sa.Column("TO_ORDER_ID", sa.String(length=20), nullable=True),
        sa.Column("TO_ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=True),
        sa.Column("CHANGE_TYPE_ENUM_ID", sa.String(length=20), nullable=False),
        sa.Column("FIELD", sa.String(length=60), nullable=False),
        sa.Column("OLD_VALUE", sa.Text(), nullable=True),
        sa.Column("NEW_VALUE", sa.Text(), nullable=True),
        sa.Column("REASON_ENUM_ID", sa.String(length=20), nullable=True),
        sa.Column("CHANGE_COMMENTS", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["CHANGE_SET_ID"],
            ["CHANGE_SET.CHANGE_SET_ID"],
            name=op.f("ORDER_ITEM_CHANGE_CHANGE_SET_ID_FK"),
        ),
        sa.PrimaryKeyConstraint("ORDER_ITEM_CHANGE_ID", name=op.f("ORDER_ITEM_CHANGE_PK")),
    )
    op.create_index(
        "ORDER_ITEM_CHANGE_ITEM_IX",
        "ORDER_ITEM_CHANGE",
        ["ORDER_ID", "ORDER_ITEM_SEQ_ID"],
        unique=False,
    )
    op.create_index(
        "ORDER_ITEM_CHANGE_SET_IX", "ORDER_ITEM_CHANGE", ["CHANGE_SET_ID"], unique=False
    )
    op.create_index(
        "ORDER_ITEM_CHANGE_TO_IX",
        "ORDER_ITEM_CHANGE",
        ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"],
        unique=False,
    )
    op.create_table(
        "ORDER_ITEM_ASSOC",
        sa.Column("ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("SHIP_GROUP_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("TO_ORDER_ID", sa.String(length=20), nullable=False),
        sa.Column("TO_ORDER_ITEM_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("TO_SHIP_GROUP_SEQ_ID", sa.String(length=20), nullable=False),
        sa.Column("ORDER_ITEM_ASSOC_TYPE_ID", sa.String(length=20), nullable=False),
        sa.Column("QUANTITY", sa.Numeric(18, 6), nullable=False),
        sa.Column("FROM_DATE", sa.DateTime(), nullable=False),
        sa.Column("CREATED_BY", sa.String(length=60), nullable=True),
        sa.CheckConstraint('"QUANTITY" > 0', name=op.f("ORDER_ITEM_ASSOC_QUANTITY_CK")),
        sa.CheckConstraint(
            "\"SHIP_GROUP_SEQ_ID\" = '_NA_' AND \"TO_SHIP_GROUP_SEQ_ID\" = '_NA_' AND \"ORDER_ITEM_ASSOC_TYPE_ID\" = 'PURCHASE_ORDER'",
            name=op.f("ORDER_ITEM_ASSOC_TYPE_CK"),
        ),
        sa.ForeignKeyConstraint(
            ["ORDER_ID", "ORDER_ITEM_SEQ_ID"],
            ["ORDER_ITEM.ORDER_ID", "ORDER_ITEM.ORDER_ITEM_SEQ_ID"],
            name="ORDER_ITEM_ASSOC_SALES_FK",
        ),
        sa.ForeignKeyConstraint(
            ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"],
            ["ORDER_ITEM.ORDER_ID", "ORDER_ITEM.ORDER_ITEM_SEQ_ID"],
            name="ORDER_ITEM_ASSOC_PURCHASE_FK",
        ),
        sa.PrimaryKeyConstraint(
            "ORDER_ID",
            "ORDER_ITEM_SEQ_ID",
            "SHIP_GROUP_SEQ_ID",
            "TO_ORDER_ID",
            "TO_ORDER_ITEM_SEQ_ID",
            "TO_SHIP_GROUP_SEQ_ID",
            "ORDER_ITEM_ASSOC_TYPE_ID",
            name=op.f("ORDER_ITEM_ASSOC_PK"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ORDER_ITEM_ASSOC_TO_IX",
        "ORDER_ITEM_ASSOC",
        ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"],
        unique=False,
    )

    connection = op.get_bind()
    for statement in create_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for statement in drop_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    op.drop_table("ORDER_ITEM_ASSOC")
    op.drop_table("ORDER_ITEM_CHANGE")
    op.drop_table("ORDER_ITEM")
    op.drop_table("SYSTEM_PROPERTY")
    op.drop_table("SHIPMENT_RECEIPT")
    op.drop_table("SEQUENCE_VALUE_ITEM")
    op.drop_table("SAVED_FILTER")
    op.drop_table("PRODUCT_STORE")
    op.drop_table("PRODUCT_FEATURE_APPL")
    op.drop_table("PRODUCT_FEATURE")
    op.drop_table("PRODUCT_ASSOC")
    op.drop_table("PRODUCT")
    op.drop_table("PARTY")
    op.drop_table("ORDER_ROLE")
    op.drop_table("ORDER_ITEM_SHIP_GROUP")
    op.drop_table("ORDER_HEADER")
    op.drop_table("GOOD_IDENTIFICATION")
    op.drop_table("FACILITY")
    op.drop_table("DATA_MANAGER_LOG")
    op.drop_table("COMMUNICATION_EVENT")
    op.drop_table("CHANGE_SET")
