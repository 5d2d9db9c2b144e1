"""Why a break-glass ended before its time, and how many a body asked for in a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the column: of what has ended already nobody wrote it down."""
    op.add_column("glass", sa.Column("ended_why", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_glass_body", "glass", ["body", "asked"])


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_glass_body", "glass")
    op.drop_column("glass", "ended_why")
