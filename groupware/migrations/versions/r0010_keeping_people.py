"""Who changed which entry, imports in preparation, reminders of the half-yearly review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entry_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry_change"),
    )
    op.create_index("ix_entry_change_subject", "entry_change", ["kind", "subject", "version"])
    op.create_table(
        "import_draft",
        sa.Column("official", Id, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_import_draft_official_official"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_import_draft_body_body"),
        sa.PrimaryKeyConstraint("official", name="pk_import_draft"),
    )
    op.create_table(
        "review_notice",
        sa.Column("body", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_review_notice_body_body"),
        sa.PrimaryKeyConstraint("body", name="pk_review_notice"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("review_notice", "import_draft", "entry_change"):
        op.drop_table(table)
