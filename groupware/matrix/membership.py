"""Who belongs into the Matrix rooms: everybody who may enter, and nobody else.

What is wanted comes from the policies, what is there from `matrix_member`; the difference is the work. So nothing is
forgotten, however often the bridge or the homeserver ends half way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from directory import rights
from directory import tables as directory
from groupware.caller import Caller
from groupware.matrix import rooms
from groupware.matrix_tables import matrix_member, matrix_user
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from groupware.matrix.rooms import Room
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx


@dataclass(frozen=True, slots=True)
class Seat:
    """One official in one room. `registered` is the display name that the homeserver has, None without an account."""

    room: Room
    official: int
    login: str
    name: str
    registered: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When the rights were looked at: nothing has changed while the version is the same and `until` hasn't come."""

    version: int
    until: int


@dataclass(frozen=True, slots=True)
class Name:
    """An official whom the homeserver knows under another name."""

    official: int
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done so that the rooms hold whom they should, under their names, as of `moment`."""

    moment: Moment
    enter: Sequence[Seat]
    leave: Sequence[Seat]
    rename: Sequence[Name]


_member, _user, _official, _grant = matrix_member.c, matrix_user.c, directory.official.c, directory.role_grant.c
_MEMBERS = select(_member.official, _member.joined).where(_member.room == bindparam("room"))
_PEOPLE: Select[Any] = (
    select(_official.id, _official.login, _official.name, _user.name.label("registered"))
    .outerjoin(matrix_user, _user.official == _official.id)
    .where(_official.id.in_(bindparam("officials", expanding=True)))
    .order_by(_official.id)
)
_RENAMED = (
    select(_official.id, _official.login, _official.name)
    .join(matrix_user, _user.official == _official.id)
    .where(_user.name != _official.name)
)
_BY_LOGIN = select(_official.id, _official.login, _official.address, _official.name).where(
    _official.login == bindparam("login")
)
_BY_ID = select(_official.id, _official.login, _official.address, _official.name).where(
    _official.id == bindparam("official")
)
_LOGINS = select(_official.id).where(_official.login.in_(bindparam("logins", expanding=True)))
_NEXT = [
    select(func.min(moment)).where(moment > bindparam("now"))
    for moment in (_grant.valid_from, _grant.valid_until, _official.valid_from, _official.valid_until)
]
_ADD = insert(matrix_member)
_THIS = (_member.room == bindparam("at"), _member.official == bindparam("who"))
_JOINED = update(matrix_member).where(*_THIS).values(joined=True)
_NOT_JOINED = update(matrix_member).where(*_THIS).values(joined=False)
_REMOVE = delete(matrix_member).where(*_THIS)
_SEEN = select(_member.joined).where(*_THIS)
_REGISTERED = select(_user.official).where(_user.official == bindparam("who"))
_REGISTER = insert(matrix_user)
_RENAME = update(matrix_user).where(_user.official == bindparam("who")).values(name=bindparam("called"))


def moment(snapshot: Snapshot) -> Moment:
    """Now, and when the next date passes by which a right begins or ends."""
    found = [snapshot.connection.scalar(statement, {"now": snapshot.now}) for statement in _NEXT]
    ahead = [at for at in found if at is not None]
    return Moment(rights.version(snapshot.connection), min(ahead, default=directory.FOREVER))


def version(snapshot: Snapshot) -> int:
    """The version of the rights."""
    return rights.version(snapshot.connection)


def belonging(snapshot: Snapshot, monitor: Monitor, room: int) -> set[int]:
    """Everybody who may enter the room and read what is usual there: who is in a Matrix room sees all of it."""
    return set(monitor.audience(snapshot, Action.ENTER, Kind.ROOM, room)) & set(monitor.usual_readers(snapshot, room))


def belongs(snapshot: Snapshot, monitor: Monitor, caller: Caller, room: int) -> bool:
    """Whether this official is one of them."""
    enters = monitor.decide(snapshot, caller, Action.ENTER, Kind.ROOM, room).allowed
    return enters and monitor.reads_usual(snapshot, caller, room)


def plan(snapshot: Snapshot, monitor: Monitor) -> Plan:
    """The difference between who may enter each room and who is known to be in it."""
    enter, leave = list[Seat](), list[Seat]()
    for room in rooms.rooms(snapshot):
        if room.matrix:
            wanted = belonging(snapshot, monitor, room.id)
            known = _known(snapshot, room)
            enter += _seats(snapshot, room, (each for each in wanted if not known.get(each)))
            leave += _seats(snapshot, room, known.keys() - wanted)
    return Plan(moment(snapshot), enter, leave, [Name(*row) for row in snapshot.connection.execute(_RENAMED)])


def of(snapshot: Snapshot, monitor: Monitor, login: str) -> Sequence[Seat]:
    """What one official may enter and isn't known to be in."""
    caller = caller_of(snapshot, login)
    if caller is None:
        return []
    places = [room for room in rooms.rooms(snapshot) if room.matrix and belongs(snapshot, monitor, caller, room.id)]
    missing = (room for room in places if not _known(snapshot, room).get(caller.official))
    return [seat for room in missing for seat in _seats(snapshot, room, [caller.official])]


