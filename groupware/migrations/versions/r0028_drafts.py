"""Drafts that await a colleague's word, and rooms that ask for a second person's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and the setting; no room asks for anything yet."""
    op.add_column("room", sa.Column("second_person", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "draft",
        sa.Column("post", Id, nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_draft_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_draft"),
    )
    op.create_index("ix_draft_until", "draft", ["word", "until"])
    op.create_table(
        "draft_reply",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_draft_reply_post_post"),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_draft_reply_official_official"),
        sa.PrimaryKeyConstraint("digest", name="pk_draft_reply"),
    )
    op.create_index("ix_draft_reply_post", "draft_reply", ["post"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("draft_reply")
    op.drop_table("draft")
    with op.batch_alter_table("room") as changing:
        changing.drop_column("second_person")
