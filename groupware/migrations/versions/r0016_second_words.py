"""Who gave their word for who hands over, and what the decision about a proposal rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns: what a giver offered has their word, what was offered for them by others waits for it."""
    op.add_column("hand_over", sa.Column("confirmed_by", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("grant_proposal", sa.Column("decided_why", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE hand_over SET confirmed_by = giver WHERE proposed_by = giver")


def downgrade() -> None:
    """Drop them."""
    for table, column in (("hand_over", "confirmed_by"), ("grant_proposal", "decided_why")):
        with op.batch_alter_table(table) as changing:
            changing.drop_column(column)
