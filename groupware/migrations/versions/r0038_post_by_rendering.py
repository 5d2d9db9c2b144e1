"""The posts that show a content are found by their renderings."""

from __future__ import annotations

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_post_rendering", "post", ["rendering"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_post_rendering", table_name="post")
