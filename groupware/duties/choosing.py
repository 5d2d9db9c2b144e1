"""What forms about duties offer to choose from: areas, and the bodies besides one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import area, body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.store import Snapshot

_AREAS = select(area.c.id, area.c.name).order_by(area.c.name)
_OTHERS = select(body.c.id, body.c.name).where(body.c.id != bindparam("own")).order_by(body.c.name)


@dataclass(frozen=True, slots=True)
class Choices:
    """Ids with names, by name; everybody may know which there are."""

    areas: Sequence[tuple[int, str]]
    bodies: Sequence[tuple[int, str]]


def choices(snapshot: Snapshot, caller: Caller) -> Choices:
    """All areas, and all bodies but the caller's own."""
    own = officials.get(snapshot.connection, caller.official).body
    others = snapshot.connection.execute(_OTHERS, {"own": own})
    areas = snapshot.connection.execute(_AREAS)
    return Choices([(row.id, row.name) for row in areas], [(row.id, row.name) for row in others])
