"""A national system renames a unit and says who is in it.

An official is always in one unit: a new member leaves theirs for this one, and who is a member no longer goes to the
unit above, or where there is none, to the first of the body.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from directory import officials, rights
from directory.officials import LONGEST_CALLED
from directory.tables import official, unit
from groupware.errors import Conflict, Refused
from groupware.events import EventKind
from groupware.provisioning import authority, remembering, unit_finding, writing
from groupware.provisioning_tables import provisioned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.provisioning.authority import Machine
    from groupware.provisioning.unit import Unit, WantedUnit
    from groupware.store import Tx

_RENAME = (
    update(unit).where(unit.c.id == bindparam("wanted")).values(name=bindparam("new_name"), version=unit.c.version + 1)
)
_PARENT = select(unit.c.parent).where(unit.c.id == bindparam("wanted"))
_SAME_NAME = (
    select(unit.c.id)
    .join(provisioned, (provisioned.c.kind == authority.UNIT) & (provisioned.c.number == unit.c.id))
    .where(
        unit.c.body == bindparam("of_body"),
        unit.c.id != bindparam("own"),
        provisioned.c.external_id == bindparam("name"),
    )
    .limit(1)
)
_OURS = select(official.c.id, official.c.unit).where(
    official.c.body == bindparam("of_body"), official.c.id.in_(bindparam("people", expanding=True))
)


def reform(tx: Tx, machine: Machine, number: int, version: str, wanted: WantedUnit) -> Unit:
    """Write a unit of the version that the client saw.

    NotFound as for reading; Conflict("changed-meanwhile", "taken"); Refused by rule.
    """
    before = unit_finding.one(tx, machine, number)
    if before.version != version:
        raise Conflict("changed-meanwhile", "the entry has changed since it was read")
    check(tx, machine, wanted, number)
    tx.change(_RENAME, {"wanted": number, "new_name": wanted.name})
    gone = frozenset(before.members) - wanted.members
    if gone:
        move(tx, machine, gone, above(tx, machine, number))
    move(tx, machine, wanted.members, number)
    remembering.changed(tx, machine, authority.UNIT, number, "name")
    remembering.named(tx, authority.UNIT, number, wanted.external_id)
    rights.bump(tx.connection)
    tx.record(EventKind.RIGHTS_CHANGED, 0)
    return unit_finding.one(tx, machine, number)


def check(tx: Tx, machine: Machine, wanted: WantedUnit, own: int) -> None:
    """Refused("unfit") for a name that can't be; Conflict("taken") if another unit has the external id."""
    for text in (wanted.name, wanted.external_id):
        if not text.isprintable() or len(text) > LONGEST_CALLED:
            raise Refused("unfit", f"displayName and externalId are lines of at most {LONGEST_CALLED} letters")
    if not wanted.name.strip():
        raise Refused("unfit", "displayName is empty")
    same = {"of_body": machine.body, "own": own, "name": wanted.external_id}
    if wanted.external_id and tx.connection.execute(_SAME_NAME, same).first() is not None:
        raise Conflict("taken", "externalId")


def above(tx: Tx, machine: Machine, number: int) -> int:
    """Where those go who leave a unit for no other. Refused("members") for the first unit of the body."""
    parent = tx.connection.execute(_PARENT, {"wanted": number}).scalar() or writing.first_unit(tx, machine)
    if parent == number:
        raise Refused("members", "there is no other unit for who leaves the first one: add them to another instead")
    return int(parent)


def move(tx: Tx, machine: Machine, people: Iterable[int], number: int) -> None:
    """Put officials of the body into a unit of it; whoever isn't the body's is passed over."""
    rows = tx.connection.execute(_OURS, {"of_body": machine.body, "people": sorted(people)}).all()
    for row in rows:
        if row.unit == number:
            continue
        with writing.told():
            officials.change(tx.connection, replace(officials.get(tx.connection, row.id), unit=number))
        remembering.changed(tx, machine, authority.PERSON, row.id, "unit")
        tx.record(EventKind.RIGHTS_CHANGED, row.id)
