"""What a reader of the directory may see: the entries, and the areas that they take part in.

Bodies and units are no secret within the network; who sits in them is told where the entry may be seen, and an area is
named to those only who enter one of its rooms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from directory.tables import area, body, official
from groupware.cards.entry import IN_OFFICE, kept, seen
from groupware.duties import keeping
from groupware.tables import room
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from groupware.caller import Caller
    from groupware.cards.entry import Entry
    from groupware.monitor import Monitor, View
    from groupware.store import Snapshot

_AREAS = select(area.c.id, area.c.code, area.c.name).join(room, room.c.area == area.c.id).distinct()

_NAMED = select(area.c.id, area.c.code, area.c.name)
_COUNT = (
    select(body.c.id, func.count()).join(official, official.c.body == body.c.id).where(IN_OFFICE).group_by(body.c.id)
)


@dataclass(frozen=True, slots=True)
class Area:
    """An area's number, code and name."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Sight:
    """Both views of one caller in one transaction, and whom to ask for more."""

    people: View
    rooms: View
    monitor: Monitor

    @property
    def snapshot(self) -> Snapshot:
        """The transaction."""
        return self.people.snapshot

    def entries(self) -> list[Entry]:
        """Everybody whom the caller may see, by surname."""
        return seen(self.people)

    def entries_at(self, of_body: int) -> list[Entry]:
        """Those of one body."""
        return seen(self.people, official.c.body == of_body)

    def count_by_body(self) -> Mapping[int, int]:
        """How many of each body the caller may see."""
        self.people.use(Kind.OFFICIAL, Action.SEE_ENTRY)
        rows = self.snapshot.connection.execute(_COUNT.where(self.people.clause), self.people.parameters)
        return {row[0]: row[1] for row in rows}

    def entries_of(self, numbers: Collection[int]) -> Mapping[int, Entry]:
        """Those of these officials whom the caller may see."""
        found = seen(self.people, official.c.id.in_(sorted(numbers))) if numbers else []
        return {entry.official: entry for entry in found}

    def areas(self) -> list[Area]:
        """The areas that the caller takes part in."""
        self.rooms.use(Kind.ROOM, Action.ENTER)
        rows = self.snapshot.connection.execute(
            _AREAS.where(self.rooms.clause).order_by(area.c.name), self.rooms.parameters
        )
        return [Area(*row) for row in rows]

    def named_areas(self) -> Mapping[int, Area]:
        """All that there are, for those who are told of one in another way."""
        return {row.id: Area(*row) for row in self.snapshot.connection.execute(_NAMED)}

    def kept(self) -> int:
        """The body whose entries the caller keeps: their own, or 0."""
        return keeping.kept(self.snapshot, self.monitor, self.people.caller)

    def kept_of(self, numbers: Collection[int]) -> Mapping[int, Entry]:
        """Those of these officials whose entries the caller keeps, whether they are in office or not."""
        view = self.monitor.view(self.snapshot, self.people.caller, Action.ADMINISTER, Kind.OFFICIAL)
        return {entry.official: entry for entry in kept(view, numbers)} if numbers else {}


def of_caller(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sight:
    """What this caller may see."""
    people = monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL)
    return Sight(people, monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM), monitor)
