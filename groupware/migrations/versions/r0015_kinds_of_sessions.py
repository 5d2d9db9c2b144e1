"""A session says whether it was made for a program."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; what programs had before opens nothing any more, and is made again in the portal."""
    op.execute("DELETE FROM web_session WHERE means = 'portal'")
    with op.batch_alter_table("web_session") as batch:
        batch.add_column(sa.Column("program", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop it, and the sessions that would become a browser's."""
    op.execute("DELETE FROM web_session WHERE program")
    with op.batch_alter_table("web_session") as batch:
        batch.drop_column("program")
