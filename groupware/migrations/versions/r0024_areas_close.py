"""Areas that are closed or archived, with their rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add what an area is, open until now, and what a room is by itself while its area isn't."""
    op.add_column("area", sa.Column("state", sa.String(), nullable=False, server_default="open"))
    op.add_column("room", sa.Column("own_state", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them; rooms stay as they are."""
    with op.batch_alter_table("area") as changing:
        changing.drop_column("state")
    with op.batch_alter_table("room") as changing:
        changing.drop_column("own_state")
