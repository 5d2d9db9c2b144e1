"""A session says whether it was made for a program and whether it is strong; a token, what it may be used for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns; what programs and national accounts had before ends, and is made again in the portal."""
    op.execute("DELETE FROM web_session WHERE means = 'portal' OR means LIKE 'account of %'")
    with op.batch_alter_table("web_session") as batch:
        batch.add_column(sa.Column("program", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("strong", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("oidc_token") as batch:
        batch.add_column(sa.Column("scope", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE oidc_token SET scope = (SELECT s.scope FROM oidc_sign_on s WHERE s.id = oidc_token.sign_on)")


def downgrade() -> None:
    """Drop them, and the sessions that would become more than they are."""
    op.execute("DELETE FROM web_session WHERE program OR NOT strong")
    with op.batch_alter_table("web_session") as batch:
        batch.drop_column("strong")
        batch.drop_column("program")
    with op.batch_alter_table("oidc_token") as batch:
        batch.drop_column("scope")
