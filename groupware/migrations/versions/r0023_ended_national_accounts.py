"""Accounts at national identity providers that open nothing any more; who off-boarded whom, and the report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "national_past",
        sa.Column("id", Id, nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_national_past_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_national_past"),
    )
    op.create_index("ix_national_past_official", "national_past", ["official"])
    op.create_table(
        "departure",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.Column("doors", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_departure_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_departure"),
    )
    op.create_index("ix_departure_official", "departure", ["official"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("departure")
    op.drop_table("national_past")
