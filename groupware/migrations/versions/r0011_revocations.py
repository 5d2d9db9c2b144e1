"""Who revoked a grant, and why; and places in contact points for those who hold the roles already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
FOREVER = 2**62
POINTS = f"""
    INSERT INTO contact_point (body, area, holder, zone, version)
    SELECT scope, 0, min(official), 'UTC', 1 FROM role_grant
    WHERE role = 'contact-point' AND valid_until = {FOREVER} AND scope NOT IN (SELECT body FROM contact_point)
    GROUP BY scope
"""  # noqa: S608 -- the number is above
DEPUTIES = f"""
    INSERT INTO contact_deputy (contact_point, place, official)
    SELECT point.id, row_number() OVER (PARTITION BY point.id ORDER BY held.id), held.official
    FROM (
        SELECT min(id) AS id, scope, official FROM role_grant
        WHERE role IN ('contact-point', 'deputy') AND valid_until = {FOREVER} GROUP BY scope, official
    ) held
    JOIN contact_point point ON point.body = held.scope AND point.area = 0
    WHERE held.official <> point.holder AND point.id NOT IN (SELECT contact_point FROM contact_deputy)
"""  # noqa: S608 -- the same


def upgrade() -> None:
    """Add the columns and the places; of earlier revocations nobody knows."""
    op.add_column("role_grant", sa.Column("ended_by", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("role_grant", sa.Column("ended_why", sa.String(), nullable=False, server_default=""))
    op.execute(POINTS)
    op.execute(DEPUTIES)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("role_grant") as changing:
        changing.drop_column("ended_by")
        changing.drop_column("ended_why")
