"""New credentials are asked for by one person and released by another; a national account is let in by its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    with op.batch_alter_table("entry_change") as changing:
        changing.add_column(sa.Column("token", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "reset_request",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", Id, nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_reset_request_official_official"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_reset_request_body_body"),
        sa.ForeignKeyConstraint(["asked_by"], ["official.id"], name="fk_reset_request_asked_by_official"),
        sa.PrimaryKeyConstraint("id", name="pk_reset_request"),
    )
    op.create_index("ix_reset_request_official", "reset_request", ["official"])
    op.create_index("ix_reset_request_body", "reset_request", ["body"])
    op.create_table(
        "national_leave",
        sa.Column("official", Id, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_national_leave_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_national_leave"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("national_leave")
    op.drop_table("reset_request")
    with op.batch_alter_table("entry_change") as changing:
        changing.drop_column("token")
