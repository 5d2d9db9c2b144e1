"""The periods under whose keys stored bytes are sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "secrecy_period",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrecy_period"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("secrecy_period")
