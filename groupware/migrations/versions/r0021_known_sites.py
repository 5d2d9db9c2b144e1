"""Networks that officials signed in from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0016"


def upgrade() -> None:
    """Add the table; a row holds a keyed hash and no network."""
    op.create_table(
        "known_site",
        sa.Column("official", sa.BigInteger(), sa.ForeignKey("official.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("known_site")
