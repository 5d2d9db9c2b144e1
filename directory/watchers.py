"""Who watches over a body's entries: its directory admins, contact points, deputies and security officers in office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory.tables import official, role_grant
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

KEEPERS = (Role.DIRECTORY_ADMIN, Role.CONTACT_POINT, Role.DEPUTY)
ROLES = (*KEEPERS, Role.SECURITY_OFFICER)
_OF = (
    select(official.c.id)
    .distinct()
    .join(role_grant, role_grant.c.official == official.c.id)
    .where(
        role_grant.c.scope == bindparam("body"),
        role_grant.c.role.in_(bindparam("roles", expanding=True)),
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
        official.c.body == bindparam("body"),
        ~official.c.suspended,
        official.c.valid_from <= bindparam("at"),
        official.c.valid_until > bindparam("at"),
    )
    .order_by(official.c.id)
)


def of(connection: Connection, body: int, now: int, roles: Sequence[Role] = ROLES) -> list[int]:
    """Their ids, or of those who have one of these roles."""
    return list(connection.scalars(_OF, {"body": body, "at": now, "roles": [role.value for role in roles]}))
