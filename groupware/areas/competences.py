"""Which units are concerned with an area: a competence given to a unit holds for all units below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, true

from directory import areas, units
from directory import tables as directory
from groupware.areas import acting
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

_held, _unit, _body = directory.unit_competence.c, directory.unit.c, directory.body.c
_GIVEN = (
    select(_body.code, _unit.code.label("unit"), _unit.name, _body.name.label("body_name"))
    .select_from(directory.unit_competence)
    .join(directory.unit, _unit.id == _held.unit)
    .join(directory.body, _body.id == _unit.body)
    .where(_held.competence == bindparam("which"), _held.given == true())
    .order_by(_body.name, _unit.name)
)


@dataclass(frozen=True, slots=True)
class Competent:
    """A unit, called BODY/UNIT, to which the area's competence was given."""

    unit: str
    name: str
    body_name: str


def given_to(snapshot: Snapshot, code: str) -> Sequence[Competent]:
    """The units to which the competence for an area was given; those below them have it, too."""
    with acting.told():
        which = areas.competence_of(snapshot.connection, code)
    rows = snapshot.connection.execute(_GIVEN, {"which": which})
    return [Competent(f"{row.code}/{row.unit}", row.name, row.body_name) for row in rows]


def set_competence(tx: Tx, monitor: Monitor, by: Caller | None, code: str, unit: str, *, given: bool) -> None:
    """Give the unit called BODY/UNIT the competence for an area, or take it.

    Raises NotFound or Forbidden (told alike), Refused(no-such-unit).
    """
    area = acting.area(tx, code)
    who = acting.leave(tx, monitor, by, Action.MANAGE, Kind.AREA, area.id)
    number = acting.unit(tx, unit)
    with acting.told():
        which = areas.competence_of(tx.connection, code)
    change = units.give_competence if given else units.take_competence
    change(tx.connection, number, which)
    acting.note(tx, who, "competence-given" if given else "competence-taken", area.id, unit=unit)
