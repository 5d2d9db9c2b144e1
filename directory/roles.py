"""Dated grants of roles, and of reading and posting in a room: who, what, where, when, by whom and why.

A grant holds at `valid_from` and no longer at `valid_until`; a revoked one is ended, not deleted, because
who could see what at some time in the past is asked later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, insert, select, update

from directory import access, rights
from directory.errors import UnfitError, UnknownEntryError
from directory.rows import add_row
from directory.tables import FOREVER, body, official, role_grant
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class Grant:
    """One row. `scope` is a room's, area's, body's or official's id; granters are officials' ids, 0 for the operator.

    `access` is the rule that it follows from, 0 for one given by hand. `ended_by` and `ended_why` say who ended it
    before its time; 0 and "" for one that nobody did.
    """

    official: int
    role: Role | Access
    scope: int
    valid_from: int = 0
    valid_until: int = FOREVER
    granted_by: int = 0
    approved_by: int = 0
    reason: str = ""
    access: int = 0
    id: int = 0
    ended_by: int = 0
    ended_why: str = ""


_ADD = insert(role_grant)
_END = (
    update(role_grant)
    .where(role_grant.c.id == bindparam("wanted"), role_grant.c.valid_until > bindparam("at"))
    .values(valid_until=bindparam("at"), ended_by=bindparam("by"), ended_why=bindparam("why"))
)
_END_ALL = (
    update(role_grant)
    .where(
        role_grant.c.official == bindparam("of"),
        role_grant.c.valid_until > bindparam("at"),
        role_grant.c.access == 0,
    )
    .values(valid_until=bindparam("at"), ended_by=bindparam("by"), ended_why=bindparam("why"))
)
_END_FOR = (
    update(role_grant)
    .where(
        role_grant.c.role == bindparam("held_as"),
        role_grant.c.scope == bindparam("held_for"),
        role_grant.c.valid_until > bindparam("at"),
    )
    .values(valid_until=bindparam("at"), ended_by=bindparam("by"), ended_why=bindparam("why"))
)
_BY_ID = select(role_grant).where(role_grant.c.id == bindparam("wanted"))
_HELD = (
    select(role_grant)
    .where(
        role_grant.c.official == bindparam("of"),
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
    )
    .order_by(role_grant.c.id)
)
_YET = (
    select(role_grant)
    .where(role_grant.c.official == bindparam("of"), role_grant.c.valid_until > bindparam("at"))
    .order_by(role_grant.c.id)
)
_HOLDERS = role_grant.join(official, official.c.id == role_grant.c.official).join(body, body.c.id == official.c.body)
_HELD_NOW = and_(
    role_grant.c.role == bindparam("held_as"),
    role_grant.c.valid_from <= bindparam("at"),
    role_grant.c.valid_until > bindparam("at"),
    ~official.c.suspended,
    ~body.c.suspended,
    official.c.valid_from <= bindparam("at"),
    official.c.valid_until > bindparam("at"),
)
_IN_FORCE = (
    select(role_grant)
    .select_from(_HOLDERS)
    .where(_HELD_NOW, role_grant.c.scope == bindparam("held_for"))
    .order_by(role_grant.c.id)
)
_SCOPES_IN_FORCE = select(role_grant.c.scope).select_from(_HOLDERS).where(_HELD_NOW)


def grant(connection: Connection, new: Grant) -> int:
    """Add a grant and return its id; `new.id` is ignored.

    UnfitError for one that never holds, and for one that its granter or its holder approves.
    """
    if new.valid_from >= new.valid_until:
        raise UnfitError("a grant ends after it begins")
    if new.approved_by and new.approved_by in {new.granted_by, new.official}:
        raise UnfitError("a grant is approved by somebody else")
    number = add_row(connection, _ADD, _row(new))
    rights.bump(connection)
    access.rederive_for_official(connection, new.official)
    return number


def get(connection: Connection, number: int) -> Grant:
    """The grant of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"grant {number}")
    return _grant(row)


def revoke(connection: Connection, number: int, now: int, by: int = 0, why: str = "") -> None:
    """End a grant now, or leave it ended; one that had not begun never will.

    UnfitError for one that follows from a rule: it ends with the rule, or when the rule isn't for its holder any more.
    """
    known = get(connection, number)
    if known.access:
        raise UnfitError(f"grant {number} follows from rule {known.access}")
    if connection.execute(_END, {"wanted": number, "at": now, "by": by, "why": why}).rowcount:
        rights.bump(connection)
        access.rederive_for_official(connection, known.official)


def revoke_all(connection: Connection, holder: int, now: int, by: int = 0, why: str = "") -> int:
    """End all that an official was given by hand; return how many grants that were.

    What rules give is given until the official is suspended, moves or loses the role that it rests on.
    """
    ended = connection.execute(_END_ALL, {"of": holder, "at": now, "by": by, "why": why}).rowcount
    if ended:
        rights.bump(connection)
        access.rederive_for_official(connection, holder)
    return ended


def revoke_for(connection: Connection, role: Role | Access, scope: int, now: int, by: int = 0, why: str = "") -> int:
    """End what anybody holds of a role for this scope; return how many grants that were."""
    values = {"held_as": role, "held_for": scope, "at": now, "by": by, "why": why}
    ended = connection.execute(_END_FOR, values).rowcount
    if ended:
        rights.bump(connection)
    return ended


def held(connection: Connection, holder: int, now: int) -> list[Grant]:
    """What an official holds at a time, oldest grant first."""
    return [_grant(row) for row in connection.execute(_HELD, {"of": holder, "at": now}).mappings()]


def all_of(connection: Connection, holder: int, now: int) -> list[Grant]:
    """What an official holds or will come to hold, oldest grant first."""
    return [_grant(row) for row in connection.execute(_YET, {"of": holder, "at": now}).mappings()]


def in_force(connection: Connection, role: Role | Access, scope: int, now: int) -> list[Grant]:
    """Who holds a role for this scope, and is in office: their grants, oldest first."""
    values = {"held_as": role, "held_for": scope, "at": now}
    return [_grant(row) for row in connection.execute(_IN_FORCE, values).mappings()]


def scopes_in_force(connection: Connection, role: Role | Access, now: int) -> frozenset[int]:
    """The scopes for which somebody in office holds a role."""
    return frozenset(connection.scalars(_SCOPES_IN_FORCE, {"held_as": role, "at": now}))


def word(role: str) -> Role | Access:
    """The word for what is in the column `role`."""
    return Access(role) if role in set(Access) else Role(role)


def _grant(row: RowMapping) -> Grant:
    return Grant(**{**row, "role": word(row["role"])})


def _row(new: Grant) -> dict[str, object]:
    return {
        "official": new.official,
        "role": new.role,
        "scope": new.scope,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
        "granted_by": new.granted_by,
        "approved_by": new.approved_by,
        "reason": new.reason,
    }
