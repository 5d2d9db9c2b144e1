"""Messages that were refused because they were marked as classified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table; a row holds nothing of the message but its level and where that was said."""
    op.create_table(
        "refused_marking",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_refused_marking_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_refused_marking"),
    )
    op.create_index("ix_refused_marking_official", "refused_marking", ["official", "last"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_refused_marking_official", table_name="refused_marking")
    op.drop_table("refused_marking")
