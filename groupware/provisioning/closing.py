"""A national system removes a unit that owns nothing; what a unit has written or runs keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, delete, exists, or_, select

from directory import rights
from directory.access import Subject
from directory.access_tables import room_access
from directory.tables import official, unit, unit_above, unit_competence
from groupware import tables
from groupware.errors import Conflict
from groupware.events import EventKind
from groupware.provisioning import authority, reforming, unit_finding
from groupware.provisioning_tables import provisioned

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.store import Tx

_wanted: BindParameter[int] = bindparam("wanted")
OWNERS = (tables.room, tables.post, tables.mail, tables.resource, tables.booking)
_named = exists().where(room_access.c.subject == Subject.UNIT, room_access.c.key == _wanted)
"""Tables whose rows are a unit's."""
_OWNS = select(
    or_(
        exists().where(unit.c.parent == _wanted),
        _named,
        *(exists().where(table.c.owner == _wanted) for table in OWNERS),
    )
)
_ALL_IN = select(official.c.id).where(official.c.unit == _wanted)
_DELETIONS = (
    delete(unit_above).where(or_(unit_above.c.unit == _wanted, unit_above.c.above == _wanted)),
    delete(unit_competence).where(unit_competence.c.unit == _wanted),
    delete(provisioned).where(provisioned.c.kind == authority.UNIT, provisioned.c.number == _wanted),
    delete(unit).where(unit.c.id == _wanted),
)


def close(tx: Tx, machine: Machine, number: int, version: str) -> None:
    """Move everybody who is or was in a unit to the one above, and remove it.

    NotFound as for reading; Conflict("changed-meanwhile"), and Conflict("unit-owns") for one that owns something.
    """
    if unit_finding.one(tx, machine, number).version != version:
        raise Conflict("changed-meanwhile", "the entry has changed since it was read")
    if tx.connection.execute(_OWNS, {"wanted": number}).scalar():
        raise Conflict(
            "unit-owns", "the unit owns rooms, posts or the like, a room's access names it, or it has units below it"
        )
    people = tx.connection.scalars(_ALL_IN, {"wanted": number}).all()
    if people:
        reforming.move(tx, machine, people, reforming.above(tx, machine, number))
    remove(tx, number)
    rights.bump(tx.connection)
    tx.record(EventKind.RIGHTS_CHANGED, 0)


def remove(tx: Tx, number: int) -> None:
    """Delete the row of a unit in which nobody is and that owns nothing."""
    for statement in _DELETIONS:
        tx.connection.execute(statement, {"wanted": number})
