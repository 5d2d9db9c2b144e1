"""What ICONet remembers of the cards that it handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "card",
        sa.Column("official", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_card_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_card"),
    )
    op.create_table(
        "card_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_card_state"),
    )
    op.create_index("ix_card_state_used", "card_state", ["used"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("card_state")
    op.drop_table("card")
