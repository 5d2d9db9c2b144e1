"""Which mails of ours have a draft in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "draft_mail",
        sa.Column("mail", Id, autoincrement=False, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_draft_mail_mail_mail"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_draft_mail_post_post"),
        sa.PrimaryKeyConstraint("mail", name="pk_draft_mail"),
    )
    op.create_index("ix_draft_mail_post", "draft_mail", ["post"])


def downgrade() -> None:
    """Drop it; the mails stay."""
    op.drop_table("draft_mail")
