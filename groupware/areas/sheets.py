"""What whoever administers areas and rooms sees of them: settings, rules and names, and nothing of what rooms hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select, true

from directory import officials, roles
from directory import tables as directory
from groupware import tables
from groupware.area_tables import room_change
from groupware.areas import access, acting, competences, people
from groupware.areas.rooms import HOUR, Settings, State, state_of
from policies.vocabulary import Access, Action, Kind, Marking, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from groupware.areas.access import RuleCard
    from groupware.areas.competences import Competent
    from groupware.areas.people import Group
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

NEWEST = 50
_area, _room, _unit, _body = directory.area.c, tables.room.c, directory.unit.c, directory.body.c
_ROOMS: Select[Any] = (
    select(
        *(_room.id, _room.code, _room.name, _room.area, _room.parent, _room.moderated, _room.closed, _room.archived),
        *(_room.topic, _room.marking, _room.handling, _room.retention, _room.patience, _room.version),
        *(_room.bars_personal_data, _room.second_person),
        *(_unit.code.label("unit"), _unit.name.label("unit_name"), _body.code.label("body")),
    )
    .join(directory.unit, _unit.id == _room.owner)
    .join(directory.body, _body.id == _unit.body)
    .order_by(_room.code)
)
_ROOM = _ROOMS.where(_room.id == bindparam("room"))
_AREAS: Select[Any] = (
    select(_area.id, _area.code, _area.name, _area.version, _area.state, func.coalesce(_body.name, "").label("body"))
    .outerjoin(directory.body, _body.id == _area.body)
    .order_by(_area.name)
)
_BODIES: Select[Any] = select(_body.code, _body.name).order_by(_body.name)
_UNITS: Select[Any] = (
    select(_body.code.label("body"), _body.name.label("body_name"), _unit.code, _unit.name)
    .join(directory.body, _body.id == _unit.body)
    .order_by(_body.name, _unit.name)
)
_HELD = select(func.count()).where(tables.post.c.room == bindparam("room"), tables.post.c.state == "held")
_change = room_change.c
_CHANGES: Select[Any] = (
    select(_change.at, _change.act, _change.detail, _change.by, directory.official.c.name)
    .outerjoin(directory.official, directory.official.c.id == _change.by)
    .order_by(_change.id.desc())
    .limit(NEWEST)
)
_ADMINISTERING = frozenset({Role.DIRECTORY_ADMIN, Access.MANAGER})
"""Without one of these nobody manages an area or a room, or governs a body."""

_ADMINISTERED = (
    (Kind.ROOM, _ROOMS, Action.MANAGE),
    (Kind.AREA, _AREAS, Action.MANAGE),
    (Kind.BODY, _BODIES, Action.GOVERN),
)


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room in the tree. `unattended`: it is moderated and open, and has no moderator in office."""

    code: str
    name: str
    parent: str
    state: State
    moderated: bool
    unattended: bool


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area in the tree; `own` when the caller manages it and not only some of its rooms."""

    code: str
    name: str
    body: str
    version: int
    own: bool
    rooms: Sequence[RoomLine]
    state: State = State.OPEN


@dataclass(frozen=True, slots=True)
class Tree:
    """What the caller manages, and the bodies (code, name) for which they may found areas."""

    areas: Sequence[AreaLine]
    founds_for: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """An act on record: who did what, when (microseconds), and the details as they were given."""

    at: int
    by: str
    act: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AreaSheet:
    """An area with the units that are concerned with it, and what was done to it, newest first.

    `liaison` are its liaison officers, of whatever body, by login and name.
    """

    line: AreaLine
    competent: Sequence[Competent]
    changes: Sequence[Change]
    liaison: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class RoomSheet:
    """A room with all that is set of it; `held` is how many posts await a decision."""

    line: RoomLine
    area: str
    area_name: str
    settings: Settings
    owner_name: str
    version: int
    held: int
    rules: Sequence[RuleCard]
    may: Mapping[people.May, Sequence[Group]] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    area_state: State = State.OPEN
    concerned: bool = True
    """Whether any unit is concerned with its area: without one nobody takes part."""
    runs_area: bool = True


def manages(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> bool:
    """Whether there is anything here for the caller to administer, once they have signed in strongly enough."""
    held = roles.held(snapshot.connection, caller.official, snapshot.now)
    if not any(grant.role in _ADMINISTERING for grant in held):
        return False
    found = (
        snapshot.connection.execute(*_seen(snapshot, monitor, caller, kind, statement.limit(1), action)).first()
        for kind, statement, action in _ADMINISTERED
    )
    return any(row is not None for row in found)


def tree(snapshot: Snapshot, monitor: Monitor, caller: Caller | None) -> Tree:
    """All that the caller manages; the operator sees everything."""
    rows = snapshot.connection.execute(*_seen(snapshot, monitor, caller, Kind.ROOM, _ROOMS)).all()
    own = {row.id for row in snapshot.connection.execute(*_seen(snapshot, monitor, caller, Kind.AREA, _AREAS))}
    mine = own | {row.area for row in rows}
    found = [row for row in snapshot.connection.execute(_AREAS) if row.id in mine]
    areas = [_area_line(row, row.id in own, _lines(snapshot, monitor, row.id, rows)) for row in found]
    governed = snapshot.connection.execute(*_seen(snapshot, monitor, caller, Kind.BODY, _BODIES, Action.GOVERN))
    return Tree(areas, [(row.code, row.name) for row in governed])


def _area_line(row: Row[Any], own: bool, rooms: Sequence[RoomLine]) -> AreaLine:  # noqa: FBT001 -- a column among others
    return AreaLine(row.code, row.name, row.body, row.version, own, rooms, State(row.state))


def area(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, code: str) -> AreaSheet:
    """An area that the caller manages. Raises NotFound or Forbidden (told alike)."""
    found = acting.area(snapshot, code)
    _require(snapshot, monitor, caller, Kind.AREA, found.id)
    line = next(line for line in tree(snapshot, monitor, caller).areas if line.code == code)
    changes = _changes(snapshot, monitor, caller, _change.area == found.id)
    return AreaSheet(line, competences.given_to(snapshot, code), changes, _liaison(snapshot, monitor, caller, found.id))


def _liaison(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, number: int) -> list[tuple[str, str]]:
    """Those in office whose entries the caller may see."""
    grants = roles.in_force(snapshot.connection, Role.LIAISON_OFFICER, number, snapshot.now)
    found = [officials.get(snapshot.connection, each) for each in sorted({grant.official for grant in grants})]
    return [
        (each.login, each.name)
        for each in found
        if caller is None or monitor.decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, each.id).allowed
    ]


def room(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, code: str) -> RoomSheet:
    """A room that the caller manages. Raises NotFound or Forbidden (told alike)."""
    number = acting.room(snapshot, code).id
    _require(snapshot, monitor, caller, Kind.ROOM, number)
    row = snapshot.connection.execute(_ROOM, {"room": number}).one()
    place = snapshot.connection.execute(_AREAS.where(_area.id == row.area)).one()
    return RoomSheet(
        line=_line(snapshot, monitor, row),
        area=place.code,
        area_name=place.name,
        settings=_settings(row),
        owner_name=row.unit_name,
        version=row.version,
        held=snapshot.connection.execute(_HELD, {"room": number}).scalar_one(),
        rules=access.rules(snapshot, monitor, caller, number),
        may={may: people.who_may(snapshot, monitor, number, may) for may in people.May},
        changes=_changes(snapshot, monitor, caller, _change.room == number),
        area_state=State(place.state),
        concerned=bool(competences.given_to(snapshot, place.code)),
        runs_area=caller is None or monitor.decide(snapshot, caller, Action.MANAGE, Kind.AREA, row.area).allowed,
    )


def units(snapshot: Snapshot) -> Sequence[tuple[str, str, str, str]]:
    """All units as (body's code, its name, unit's code, its name): the directory's outline is no secret within."""
    return [(row.body, row.body_name, row.code, row.name) for row in snapshot.connection.execute(_UNITS)]


