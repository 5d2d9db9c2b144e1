"""Officials of the token's body, one or a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, case, false, func, not_, select

from directory.duty_tables import posting
from directory.tables import FOREVER, body, official, role_grant, unit
from groupware.errors import NotFound
from groupware.provisioning import authority
from groupware.provisioning.person import Entitlement, Person
from groupware.provisioning.searching import Field, clause, order
from groupware.provisioning_tables import provisioned
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groupware.provisioning.authority import Machine
    from groupware.provisioning.criteria import Search
    from groupware.store import Snapshot

_active = and_(not_(official.c.suspended), official.c.departed == 0)
_created = func.coalesce(provisioned.c.created, 0)
_changed = case((provisioned.c.version == official.c.version, provisioned.c.changed), else_=0)
_host_country = (
    select(posting.c.host_country)
    .where(
        posting.c.official == official.c.id,
        posting.c.planned == false(),
        posting.c.valid_from <= bindparam("at"),
        posting.c.valid_until > bindparam("at"),
    )
    .order_by(posting.c.id)
    .limit(1)
    .scalar_subquery()
)
FIELDS = {
    "id": Field(official.c.id, None),
    "login": Field(official.c.login, None),
    "address": Field(official.c.address, None),
    "name": Field(official.c.name),
    "given_name": Field(official.c.given_name),
    "surname": Field(official.c.surname),
    "title": Field(official.c.title),
    "phone": Field(official.c.phone),
    "mobile": Field(official.c.mobile),
    "language": Field(official.c.languages),
    "external_id": Field(official.c.external_id, exact=True),
    "active": Field(case((_active, 1), else_=0), None),
    "listed": Field(case((official.c.listed, 1), else_=0), None),
    "clearance": Field(official.c.clearance, None),
    "valid_from": Field(official.c.valid_from, 0),
    "valid_until": Field(official.c.valid_until, FOREVER),
    "body": Field(body.c.code, None),
    "unit": Field(unit.c.code, None),
    "unit_id": Field(unit.c.id, None),
    "unit_name": Field(unit.c.name),
    "created": Field(_created, 0),
    "changed": Field(_changed, 0),
}
"""What a search may name."""
_joined = (
    official.join(unit, unit.c.id == official.c.unit)
    .join(body, body.c.id == official.c.body)
    .outerjoin(provisioned, and_(provisioned.c.kind == authority.PERSON, provisioned.c.number == official.c.id))
)
_mine = and_(official.c.body == bindparam("of_body"), func.coalesce(provisioned.c.removed, 0) == 0)
_PEOPLE = (
    select(
        official,
        body.c.code.label("body_code"),
        unit.c.code.label("unit_code"),
        unit.c.name.label("unit_name"),
        _created.label("created"),
        _changed.label("changed"),
        func.coalesce(_host_country, "").label("host_country"),
    )
    .select_from(_joined)
    .where(_mine)
)
_ONE = _PEOPLE.where(official.c.id == bindparam("wanted"))
_COUNT = select(func.count()).select_from(_joined).where(_mine)
_IN_ROOMS = (Access.READER, Access.POSTER, Access.DRAFTER, Access.MANAGER)
_ROLES = frozenset(Role)
_GRANTS = (
    select(role_grant.c.official, role_grant.c.role, func.coalesce(room.c.code, "").label("code"))
    .outerjoin(room, and_(room.c.id == role_grant.c.scope, role_grant.c.role.in_(_IN_ROOMS)))
    .where(
        role_grant.c.official.in_(bindparam("people", expanding=True)),
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
    )
    .order_by(role_grant.c.id)
)


def one(snapshot: Snapshot, machine: Machine, number: int) -> Person:
    """An official. NotFound alike for another body's, a removed one and nobody."""
    authority.admit(snapshot, machine)
    found = _read(snapshot, _ONE, {"of_body": machine.body, "wanted": number})
    if not found:
        raise NotFound(f"official {number} of body {machine.body}")
    return found[0]


def page(snapshot: Snapshot, machine: Machine, search: Search) -> tuple[int, list[Person]]:
    """How many meet the criterion, and those of them that are on the page; by id unless sorted."""
    authority.admit(snapshot, machine)
    meets = clause(FIELDS, search.criterion)
    values = {"of_body": machine.body}
    total = snapshot.connection.execute(_COUNT.where(meets), values).scalar_one()
    if not search.count or search.start >= total:
        return total, []
    by = order(FIELDS[search.sort], descending=search.descending) if search.sort else []
    found = _PEOPLE.where(meets).order_by(*by, official.c.id).offset(search.start).limit(search.count)
    return total, _read(snapshot, found, values)


def _read(snapshot: Snapshot, statement: Select[Any], values: dict[str, int]) -> list[Person]:
    rows = snapshot.connection.execute(statement, {**values, "at": snapshot.now}).mappings().all()
    roles, entitlements = _rights(snapshot, [row["id"] for row in rows])
    return [_person(row, roles.get(row["id"], ()), entitlements.get(row["id"], ())) for row in rows]


def _rights(snapshot: Snapshot, people: Sequence[int]) -> tuple[dict[int, list[str]], dict[int, list[Entitlement]]]:
    roles: dict[int, list[str]] = {}
    entitlements: dict[int, list[Entitlement]] = {}
    if not people:
        return roles, entitlements
    for row in snapshot.connection.execute(_GRANTS, {"people": list(people), "at": snapshot.now}):
        if row.role in _IN_ROOMS:
            entitlements.setdefault(row.official, []).append(Entitlement(row.code, row.role))
        elif row.role in _ROLES and row.role not in roles.setdefault(row.official, []):
            roles[row.official].append(row.role)
    return roles, entitlements


def _person(row: Any, roles: Iterable[str], entitlements: Iterable[Entitlement]) -> Person:  # noqa: ANN401 -- a row
    same = ("id", "login", "address", "name", "given_name", "surname", "title", "phone", "mobile", "external_id")
    more = ("listed", "clearance", "valid_from", "valid_until", "version", "created", "changed", "host_country")
    return Person(
        **{name: row[name] for name in (*same, *more)},
        language=row["languages"].partition(",")[0],
        active=not row["suspended"] and not row["departed"],
        body=row["body_code"],
        unit=row["unit_code"],
        unit_id=row["unit"],
        unit_name=row["unit_name"],
        roles=tuple(roles),
        entitlements=tuple(entitlements),
    )
