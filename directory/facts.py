"""Facts about officials, units and bodies, read on the caller's connection, in the policies' words."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, Row, Select, String, bindparam, literal, select, union_all

from directory.tables import FOREVER, body, official, role_grant, unit, unit_above, unit_competence
from policies.entities import GROUPS, Entity, Uid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policies.entities import Fact, Facts

Held = Row[str, int, int, int]
"""What an official holds or her unit lies in: role or type, id, first moment, first moment after."""

_OFFICIAL = (
    select(official, body.c.suspended.label("body_suspended"), body.c.authority)
    .join(body, body.c.id == official.c.body)
    .where(official.c.id == bindparam("official"))
)
_UNIT = (
    select(unit.c.body, body.c.suspended.label("body_suspended"), body.c.authority)
    .join(body, body.c.id == unit.c.body)
    .where(unit.c.id == bindparam("unit"))
)
_BODY = select(body.c.suspended, body.c.authority).where(body.c.id == bindparam("body"))
_DATELESS = literal(0, BigInteger), literal(FOREVER, BigInteger)
_HELD = union_all(
    select(role_grant.c.role, role_grant.c.scope, role_grant.c.valid_from, role_grant.c.valid_until).where(
        role_grant.c.official == bindparam("official"), role_grant.c.valid_until > bindparam("now")
    ),
    select(literal("Unit", String), unit_above.c.above, *_DATELESS).where(unit_above.c.unit == bindparam("unit")),
    select(literal("Competence", String), unit_competence.c.competence, *_DATELESS).where(
        unit_competence.c.unit == bindparam("unit")
    ),
)


class AbsentError(LookupError):
    """There is no such row."""


def subject_facts(connection: Connection, official_id: int, now: int) -> tuple[Uid, Facts, int]:
    """What policies need of one who asks, and how long it stays true.

    The facts: the official with the roles in force now, the unit with all that it lies in, the body. The last value
    is the next moment (microseconds; FOREVER for none) at which a date among them passes. Raises AbsentError.
    """
    row = one(connection, _OFFICIAL, official=official_id)
    held = connection.execute(_HELD, {"official": official_id, "unit": row.unit, "now": now}).all()
    me, home = Uid("Official", str(official_id)), Uid("Unit", str(row.unit))
    facts = {
        me: Entity(_attributes(row), frozenset(_groups(held, now))),
        home: Entity({"body": Uid("Body", str(row.body))}, frozenset(_above(held)) - {home}),
        **body_row_facts(row.body, row.authority, suspended=row.body_suspended),
    }
    moments = chain((row.valid_from, row.valid_until), *(dates for _, _, *dates in held))
    return me, facts, _until(moments, now)


def official_facts(connection: Connection, official_id: int) -> Facts:
    """What policies need of an official to whom something is done. Raises AbsentError."""
    row = one(connection, _OFFICIAL, official=official_id)
    return {
        Uid("Official", str(official_id)): Entity(_attributes(row)),
        **body_row_facts(row.body, row.authority, suspended=row.body_suspended),
    }


def official_or_nobody(connection: Connection, official_id: int) -> Facts:
    """The same; 0 is nobody, of no body, whom nothing stops. Raises AbsentError."""
    if official_id == 0:
        nobody = {"validFrom": 0, "validUntil": FOREVER, "suspended": False, "listed": False, "clearance": 0}
        places = {"body": Uid("Body", "0"), "unit": Uid("Unit", "0"), "senders": Uid("Senders", "0")}
        return {Uid("Official", "0"): Entity({**nobody, **places}), **body_or_nobody(connection, 0)}
    return official_facts(connection, official_id)


def unit_facts(connection: Connection, unit_id: int) -> Facts:
    """What policies need of a unit to which something is done. Raises AbsentError."""
    row = one(connection, _UNIT, unit=unit_id)
    home = {Uid("Unit", str(unit_id)): Entity({"body": Uid("Body", str(row.body))})}
    return {**home, **body_row_facts(row.body, row.authority, suspended=row.body_suspended)}


def body_facts(connection: Connection, body_id: int) -> Facts:
    """What policies need of a body, and of the one that governs it. Raises AbsentError."""
    row = one(connection, _BODY, body=body_id)
    own = body_row_facts(body_id, row.authority, suspended=row.suspended)
    return {**body_or_nobody(connection, row.authority), **own}


def body_or_nobody(connection: Connection, body_id: int) -> Facts:
    """The facts of a body alone; 0 is nobody, whose duties nobody holds. Raises AbsentError."""
    if body_id == 0:
        return body_row_facts(0, 0, suspended=False)
    row = one(connection, _BODY, body=body_id)
    return body_row_facts(body_id, row.authority, suspended=row.suspended)


def one(connection: Connection, statement: Select[Any], **key: int) -> Row[Any]:
    """The row with the key; raises AbsentError."""
    row = connection.execute(statement, key).first()
    if row is None:
        raise AbsentError(str(key))
    return row


def _attributes(row: Row[Any]) -> Mapping[str, Fact]:
    return {
        "body": Uid("Body", str(row.body)),
        "unit": Uid("Unit", str(row.unit)),
        "clearance": row.clearance,
        "suspended": row.suspended,
        "listed": row.listed,
        "senders": Uid("Senders", str(row.id)),
        "validFrom": row.valid_from,
        "validUntil": row.valid_until,
    }


def body_row_facts(body_id: int, authority: int, *, suspended: bool) -> dict[Uid, Entity]:
    """What policies need of a body whose row has been read."""
    key = str(body_id)
    attributes: dict[str, Fact] = {
        "suspended": suspended,
        "authority": Uid("Body", str(authority)),
        "contactPoints": Uid("ContactPoints", key),
        "deputies": Uid("Deputies", key),
        "directoryAdmins": Uid("DirectoryAdmins", key),
        "securityOfficers": Uid("SecurityOfficers", key),
    }
    return {Uid("Body", key): Entity(attributes)}


def _groups(held: Sequence[Held], now: int) -> Iterator[Uid]:
    """The roles in force, each for its scope, and each by its bare name."""
    valid = [(role, scope) for role, scope, since, until in held if role in GROUPS and since <= now < until]
    yield from (Uid("Duty", role) for role in {role for role, _ in valid})
    yield from (Uid(GROUPS[role], str(scope)) for role, scope in valid)


def _above(held: Sequence[Held]) -> Iterator[Uid]:
    """The units and competences that the unit lies in, itself included."""
    return (Uid(kind, str(key)) for kind, key, _, _ in held if kind not in GROUPS)


def _until(moments: Iterable[int], now: int) -> int:
    return min((moment for moment in moments if moment > now), default=FOREVER)
