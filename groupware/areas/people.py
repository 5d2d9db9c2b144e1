"""Who may read, post, moderate and manage in a room now: names by body, for whoever manages it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import tables as directory
from groupware.area_tables import room_deputy
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot

SLICE = 5_000
_official, _body, _grant = directory.official.c, directory.body.c, directory.role_grant.c
_PEOPLE = (
    select(_official.id, _official.login, _official.name, _body.name.label("body"))
    .join(directory.body, _body.id == _official.body)
    .where(_official.id.in_(bindparam("some", expanding=True)))
)
_APPOINTED = select(_grant.official).where(
    _grant.role == Role.MODERATOR.value,
    _grant.scope == bindparam("room"),
    _grant.valid_from <= bindparam("at"),
    _grant.valid_until > bindparam("at"),
)
_DEPUTIES = select(room_deputy.c.official).where(room_deputy.c.room == bindparam("room"))


class May(StrEnum):
    """What somebody may do in a room."""

    READ = "read"
    POST = "post"
    MODERATE = "moderate"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may; `deputy` for a moderator who is told only when nobody else decides."""

    login: str
    name: str
    body: str
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one body, by name."""

    body: str
    people: Sequence[Person]


def who_may(snapshot: Snapshot, monitor: Monitor, room: int, may: May) -> Sequence[Group]:
    """Those who may now, by body; the caller has shown leave to manage the room."""
    deputies = set(snapshot.connection.scalars(_DEPUTIES, {"room": room})) if may is May.MODERATE else set()
    people = [
        Person(row.login, row.name, row.body, row.id in deputies)
        for row in _rows(snapshot, ids(snapshot, monitor, room, may))
    ]
    people.sort(key=lambda one: (one.body, one.name))
    return [Group(body, tuple(some)) for body, some in groupby(people, key=lambda one: one.body)]


def ids(snapshot: Snapshot, monitor: Monitor, room: int, may: May) -> Collection[int]:
    """The same as officials' ids."""
    if may is May.READ:
        return monitor.audience(snapshot, Action.ENTER, Kind.ROOM, room)
    if may is May.POST:
        return monitor.audience(snapshot, Action.POST, Kind.ROOM, room)
    if may is May.MANAGE:
        return monitor.audience(snapshot, Action.MANAGE, Kind.ROOM, room, strong=True)
    return moderators(snapshot, monitor, room)


def moderators(snapshot: Snapshot, monitor: Monitor, room: int) -> set[int]:
    """The officials who are moderators there and in office."""
    appointed = set(snapshot.connection.scalars(_APPOINTED, {"room": room, "at": snapshot.now}))
    return appointed & set(monitor.audience(snapshot, Action.ENTER, Kind.ROOM, room)) if appointed else set()


def _rows(snapshot: Snapshot, wanted: Collection[int]) -> list[Row[int, str, str, str]]:
    numbers = sorted(wanted)
    return [
        row
        for start in range(0, len(numbers), SLICE)
        for row in snapshot.connection.execute(_PEOPLE, {"some": numbers[start : start + SLICE]})
    ]
