"""Who keeps the entries of a body: its directory admins, contact points and their deputies, as far as in office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory.tables import official, role_grant
from policies.vocabulary import Role

if TYPE_CHECKING:
    from groupware.store import Snapshot

_KEEPERS = (
    select(official.c.id)
    .distinct()
    .join(role_grant, role_grant.c.official == official.c.id)
    .where(
        role_grant.c.scope == bindparam("body"),
        role_grant.c.role.in_([Role.DIRECTORY_ADMIN.value, Role.CONTACT_POINT.value, Role.DEPUTY.value]),
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
        official.c.body == bindparam("body"),
        ~official.c.suspended,
        official.c.valid_from <= bindparam("at"),
        official.c.valid_until > bindparam("at"),
    )
    .order_by(official.c.id)
)
_NAME = select(official.c.name).where(official.c.id == bindparam("official"))


def of(snapshot: Snapshot, body: int) -> list[int]:
    """Their ids."""
    return list(snapshot.connection.scalars(_KEEPERS, {"body": body, "at": snapshot.now}))


def name_of(snapshot: Snapshot, official_id: int) -> str:
    """What somebody is called; 0 is the operator."""
    return str(snapshot.connection.execute(_NAME, {"official": official_id}).scalar() or "The operator")
