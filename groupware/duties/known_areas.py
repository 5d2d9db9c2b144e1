"""The areas of which somebody may know: one of their body's units is concerned with it, or they run it.

All others are as if they weren't there: in forms, in what is refused, and in what programs are answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import area, competence, unit, unit_competence
from groupware.errors import Refused
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_CONCERNED = (
    select(area.c.id)
    .join(competence, competence.c.code == area.c.code)
    .join(unit_competence, unit_competence.c.competence == competence.c.id)
    .join(unit, unit.c.id == unit_competence.c.unit)
    .where(unit.c.body == bindparam("own"))
    .distinct()
)
_IDS = select(area.c.id)


def known_areas(snapshot: Snapshot, monitor: Monitor, caller: Caller | None) -> frozenset[int]:
    """Their ids; all for the operator (None)."""
    if caller is None:
        return frozenset(snapshot.connection.scalars(_IDS).all())
    own = officials.get(snapshot.connection, caller.official).body
    concerned = snapshot.connection.scalars(_CONCERNED, {"own": own}).all()
    view = monitor.view(snapshot, caller, Action.MANAGE, Kind.AREA)
    run = snapshot.connection.scalars(_IDS.where(view.clause), view.parameters).all()
    return frozenset({*concerned, *run})


def require_known(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, areas: Iterable[int]) -> None:
    """Raise Refused(unfit) for one that isn't there, and alike for one of which the caller may not know."""
    if not known_areas(snapshot, monitor, caller).issuperset(areas):
        raise Refused("unfit", "there is no such area")
