"""A national system removes a unit that owns nothing; what a unit has written or runs keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, exists, or_, select

from directory import rights
from directory.access import Subject
from directory.access_tables import room_access
from directory.tables import official, unit
from groupware import unit_rows
from groupware.errors import Conflict
from groupware.events import EventKind
from groupware.provisioning import reforming, unit_finding

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.store import Tx

_wanted: BindParameter[int] = bindparam("wanted")
_named = exists().where(room_access.c.subject == Subject.UNIT, room_access.c.key == _wanted)
_OWNS = select(
    or_(
        exists().where(unit.c.parent == _wanted),
        _named,
        *(exists().where(table.c.owner == _wanted) for table in unit_rows.OWNERS),
    )
)
_ALL_IN = select(official.c.id).where(official.c.unit == _wanted)


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
    unit_rows.remove(tx, number)
    rights.bump(tx.connection)
    tx.record(EventKind.RIGHTS_CHANGED, 0)
