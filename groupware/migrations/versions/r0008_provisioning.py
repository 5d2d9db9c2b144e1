"""Tokens of national identity systems, and what SCIM remembers of entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scim_token",
        sa.Column("id", Id, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        *(_time("created"), _time("expires"), _time("revoked"), _time("used")),
        sa.PrimaryKeyConstraint("id", name="pk_scim_token"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_scim_token_body_body"),
        sa.UniqueConstraint("digest", name="uq_scim_token_digest"),
    )
    op.create_index("ix_scim_token_body", "scim_token", ["body"])
    op.create_table(
        "provisioned",
        sa.Column("kind", sa.String(), nullable=False),
        *(_time("number"), sa.Column("external_id", sa.String(), nullable=False)),
        *(_time("created"), _time("changed"), _time("removed")),
        *(sa.Column("version", sa.Integer(), nullable=False), _time("token")),
        sa.PrimaryKeyConstraint("kind", "number", name="pk_provisioned"),
    )
    op.create_index("ix_provisioned_external", "provisioned", ["kind", "external_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("provisioned")
    op.drop_table("scim_token")


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
