"""Rooms that bar personal data, and posts that await their author's word about some."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the setting; no room bars anything yet."""
    op.add_column("room", sa.Column("bars_personal_data", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "personal_data_hold",
        sa.Column("post", Id, nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_personal_data_hold_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_personal_data_hold"),
    )
    op.create_index("ix_personal_data_hold_until", "personal_data_hold", ["word", "until"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("personal_data_hold")
    with op.batch_alter_table("room") as changing:
        changing.drop_column("bars_personal_data")
