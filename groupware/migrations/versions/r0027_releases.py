"""Releases to third parties, and fingerprints of what posts say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables. All posts that are there have their fingerprints taken when the server runs."""
    _release()
    _consent()
    _package()
    _prints()


def _release() -> None:
    op.create_table(
        "release",
        sa.Column("id", Id, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("asker", Id, nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_release_post_post"),
        sa.ForeignKeyConstraint(["asker"], ["official.id"], name="fk_release_asker_official"),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_release_state", "release", ["state", "answer_by"])
    op.create_index("ix_release_asker", "release", ["asker", "id"])
    op.create_index("ix_release_post", "release", ["post"])
    op.create_index("ix_release_submission", "release", ["submission"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", Id, nullable=False),
        sa.Column("release", Id, nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name="fk_consent_release_release"),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_consent_owner_unit"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_consent_post_post"),
        sa.ForeignKeyConstraint(["author"], ["official.id"], name="fk_consent_author_official"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_release", "consent", ["release"])
    op.create_index("ix_consent_owner", "consent", ["owner", "state"])
    op.create_table(
        "consent_reply",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("consent", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["consent"], ["consent.id"], name="fk_consent_reply_consent_consent"),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_consent_reply_official_official"),
        sa.PrimaryKeyConstraint("digest", name="pk_consent_reply"),
    )
    op.create_index("ix_consent_reply_consent", "consent_reply", ["consent"])
    op.create_table(
        "release_chat",
        sa.Column("official", Id, nullable=False, autoincrement=False),
        sa.Column("matrix", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_release_chat_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_release_chat"),
        sa.UniqueConstraint("matrix", name="uq_release_chat_matrix"),
    )


def _package() -> None:
    op.create_table(
        "package",
        sa.Column("release", Id, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("message", Id, nullable=False),
        sa.Column("message_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("outbound", Id, nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name="fk_package_release_release"),
        sa.ForeignKeyConstraint(["message"], ["content.id"], name="fk_package_message_content"),
        sa.ForeignKeyConstraint(["outbound"], ["outbound.id"], name="fk_package_outbound_outbound"),
        sa.PrimaryKeyConstraint("release", name="pk_package"),
        sa.UniqueConstraint("outbound", name="uq_package_outbound"),
    )


def _prints() -> None:
    op.create_table(
        "text_print",
        sa.Column("print", sa.BigInteger(), nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_text_print_post_post"),
        sa.PrimaryKeyConstraint("print", "post", name="pk_text_print"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_text_print_post", "text_print", ["post"])
    op.create_table(
        "print_due",
        sa.Column("post", Id, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_print_due_post_post"),
        sa.PrimaryKeyConstraint("post", name="pk_print_due"),
    )
    op.execute("INSERT INTO print_due (post) SELECT id FROM post")


def downgrade() -> None:
    """Drop them."""
    for name in ("print_due", "text_print", "package", "release_chat", "consent_reply", "consent", "release"):
        op.drop_table(name)
