"""Resources and their bookings, with guards by which no two bookings of one resource can overlap.

Whoever writes, by whatever way, meets them: they are the database's own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("booking_answer", "booking_exception", "occurrence", "booking", "resource_area", "resource")

# Ranges of one number stand for the resource, so that no extension (btree_gist) is needed.
POSTGRESQL = """ALTER TABLE occurrence ADD CONSTRAINT no_overlap EXCLUDE USING gist (
    int8range(resource, resource, '[]') WITH =, int8range(t0, t1) WITH &&)"""
# What is there doesn't overlap, so only the last one that begins before the end of the new one can reach into it.
SQLITE = (
    """CREATE TRIGGER occurrence_added BEFORE INSERT ON occurrence WHEN new.t0 < (
        SELECT t1 FROM occurrence WHERE resource = new.resource AND t0 < new.t1
        ORDER BY t0 DESC LIMIT 1)
    BEGIN SELECT RAISE(ABORT, 'no_overlap'); END""",
    """CREATE TRIGGER occurrence_changed BEFORE UPDATE OF resource, t0, t1 ON occurrence WHEN new.t0 < (
        SELECT t1 FROM occurrence WHERE resource = new.resource AND t0 < new.t1 AND id <> old.id
        ORDER BY t0 DESC LIMIT 1)
    BEGIN SELECT RAISE(ABORT, 'no_overlap'); END""",
)


def upgrade() -> None:
    """Create them."""
    _resource()
    _booking()
    _occurrence()
    _booking_answer()
    for statement in (POSTGRESQL,) if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Drop them; triggers and constraints go with their table."""
    for table in TABLES:
        op.drop_table(table)


def _resource() -> None:
    op.create_table(
        "resource",
        sa.Column("id", Id, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resource"),
        sa.UniqueConstraint("address", name="uq_resource_address"),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_resource_owner_unit"),
    )
    op.create_table(
        "resource_area",
        sa.Column("resource", Id, nullable=False),
        sa.Column("area", Id, nullable=False),
        sa.PrimaryKeyConstraint("resource", "area", name="pk_resource_area"),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"], name="fk_resource_area_resource_resource"),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name="fk_resource_area_area_area"),
    )


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", Id, nullable=False),
        sa.Column("resource", Id, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("submission", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("resource", "uid", name="uq_booking_resource"),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"], name="fk_booking_resource_resource"),
        sa.ForeignKeyConstraint(["author"], ["official.id"], name="fk_booking_author_official"),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_booking_owner_unit"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_booking_submission_submission"),
    )
    op.create_table(
        "booking_exception",
        sa.Column("booking", Id, nullable=False),
        sa.Column("recurrence", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("t0", sa.BigInteger(), nullable=False),
        sa.Column("t1", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("booking", "recurrence", name="pk_booking_exception"),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name="fk_booking_exception_booking_booking"),
    )


def _occurrence() -> None:
    op.create_table(
        "occurrence",
        sa.Column("id", Id, nullable=False),
        sa.Column("resource", Id, nullable=False),
        sa.Column("booking", Id, nullable=False),
        sa.Column("recurrence", sa.BigInteger(), nullable=False),
        sa.Column("t0", sa.BigInteger(), nullable=False),
        sa.Column("t1", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("t1 > t0 AND t1 - t0 <= 2678400000000", name="ck_occurrence_length"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
        sa.UniqueConstraint("booking", "recurrence", name="uq_occurrence_booking"),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"], name="fk_occurrence_resource_resource"),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name="fk_occurrence_booking_booking"),
    )
    op.create_index("ix_occurrence_time", "occurrence", ["resource", "t0", "t1"])


def _booking_answer() -> None:
    op.create_table(
        "booking_answer",
        sa.Column("id", Id, nullable=False),
        sa.Column("submission", Id, nullable=False),
        sa.Column("resource", Id, nullable=False),
        sa.Column("booking", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("mail", Id, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking_answer"),
        sa.UniqueConstraint("submission", "resource", name="uq_booking_answer_submission"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_booking_answer_submission_submission"),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"], name="fk_booking_answer_resource_resource"),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_booking_answer_mail_mail"),
    )
