"""Open desks, and what was typed at them and not applied yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "DESK_SESSION",
        sa.Column("DESK_SESSION_ID", _serial(), autoincrement=True, nullable=False),
        sa.Column("USER_LOGIN_ID", sa.String(length=60), nullable=False),
        sa.Column("ACTING_FOR", sa.String(length=60), nullable=False),
        sa.Column("HOST_NAME", sa.String(length=255), nullable=False),
        sa.Column("PROCESS", sa.String(length=60), nullable=False),
        sa.Column("TERMINAL", sa.String(length=60), nullable=True),
        sa.Column("FROM_DATE", sa.DateTime(), nullable=False),
        sa.Column("LAST_SEEN", sa.DateTime(), nullable=False),
        sa.Column("STATUS_ID", sa.String(length=20), nullable=False),
        sa.Column("TOLD", sa.String(length=1), nullable=False),
        sa.PrimaryKeyConstraint("DESK_SESSION_ID", name=op.f("DESK_SESSION_PK")),
    )
    op.create_index("DESK_SESSION_USER_IX", "DESK_SESSION", ["USER_LOGIN_ID"], unique=False)
    op.create_table(
        "KEPT_INPUT",
        sa.Column("KEPT_INPUT_ID", _serial(), autoincrement=True, nullable=False),
        sa.Column("USER_LOGIN_ID", sa.String(length=60), nullable=False),
        sa.Column("DESK_SESSION_ID", _serial(), nullable=False),
        sa.Column("PLACE", sa.String(length=255), nullable=False),
        sa.Column("TITLE", sa.String(length=255), nullable=False),
        sa.Column("TYPED", sa.String(length=255), nullable=False),
        sa.Column("INPUT", sa.Text(), nullable=False),
        sa.Column("KEPT_DATETIME", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["DESK_SESSION_ID"],
            ["DESK_SESSION.DESK_SESSION_ID"],
            name=op.f("KEPT_INPUT_DESK_SESSION_ID_FK"),
        ),
        sa.PrimaryKeyConstraint("KEPT_INPUT_ID", name=op.f("KEPT_INPUT_PK")),
    )
    op.create_index("KEPT_INPUT_USER_IX", "KEPT_INPUT", ["USER_LOGIN_ID"], unique=False)
    op.create_index("KEPT_INPUT_SESSION_IX", "KEPT_INPUT", ["DESK_SESSION_ID"], unique=False)


def downgrade() -> None:
    op.drop_table("KEPT_INPUT")
    op.drop_table("DESK_SESSION")