def _seen(
    snapshot: Snapshot,
    monitor: Monitor,
    caller: Caller | None,
    kind: Kind,
    statement: Select[Any],
    action: Action = Action.MANAGE,
) -> tuple[Select[Any], dict[str, int]]:
    """The statement, held back to what the caller manages."""
    if caller is None:
        return statement.where(true()), {}
    view = monitor.view(snapshot, caller, action, kind)
    return statement.where(view.clause), view.parameters


def _require(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, kind: Kind, number: int) -> None:
    if caller is not None:
        monitor.require(snapshot, caller, Action.MANAGE, kind, number)


def _lines(snapshot: Snapshot, monitor: Monitor, area_id: int, rows: Sequence[Row[Any]]) -> Sequence[RoomLine]:
    """The rooms of an area, each with its sub-themes behind it."""
    lines = [_line(snapshot, monitor, row) for row in rows if row.area == area_id]
    return sorted(lines, key=lambda line: (line.parent or line.code, line.parent != "", line.code))


def _line(snapshot: Snapshot, monitor: Monitor, row: Row[Any]) -> RoomLine:
    parent = acting.room_by_id(snapshot, row.parent).code if row.parent else ""
    state = state_of(row)
    needed = row.moderated and state is State.OPEN
    unattended = needed and not people.moderators(snapshot, monitor, row.id)
    return RoomLine(row.code, row.name, parent, state, row.moderated, unattended)


def _settings(row: Row[Any]) -> Settings:
    return Settings(
        name=row.name,
        owner=f"{row.body}/{row.unit}",
        topic=row.topic,
        moderated=row.moderated,
        marking=Marking(row.marking),
        handling=row.handling,
        retention=row.retention,
        patience=row.patience // HOUR,
        bars_personal_data=row.bars_personal_data,
        second_person=row.second_person,
    )


def _changes(
    snapshot: Snapshot,
    monitor: Monitor,
    caller: Caller | None,
    which: Any,  # noqa: ANN401 -- a condition
) -> Sequence[Change]:
    found = []
    for row in snapshot.connection.execute(_CHANGES.where(which)).all():
        detail = json.loads(row.detail)
        if "whom" in detail:
            detail["whom"] = access.told_of(snapshot, monitor, caller, detail["whom"])
        found.append(Change(row.at, row.name or "the operator", row.act, detail))
    return found
