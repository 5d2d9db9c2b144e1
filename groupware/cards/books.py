"""Which address books there are for a caller, and who stands in each.

One holds everybody, one each body's officials, and one the members of each area whose rooms the caller enters. In each
stand exactly those whose entries the caller may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from directory.tables import area, body, official
from groupware import given
from groupware.cards.entry import IN_OFFICE, seen
from groupware.errors import NotFound
from groupware.tables import room
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.cards.entry import Entry
    from groupware.monitor import Monitor, View
    from groupware.store import Snapshot

FEW = 1_000
"""Members that the database is asked for by number; with more, everybody is read."""
ALL, BODY, AREA = "all", "body-", "area-"
_BODIES = select(body.c.code, body.c.name).join(official, official.c.body == body.c.id).where(IN_OFFICE).distinct()
_AREAS = select(area.c.code, area.c.name).join(room, room.c.area == area.c.id).distinct()
_ROOMS = select(room.c.id).join(area, area.c.id == room.c.area).where(area.c.code == bindparam("area_code"))


@dataclass(frozen=True, slots=True)
class Book:
    """An address book: its name in addresses, what people call it, and what it is for."""

    name: str
    title: str
    description: str


_EVERYBODY = Book(ALL, "ICONet: everybody", "All officials who take part in ICONet")


def all_of(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Book]:
    """The caller's address books."""
    entries, rooms = _views(snapshot, monitor, caller)
    return [_EVERYBODY, *_of_bodies(entries), *_of_areas(rooms)]


def held(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> tuple[Book, list[Entry]]:
    """One of them and who is in it. Raises NotFound, the same for forbidden and absent."""
    entries, rooms = _views(snapshot, monitor, caller)
    if name == ALL:
        return _EVERYBODY, seen(entries)
    books = _of_bodies(entries) if name.startswith(BODY) else _of_areas(rooms)
    book = next((each for each in books if each.name == name), None)
    if book is None:
        raise NotFound(f"address book {name}")
    if name.startswith(BODY):
        return book, seen(entries, func.lower(body.c.code) == name.removeprefix(BODY))
    members = _members(rooms, monitor, name.removeprefix(AREA))
    few = official.c.id.in_(sorted(members)) if len(members) <= FEW else None
    return book, [entry for entry in seen(entries, few) if entry.official in members]


def question(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> str:
    """What decides about the caller's books: callers with the same question have the same books."""
    compiled = [view.clause.compile() for view in _views(snapshot, monitor, caller)]
    return " ".join(f"{each} {each.params}" for each in compiled)


def one(snapshot: Snapshot, monitor: Monitor, caller: Caller, login: str) -> Entry:
    """The entry of this login. Raises NotFound, the same for absent, forbidden and out of office."""
    found = seen(_views(snapshot, monitor, caller)[0], official.c.login == given.name(login))
    if not found:
        raise NotFound(f"official {login}")
    return found[0]


def _views(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> tuple[View, View]:
    entries = monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL)
    return entries, monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)


def _of_bodies(view: View) -> list[Book]:
    rows = view.snapshot.connection.execute(_BODIES.where(view.clause).order_by(body.c.name), view.parameters)
    return [Book(f"{BODY}{row.code.lower()}", f"ICONet: {row.name}", f"Officials of {row.name}") for row in rows]


def _of_areas(view: View) -> list[Book]:
    rows = view.snapshot.connection.execute(_AREAS.where(view.clause).order_by(area.c.code), view.parameters)
    return [Book(f"{AREA}{row.code}", f"ICONet area: {row.name}", f"Who takes part in {row.name}") for row in rows]


def _members(view: View, monitor: Monitor, code: str) -> frozenset[int]:
    """Everybody who may enter one of those rooms of the area that the caller enters."""
    statement = _ROOMS.where(and_(view.clause))
    rooms: Sequence[int] = view.snapshot.connection.scalars(statement, {**view.parameters, "area_code": code}).all()
    return frozenset(
        member for number in rooms for member in monitor.audience(view.snapshot, Action.ENTER, Kind.ROOM, number)
    )
