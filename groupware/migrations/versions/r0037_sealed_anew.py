"""What is sealed is found by its period; which dates have moved, and which keys were emptied since the last backup."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

_SEALED = (("content", "body"), ("rendering", "head"))


def upgrade() -> None:
    """Add them. Where nothing is sealed, both indexes of periods are empty."""
    blob = "'\\x00494301'::bytea" if op.get_context().dialect.name == "postgresql" else "x'00494301'"
    for table, column in _SEALED:
        which = sa.text(f"substr({column}, 1, 4) = {blob}")
        lies = sa.text(f"substr({column}, 1, 11)")
        op.create_index(f"ix_{table}_sealed", table, [lies, "id"], sqlite_where=which, postgresql_where=which)
    op.add_column("secrecy_period", sa.Column("emptied", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("retention_date", sa.Column("moved", sa.Integer(), nullable=False, server_default="0"))
    moved = sa.text("moved = 1")
    op.create_index("ix_retention_date_moved", "retention_date", ["post"], sqlite_where=moved, postgresql_where=moved)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_retention_date_moved", table_name="retention_date")
    for table, _ in _SEALED:
        op.drop_index(f"ix_{table}_sealed", table_name=table)
    for table, column in (("secrecy_period", "emptied"), ("retention_date", "moved")):
        with op.batch_alter_table(table) as changing:
            changing.drop_column(column)
