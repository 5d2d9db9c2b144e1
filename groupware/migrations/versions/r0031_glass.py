"""Break-glass, and acknowledgements of posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    _glass()
    _read_by_glass()
    _acknowledged()


def _glass() -> None:
    op.create_table(
        "glass",
        sa.Column("id", Id, nullable=False),
        sa.Column("asker", Id, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("confirmer", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lasts", sa.BigInteger(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asker"], ["official.id"], name="fk_glass_asker_official"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_glass_body_body"),
        sa.PrimaryKeyConstraint("id", name="pk_glass"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_glass_state", "glass", ["state", "valid_until"])
    op.create_index("ix_glass_asker", "glass", ["asker", "id"])


def _read_by_glass() -> None:
    op.create_table(
        "glass_told",
        sa.Column("glass", Id, autoincrement=False, nullable=False),
        sa.Column("body", Id, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["glass"], ["glass.id"], name="fk_glass_told_glass_glass"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_glass_told_body_body"),
        sa.PrimaryKeyConstraint("glass", "body", name="pk_glass_told"),
    )
    op.create_table(
        "glass_opening",
        sa.Column("glass", Id, autoincrement=False, nullable=False),
        sa.Column("post", Id, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["glass"], ["glass.id"], name="fk_glass_opening_glass_glass"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_glass_opening_post_post"),
        sa.PrimaryKeyConstraint("glass", "post", name="pk_glass_opening"),
    )
    op.create_index("ix_glass_opening_post", "glass_opening", ["post"])


def _acknowledged() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("post", Id, autoincrement=False, nullable=False),
        sa.Column("official", Id, autoincrement=False, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_acknowledgement_post_post"),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_acknowledgement_official_official"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_acknowledgement_body_body"),
        sa.PrimaryKeyConstraint("post", "official", name="pk_acknowledgement"),
    )
    op.create_index("ix_acknowledgement_official", "acknowledgement", ["official", "post"])
    op.create_table(
        "acknowledgement_wanted",
        sa.Column("post", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_acknowledgement_wanted_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_acknowledgement_wanted"),
    )


def downgrade() -> None:
    """Forget who read in an emergency, and who has taken note."""
    for table in ("acknowledgement_wanted", "acknowledgement", "glass_opening", "glass_told", "glass"):
        op.drop_table(table)
