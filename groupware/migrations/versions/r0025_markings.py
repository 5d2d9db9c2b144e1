"""Messages that were refused because they were marked as classified, and posts that were marked anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; of a refused message a row holds nothing but its level and where that was said."""
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
    op.create_table(
        "remarking",
        sa.Column("id", Id, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("was_marking", sa.Integer(), nullable=False),
        sa.Column("was_handling", sa.Integer(), nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_remarking_post_post"),
        sa.PrimaryKeyConstraint("id", name="pk_remarking"),
    )
    op.create_index("ix_remarking_post", "remarking", ["post", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_remarking_post", table_name="remarking")
    op.drop_table("remarking")
    op.drop_index("ix_refused_marking_official", table_name="refused_marking")
    op.drop_table("refused_marking")
