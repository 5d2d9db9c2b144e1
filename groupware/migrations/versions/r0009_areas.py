"""Areas and rooms that people administer: sub-themes, access by rule, deputies, who did what; posts taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = 24 * 3600 * 1_000_000
TABLES = ("withdrawal", "escalation", "room_deputy", "room_change", "room_access")
NUMBERS = {"parent": "0", "archived": "0", "patience": str(DAY)}
ADDED = ("parent", "topic", "archived", "patience", "version")


def upgrade() -> None:
    """Add the columns, then the tables."""
    for name, first in NUMBERS.items():
        op.add_column("room", sa.Column(name, sa.BigInteger(), nullable=False, server_default=first))
    op.add_column("room", sa.Column("topic", sa.String(), nullable=False, server_default=""))
    op.add_column("room", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("role_grant", sa.Column("access", sa.BigInteger(), nullable=False, server_default="0"))
    _access()
    _administration()
    _posts()


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("role_grant") as changing:
        changing.drop_column("access")
    with op.batch_alter_table("room") as changing:
        for name in ADDED:
            changing.drop_column(name)


def _id(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, Id, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")


def _to(table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{name}.id"], name=f"fk_{table}_{name}_{name}")


def _access() -> None:
    op.create_table(
        "room_access",
        *(_id(), _number("room"), _number("area"), _text("access"), _text("subject"), _number("key"), _text("role")),
        *(_number("valid_from"), _number("valid_until"), _number("granted_by"), _number("granted"), _text("reason")),
        *(_number("ended"), _number("ended_by"), _key("room_access", "id")),
    )
    op.create_index("ix_room_access_room", "room_access", ["room", "valid_until"])


def _administration() -> None:
    op.create_table(
        "room_change",
        *(_id(), _number("at"), _number("by"), _text("act"), _number("area"), _number("room")),
        *(sa.Column("detail", sa.Text(), nullable=False), _key("room_change", "id")),
    )
    for scope in ("room", "area"):
        op.create_index(f"ix_room_change_{scope}", "room_change", [scope, "id"])
    op.create_table(
        "room_deputy",
        *(_id("room"), _id("official"), _key("room_deputy", "room", "official")),
        *(_to("room_deputy", "room"), _to("room_deputy", "official")),
    )


def _posts() -> None:
    op.create_table(
        "escalation",
        *(_id("post"), sa.Column("step", sa.Integer(), nullable=False), _number("at")),
        *(sa.Column("told", sa.Integer(), nullable=False), _key("escalation", "post", "step")),
        _to("escalation", "post"),
    )
    op.create_table(
        "withdrawal",
        *(_id("post"), _number("at"), _number("by"), _text("state"), _text("reason")),
        *(_key("withdrawal", "post"), _to("withdrawal", "post")),
    )