def caller_of(snapshot: Snapshot, login: str) -> Caller | None:
    """The official with this login as one who asks through Matrix; None if there is none."""
    return _caller(snapshot, _BY_LOGIN, login=login)


def author(snapshot: Snapshot, official: int) -> Caller | None:
    """The same by id."""
    return _caller(snapshot, _BY_ID, official=official)


def entering(tx: Tx, monitor: Monitor, seats: Sequence[Seat]) -> Sequence[Seat]:
    """Remember that they are about to be joined; those who still may enter."""
    return [seat for seat in seats if _entering(tx, monitor, seat)]


def entered(tx: Tx, monitor: Monitor, seats: Sequence[Seat]) -> Sequence[Seat]:
    """They are in the room; returns those who lost the right meanwhile, and have to be put out."""
    lost = [seat for seat in seats if not _entering(tx, monitor, seat)]
    for seat in lost:
        _expect(tx, seat)
    for seat in seats:
        tx.connection.execute(_JOINED, _key(seat.room.id, seat.official))
    return lost


def left(tx: Tx, seats: Sequence[Seat]) -> None:
    """They aren't in the room any more."""
    for seat in seats:
        tx.connection.execute(_REMOVE, _key(seat.room.id, seat.official))


def present(tx: Tx, room: int, logins: Sequence[str]) -> None:
    """Whom the homeserver says to be in a room, and nobody else."""
    there = set(tx.connection.scalars(_LOGINS, {"logins": list(logins)}))
    known = {row.official: row.joined for row in tx.connection.execute(_MEMBERS, {"room": room})}
    added = [{"room": room, "official": each, "joined": True} for each in there - known.keys()]
    if added:
        tx.connection.execute(_ADD, added)
    for official, joined in known.items():
        if joined != (official in there):
            tx.connection.execute(_NOT_JOINED if joined else _JOINED, _key(room, official))


def registered(tx: Tx, official: int, name: str) -> None:
    """The homeserver has an account for them, under this display name."""
    if tx.connection.execute(_REGISTERED, {"who": official}).first() is None:
        tx.connection.execute(_REGISTER, {"official": official, "name": name})
    else:
        tx.connection.execute(_RENAME, {"who": official, "called": name})


def _entering(tx: Tx, monitor: Monitor, seat: Seat) -> bool:
    caller = author(tx, seat.official)
    if caller is None or not belongs(tx, monitor, caller, seat.room.id):
        return False
    _expect(tx, seat)
    return True


def _expect(tx: Tx, seat: Seat) -> None:
    """They may be in the room from now on, so they have to be put out when they lose the right."""
    if tx.connection.execute(_SEEN, _key(seat.room.id, seat.official)).first() is None:
        tx.connection.execute(_ADD, {"room": seat.room.id, "official": seat.official, "joined": False})


def _key(room: int, official: int) -> dict[str, int]:
    return {"at": room, "who": official}


def _known(snapshot: Snapshot, room: Room) -> Mapping[int, bool]:
    return {row.official: row.joined for row in snapshot.connection.execute(_MEMBERS, {"room": room.id})}


def _seats(snapshot: Snapshot, room: Room, officials: Iterable[int]) -> list[Seat]:
    wanted = sorted(officials)
    if not wanted:
        return []
    return [Seat(room, *row) for row in snapshot.connection.execute(_PEOPLE, {"officials": wanted})]


def _caller(snapshot: Snapshot, statement: Select[Any], **wanted: str | int) -> Caller | None:
    row = snapshot.connection.execute(statement, wanted).first()
    return None if row is None else Caller(row.id, row.login, row.address, row.name, Door.MATRIX)
