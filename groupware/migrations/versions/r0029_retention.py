"""Retention: classes, dates, legal holds, and what is left of posts that were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = 24 * 3600 * 1_000_000
FIVE_YEARS, THIRTY_DAYS = 1_826 * DAY, 30 * DAY


def upgrade() -> None:
    """Add the tables; each word that a room uses is a class of five years. Posts get their dates when it runs."""
    _classes()
    _holds()
    _erasures()
    op.add_column("matrix_hold", sa.Column("media", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_rendering_content", "rendering", ["content"])


def _classes() -> None:
    op.create_table(
        "retention_class",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name="pk_retention_class"),
    )
    length = sa.text(
        "INSERT INTO retention_class (name, length) "
        "SELECT retention, :length FROM room UNION SELECT 'standard', :length"
    )
    op.execute(length.bindparams(sa.bindparam("length", FIVE_YEARS, sa.BigInteger())))
    short = sa.text("INSERT INTO retention_class (name, length) SELECT 'unpublished', :length "
                    "WHERE NOT EXISTS (SELECT 1 FROM retention_class WHERE name = 'unpublished')")  # fmt: skip
    op.execute(short.bindparams(sa.bindparam("length", THIRTY_DAYS, sa.BigInteger())))
    op.create_table(
        "retention_date",
        sa.Column("post", Id, nullable=False, autoincrement=False),
        sa.Column("kept_as", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_retention_date_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_retention_date"),
    )
    op.create_index("ix_retention_date_due", "retention_date", ["due"])
    op.create_table(
        "retention_watch",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("stayed", sa.Float(), nullable=False),
        sa.Column("scoured", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_watch"),
    )


def _holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.BigInteger(), nullable=False),
        sa.Column("why_lifted", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_legal_hold_body_body"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["kind", "subject"])


def _erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("post", Id, nullable=False, autoincrement=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("kept_as", sa.String(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("verified", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_erasure_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_erasure"),
    )
    op.create_index("ix_erasure_stage", "erasure", ["stage", "post"])
    op.create_table(
        "erasure_step",
        sa.Column("post", Id, nullable=False, autoincrement=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("remains", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["erasure.post"], name="fk_erasure_step_post_erasure"),
        sa.PrimaryKeyConstraint("post", "store", name="pk_erasure_step"),
    )
    op.create_table(
        "erasure_errand",
        sa.Column("id", Id, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["erasure.post"], name="fk_erasure_errand_post_erasure"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_errand"),
    )
    op.create_index("ix_erasure_errand_post", "erasure_errand", ["post"])
    op.create_index("ix_erasure_errand_done", "erasure_errand", ["done", "kind"])


def downgrade() -> None:
    """Drop them. What was erased stays so."""
    with op.batch_alter_table("matrix_hold") as changing:
        changing.drop_column("media")
    op.drop_index("ix_rendering_content", table_name="rendering")
    names = ("erasure_errand", "erasure_step", "erasure", "legal_hold", "retention_watch", "retention_date")
    for name in (*names, "retention_class"):
        op.drop_table(name)
