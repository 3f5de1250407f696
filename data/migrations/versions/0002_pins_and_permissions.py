"""Pinned allocations; people, groups and what they may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "ORDER_ITEM_ASSOC",
        sa.Column("PINNED", sa.String(length=1), server_default="N", nullable=False),
    )
    op.create_table(
        "USER_LOGIN",
        sa.Column("USER_LOGIN_ID", sa.String(length=60), nullable=False),
        sa.Column("ENABLED", sa.String(length=1), nullable=False),
        sa.Column("CREATED_STAMP", sa.DateTime(), nullable=True),
        sa.Column("LAST_UPDATED_STAMP", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("USER_LOGIN_ID", name=op.f("USER_LOGIN_PK")),
    )
    op.create_table(
        "SECURITY_GROUP",
        sa.Column("GROUP_ID", sa.String(length=60), nullable=False),
        sa.Column("DESCRIPTION", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("GROUP_ID", name=op.f("SECURITY_GROUP_PK")),
    )
    op.create_table(
        "SECURITY_GROUP_PERMISSION",
        sa.Column("GROUP_ID", sa.String(length=60), nullable=False),
        sa.Column("PERMISSION_ID", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint(
            "GROUP_ID", "PERMISSION_ID", name=op.f("SECURITY_GROUP_PERMISSION_PK")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "USER_LOGIN_SECURITY_GROUP",
        sa.Column("USER_LOGIN_ID", sa.String(length=60), nullable=False),
        sa.Column("GROUP_ID", sa.String(length=60), nullable=False),
        sa.Column("FROM_DATE", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "USER_LOGIN_ID", "GROUP_ID", name=op.f("USER_LOGIN_SECURITY_GROUP_PK")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("USER_LOGIN_SECURITY_GROUP")
    op.drop_table("SECURITY_GROUP_PERMISSION")
    op.drop_table("SECURITY_GROUP")
    op.drop_table("USER_LOGIN")
    op.drop_column("ORDER_ITEM_ASSOC", "PINNED")
