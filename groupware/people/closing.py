"""A unit ends: an empty one as it is, any other merged into another of its body, with all that it has, in one go.

What was its own is the other's from then on: officials, units below, rooms, posts, mail and bookings, the rules of
access that name it, and what it is competent for. Its row is gone, and so it is from every address book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Table, bindparam, func, select, true, update

from directory import access, histories, officials, rights, units
from directory.access import Subject
from directory.access_tables import room_access
from directory.histories import Change
from directory.tables import area, competence, official, unit, unit_competence
from groupware import tables, unit_rows
from groupware.areas import acting
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.people import changing
from groupware.people.faults import BadEntry, Problem, check_version, listed, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.units import Unit
    from groupware.people.leave import Leave
    from groupware.store import Tx

_wanted: BindParameter[int] = bindparam("wanted")
_MEMBERS = select(official.c.id).where(official.c.unit == _wanted).order_by(official.c.id)
_BELOW = select(unit.c.id).where(unit.c.parent == _wanted).order_by(unit.c.code)
_RULES = select(room_access.c.id).where(room_access.c.subject == Subject.UNIT.value, room_access.c.key == _wanted)
_ROOMS = select(tables.room.c.id, tables.room.c.area, tables.room.c.code).where(tables.room.c.owner == _wanted)
_COMPETENCES = select(unit_competence.c.competence).where(
    unit_competence.c.unit == _wanted, unit_competence.c.given == true()
)
_AREA_OF = (
    select(area.c.id).join(competence, competence.c.code == area.c.code).where(competence.c.id == bindparam("which"))
)
_CALLED = {
    "room": ("room", "rooms"),
    "post": ("post", "posts"),
    "mail": ("message", "messages"),
    "resource": ("resource", "resources"),
    "booking": ("booking", "bookings"),
    "consent": ("word on a release", "words on releases"),
}
_OWNED = {
    table.name: select(func.count()).select_from(table).where(table.c.owner == _wanted) for table in unit_rows.OWNERS
}


def _give(table: Table) -> Any:  # noqa: ANN401 -- an Update, whose parameters mypy doesn't know
    return update(table).where(table.c.owner == _wanted).values(owner=bindparam("other"))


_GIVEN = {table.name: _give(table) for table in unit_rows.OWNERS}
_RENAMED_ROOMS = update(tables.room).where(tables.room.c.owner == _wanted).values(version=tables.room.c.version + 1)
_RULES_GIVEN = (
    update(room_access)
    .where(room_access.c.subject == Subject.UNIT.value, room_access.c.key == _wanted)
    .values(key=bindparam("other"))
)


@dataclass(frozen=True, slots=True)
class _Merge:
    """One unit on its way into another."""

    tx: Tx
    leave: Leave
    ends: Unit
    into: Unit


def close(tx: Tx, leave: Leave, number: int, seen: int, into: str) -> None:
    """End a unit; `into` is the code of the one that takes over what it has, "" for a unit that has nothing.

    Raises Conflict(changed-meanwhile), BadEntry(into), Refused(unit-has) with what it has, Refused(own-unit): who
    would gain by it, or is moved by it, lets another admin do it.
    """
    with told():
        found = units.get(tx.connection, number)
    leave.use(tx, found.body)
    check_version(tx, histories.UNIT, number, found.version, seen)
    if into:
        _merge(_Merge(tx, leave, found, _target(tx, leave, found, into)))
    elif has := _has(tx, number):
        raise Refused("unit-has", f"It has {listed(has)}: say which unit takes over.")
    unit_rows.remove(tx, number)
    rights.bump(tx.connection)
    _note(tx, leave, found, "closed")
    tx.record(EventKind.RIGHTS_CHANGED, 0)


def _has(tx: Tx, number: int) -> list[str]:
    """What keeps a unit, in words."""
    people, below, rules, competences = (
        len(tx.connection.execute(statement, {"wanted": number}).all())
        for statement in (_MEMBERS, _BELOW, _RULES, _COMPETENCES)
    )
    counts = [
        (people, "official", "officials"),
        (below, "unit below", "units below"),
    ]
    for name, statement in _OWNED.items():
        counts.append((tx.connection.execute(statement, {"wanted": number}).scalar_one(), *_CALLED[name]))
    counts += [(rules, "rule of access", "rules of access"), (competences, "area", "areas that it is concerned with")]
    return [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]


def _target(tx: Tx, leave: Leave, ends: Unit, into: str) -> Unit:
    with told():
        other = units.find(tx.connection, ends.body, into)
    if other is None:
        raise BadEntry({"into": Problem("no-such-unit", "The body has no unit of this code.")})
    if units.is_below(tx.connection, other, ends.id):
        raise BadEntry({"into": Problem("circle", "A unit isn't merged into itself, nor into one below it.")})
    if leave.by:
        own = officials.get(tx.connection, leave.by).unit
        if any(units.is_below(tx.connection, own, each) for each in (ends.id, other)):
            raise Refused("own-unit", "You are in one of the two: that they become one is for another admin to do.")
    return units.get(tx.connection, other)


def _merge(merge: _Merge) -> None:
    _move_units(merge)
    _move_competences(merge)
    _move_people(merge)
    _move_ownership(merge)
    _move_rules(merge)
    _note(merge.tx, merge.leave, merge.into, f"merged with {merge.ends.code}")


def _move_units(merge: _Merge) -> None:
    for child in merge.tx.connection.scalars(_BELOW, {"wanted": merge.ends.id}).all():
        with told():
            units.move(merge.tx.connection, child, merge.into.id)


def _move_competences(merge: _Merge) -> None:
    for which in merge.tx.connection.scalars(_COMPETENCES, {"wanted": merge.ends.id}).all():
        units.give_competence(merge.tx.connection, merge.into.id, which)
        place = merge.tx.connection.scalar(_AREA_OF, {"which": which})
        if place is not None:
            ends, into = merge.ends.code, merge.into.code
            acting.note(merge.tx, merge.leave.by, "competence-merged", place, was=ends, unit=into)


def _move_people(merge: _Merge) -> None:
    """Those who left, too: their entries stay in the directory."""
    for each in merge.tx.connection.scalars(_MEMBERS, {"wanted": merge.ends.id}).all():
        found = officials.get(merge.tx.connection, each)
        changing.write(merge.tx, merge.leave, found, replace(found, unit=merge.into.id))


def _move_ownership(merge: _Merge) -> None:
    values = {"wanted": merge.ends.id, "other": merge.into.id}
    rooms = merge.tx.connection.execute(_ROOMS, {"wanted": merge.ends.id}).all()
    merge.tx.connection.execute(_RENAMED_ROOMS, {"wanted": merge.ends.id})
    for statement in _GIVEN.values():
        merge.tx.connection.execute(statement, values)
    for row in rooms:
        ends, into = merge.ends.code, merge.into.code
        acting.note(merge.tx, merge.leave.by, "owner-merged", row.area, row.id, was=ends, owner=into)


def _move_rules(merge: _Merge) -> None:
    numbers: Sequence[int] = merge.tx.connection.scalars(_RULES, {"wanted": merge.ends.id}).all()
    merge.tx.connection.execute(_RULES_GIVEN, {"wanted": merge.ends.id, "other": merge.into.id})
    for number in numbers:
        access.rederive_rule(merge.tx.connection, access.get(merge.tx.connection, number), merge.tx.now)


def _note(tx: Tx, leave: Leave, about: Unit, what: str) -> None:
    change = Change(histories.UNIT, about.id, about.version + 1, leave.by, tx.now, what)
    histories.record(tx.connection, [change])
