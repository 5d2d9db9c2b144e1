"""Networks that officials signed in from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0017"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table; a row holds a keyed hash and no network."""
    op.create_table(
        "known_site",
        sa.Column("official", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_known_site_official_official"),
        sa.PrimaryKeyConstraint("official", "digest", name="pk_known_site"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("known_site")
