"""Which hold keeps what is due, and how often it was tried to remove what is outside of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"


def upgrade() -> None:
    """Add the columns. Holds are found again when the dates are looked at."""
    op.add_column("retention_date", sa.Column("hold", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_index("ix_retention_date_due", table_name="retention_date")
    op.create_index("ix_retention_date_hold", "retention_date", ["hold", "due", "post"])
    op.add_column("legal_hold", sa.Column("keeps", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_legal_hold_keeps", "legal_hold", ["keeps", "lifted"])
    op.add_column("erasure_errand", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("erasure_errand", sa.Column("again", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("erasure_errand", sa.Column("why", sa.String(), nullable=False, server_default=""))
    op.drop_index("ix_erasure_errand_done", table_name="erasure_errand")
    op.create_index("ix_erasure_errand_done", "erasure_errand", ["done", "kind", "again"])
    op.execute(
        "UPDATE erasure SET stage = 'waiting' WHERE stage = 'scoured' "
        "AND EXISTS (SELECT 1 FROM erasure_errand WHERE post = erasure.post AND done = 0)"
    )


def downgrade() -> None:
    """Drop them. What waits for its errands is looked at again."""
    op.execute("UPDATE erasure SET stage = 'scoured' WHERE stage = 'waiting'")
    op.drop_index("ix_erasure_errand_done", table_name="erasure_errand")
    op.create_index("ix_erasure_errand_done", "erasure_errand", ["done", "kind"])
    op.drop_index("ix_legal_hold_keeps", table_name="legal_hold")
    op.drop_index("ix_retention_date_hold", table_name="retention_date")
    op.create_index("ix_retention_date_due", "retention_date", ["due"])
    for table, names in (("erasure_errand", ("why", "again", "tries")), ("legal_hold", ("keeps",)),
                         ("retention_date", ("hold",))):  # fmt: skip
        with op.batch_alter_table(table) as changing:
            for name in names:
                changing.drop_column(name)
