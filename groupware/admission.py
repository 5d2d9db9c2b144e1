"""Who may be let in, asked by a door that keeps sessions and files of its own (Matrix): an official by their login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials
from groupware.caller import Caller
from groupware.errors import NotFound
from groupware.reading import rooms
from groupware.sign_in import still_in_office
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.store import Snapshot
    from policies.vocabulary import Door


def in_office(snapshot: Snapshot, login: str, door: Door) -> Caller | None:
    """The official of this login behind a door where they signed in earlier; None once they may do nothing at all."""
    found = officials.by_login(snapshot.connection, login)
    if found is None or not still_in_office(snapshot, found.id):
        return None
    return Caller(found.id, found.login, found.address, found.name, door)


def out_of_office(snapshot: Snapshot) -> frozenset[str]:
    """The logins of all who may do nothing now: suspended, gone, not there yet, or of a suspended body."""
    return frozenset(officials.out_of_office(snapshot.connection, snapshot.now))


def may_enter(snapshot: Snapshot, monitor: Monitor, caller: Caller, room: int) -> bool:
    """Whether the caller may enter the room; not either when there is none."""
    try:
        return monitor.decide(snapshot, caller, Action.ENTER, Kind.ROOM, room).allowed
    except NotFound:
        return False


def may_post_somewhere(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> bool:
    """Whether there is a room to which the caller may post: who has none has no use for a file handed in."""
    entered = rooms(monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM))
    return any(monitor.decide(snapshot, caller, Action.POST, Kind.ROOM, room.id).allowed for room in entered)
