"""How many duties of a kind went to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, empty: of what went before nobody counted."""
    op.create_table(
        "duty_move",
        sa.Column("id", Id, nullable=False),
        sa.Column("giver", Id, nullable=False),
        sa.Column("taker", sa.BigInteger(), nullable=False),
        sa.Column("hand_over", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["giver"], ["official.id"], name="fk_duty_move_giver_official"),
        sa.PrimaryKeyConstraint("id", name="pk_duty_move"),
    )
    op.create_index("ix_duty_move_giver", "duty_move", ["giver"])
    op.create_index("ix_duty_move_hand_over", "duty_move", ["hand_over"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("duty_move")
