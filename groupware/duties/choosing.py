"""What forms about duties offer to choose from: areas, and the bodies besides one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import area, body
from groupware.duties.known_areas import known_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_AREAS = select(area.c.id, area.c.name).order_by(area.c.name)
_OTHERS = select(body.c.id, body.c.name).where(body.c.id != bindparam("own")).order_by(body.c.name)


@dataclass(frozen=True, slots=True)
class Choices:
    """Ids with names, by name: areas of which the caller may know, and the bodies, of which everybody does."""

    areas: Sequence[tuple[int, str]]
    bodies: Sequence[tuple[int, str]]


def choices(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Choices:
    """The areas, and all bodies but the caller's own."""
    own = officials.get(snapshot.connection, caller.official).body
    others = snapshot.connection.execute(_OTHERS, {"own": own})
    known = known_areas(snapshot, monitor, caller)
    areas = [(row.id, row.name) for row in snapshot.connection.execute(_AREAS) if row.id in known]
    return Choices(areas, [(row.id, row.name) for row in others])
