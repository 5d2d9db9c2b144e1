"""Who asks that a post be marked less strictly, and who has opened a draft; fingerprints are taken anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them: nobody asks for anything yet. What had fingerprints gets new ones, of words as they look."""
    op.execute(
        "INSERT INTO print_due (post) SELECT DISTINCT post FROM text_print"
        " WHERE post NOT IN (SELECT post FROM print_due)"
    )
    op.execute("DELETE FROM text_print")
    op.add_column("post", sa.Column("loosener", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("remarking", sa.Column("second", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "loosening",
        sa.Column("id", Id, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("asker", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.BigInteger(), nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_loosening_post_post"),
        sa.ForeignKeyConstraint(["asker"], ["official.id"], name="fk_loosening_asker_official"),
        sa.PrimaryKeyConstraint("id", name="pk_loosening"),
    )
    op.create_index("ix_loosening_post", "loosening", ["post", "id"])
    op.create_index("ix_loosening_until", "loosening", ["word", "until"])
    op.create_table(
        "draft_reading",
        sa.Column("post", Id, autoincrement=False, nullable=False),
        sa.Column("official", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_draft_reading_post_post"),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_draft_reading_official_official"),
        sa.PrimaryKeyConstraint("post", "official", name="pk_draft_reading"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("draft_reading")
    op.drop_table("loosening")
    for table, column in (("remarking", "second"), ("post", "loosener")):
        with op.batch_alter_table(table) as changing:
            changing.drop_column(column)
