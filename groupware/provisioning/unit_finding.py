"""Units of the token's body, one or a page of them, with who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, exists, func, select

from directory.tables import official, unit
from groupware.errors import NotFound
from groupware.provisioning import authority
from groupware.provisioning.searching import Field, clause, order
from groupware.provisioning.unit import Unit
from groupware.provisioning_tables import provisioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

    from groupware.provisioning.authority import Machine
    from groupware.provisioning.criteria import Search
    from groupware.store import Snapshot

_created = func.coalesce(provisioned.c.created, 0)
_changed = case((provisioned.c.version == unit.c.version, provisioned.c.changed), else_=0)
_external_id = func.coalesce(provisioned.c.external_id, "")
_member = official.alias("member")
_gone = provisioned.alias("gone")
_told_of = ~exists().where(_gone.c.kind == authority.PERSON, _gone.c.number == _member.c.id, _gone.c.removed > 0)


def _has_member(meets: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_member.c.unit == unit.c.id, _told_of, meets)


FIELDS = {
    "id": Field(unit.c.id, None),
    "name": Field(unit.c.name),
    "external_id": Field(_external_id, exact=True),
    "created": Field(_created, 0),
    "changed": Field(_changed, 0),
    "member": Field(_member.c.id, 0, within=_has_member),
}
"""What a search may name."""
_joined = unit.outerjoin(provisioned, and_(provisioned.c.kind == authority.UNIT, provisioned.c.number == unit.c.id))
_mine = unit.c.body == bindparam("of_body")
_UNITS = (
    select(
        unit.c.id,
        unit.c.name,
        unit.c.version,
        _external_id.label("external_id"),
        _created.label("created"),
        _changed.label("changed"),
    )
    .select_from(_joined)
    .where(_mine)
)
_ONE = _UNITS.where(unit.c.id == bindparam("wanted"))
_COUNT = select(func.count()).select_from(_joined).where(_mine)
_CODES = select(unit.c.code).where(_mine).order_by(unit.c.id)
_MEMBERS = (
    select(_member.c.unit, _member.c.id)
    .where(_member.c.unit.in_(bindparam("units", expanding=True)), _told_of)
    .order_by(_member.c.id)
)


def one(snapshot: Snapshot, machine: Machine, number: int) -> Unit:
    """A unit. NotFound alike for another body's and for none."""
    authority.admit(snapshot, machine)
    found = _read(snapshot, _ONE, {"of_body": machine.body, "wanted": number})
    if not found:
        raise NotFound(f"unit {number} of body {machine.body}")
    return found[0]


def page(snapshot: Snapshot, machine: Machine, search: Search) -> tuple[int, list[Unit]]:
    """How many meet the criterion, and those of them that are on the page; by id unless sorted."""
    authority.admit(snapshot, machine)
    meets = clause(FIELDS, search.criterion)
    values = {"of_body": machine.body}
    total = snapshot.connection.execute(_COUNT.where(meets), values).scalar_one()
    if not search.count or search.start >= total:
        return total, []
    by = order(FIELDS[search.sort], descending=search.descending) if search.sort else []
    found = _UNITS.where(meets).order_by(*by, unit.c.id).offset(search.start).limit(search.count)
    return total, _read(snapshot, found, values)


def codes(snapshot: Snapshot, machine: Machine) -> list[str]:
    """The codes of all units of the body, which are what a user's department may be."""
    authority.admit(snapshot, machine)
    return list(snapshot.connection.scalars(_CODES, {"of_body": machine.body}))


def _read(snapshot: Snapshot, statement: Select[Any], values: dict[str, int]) -> list[Unit]:
    rows = snapshot.connection.execute(statement, values).all()
    members = _members(snapshot, [row.id for row in rows])
    return [
        Unit(row.id, row.name, row.external_id, row.version, row.created, row.changed, tuple(members.get(row.id, ())))
        for row in rows
    ]


def _members(snapshot: Snapshot, units: Sequence[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    if units:
        for row in snapshot.connection.execute(_MEMBERS, {"units": list(units)}):
            members.setdefault(row.unit, []).append(row.id)
    return members
