"""What ICONet remembers of the Matrix rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _matrix_event() -> None:
    op.create_table(
        "matrix_event",
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("room", Id, nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["room.id"], name="fk_matrix_event_room_room"),
        sa.PrimaryKeyConstraint("event", name="pk_matrix_event"),
    )
    op.create_index("ix_matrix_event_post", "matrix_event", ["post", "event"])


def _matrix_hold() -> None:
    op.create_table(
        "matrix_hold",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("post", Id, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_matrix_hold_post_post"),
        sa.PrimaryKeyConstraint("id", name="pk_matrix_hold"),
        sa.UniqueConstraint("key", name="uq_matrix_hold_key"),
        sa.UniqueConstraint("post", name="uq_matrix_hold_post"),
    )


def _matrix_member() -> None:
    op.create_table(
        "matrix_member",
        sa.Column("room", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_matrix_member_official_official"),
        sa.ForeignKeyConstraint(["room"], ["room.id"], name="fk_matrix_member_room_room"),
        sa.PrimaryKeyConstraint("room", "official", name="pk_matrix_member"),
        sqlite_with_rowid=False,
    )


def _matrix_outbox() -> None:
    op.create_table(
        "matrix_outbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("room", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["room.id"], name="fk_matrix_outbox_room_room"),
        sa.PrimaryKeyConstraint("id", name="pk_matrix_outbox"),
        sa.UniqueConstraint("key", name="uq_matrix_outbox_key"),
    )
    op.create_index("ix_matrix_outbox_next", "matrix_outbox", ["state", "room", "id"])


def _matrix_room() -> None:
    op.create_table(
        "matrix_room",
        sa.Column("room", Id, nullable=False),
        sa.Column("matrix", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["room.id"], name="fk_matrix_room_room_room"),
        sa.PrimaryKeyConstraint("room", name="pk_matrix_room"),
        sa.UniqueConstraint("matrix", name="uq_matrix_room_matrix"),
    )


def _matrix_transaction() -> None:
    op.create_table(
        "matrix_transaction",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_matrix_transaction"),
    )
    op.create_index("ix_matrix_transaction_at", "matrix_transaction", ["at"])


def _matrix_user() -> None:
    op.create_table(
        "matrix_user",
        sa.Column("official", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_matrix_user_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_matrix_user"),
    )


TABLES = (
    _matrix_room,
    _matrix_user,
    _matrix_member,
    _matrix_event,
    _matrix_hold,
    _matrix_outbox,
    _matrix_transaction,
)


def upgrade() -> None:
    """Create them."""
    for create in TABLES:
        create()


def downgrade() -> None:
    """Drop them the other way round."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
