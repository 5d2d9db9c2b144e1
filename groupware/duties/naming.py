"""What things are called in notices and on pages: people, bodies, areas, and what a role is held for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import area
from directory.tables import body as bodies
from groupware import given
from groupware.duties.known_areas import known_areas
from groupware.duties.scopes import SCOPES, Scope
from groupware.errors import Refused
from groupware.tables import room
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot
    from policies.vocabulary import Access, Role

OPERATOR = "the operator"
_BODY = select(bodies.c.name, bodies.c.authority).where(bodies.c.id == bindparam("wanted"))
_AREA = select(area.c.name).where(area.c.id == bindparam("wanted"))
_ROOM = select(room.c.name).where(room.c.id == bindparam("wanted"))
_CODE_OF_AREA = select(area.c.code).where(area.c.id == bindparam("wanted"))
_BODY_CODE = select(bodies.c.id).where(bodies.c.code == bindparam("wanted"))
_ROOM_CODE = select(room.c.id).where(room.c.code == bindparam("wanted"))
_AREA_CODE = select(area.c.id).where(area.c.code == bindparam("wanted"))


def person(snapshot: Snapshot, official: int) -> str:
    """Name and login; 0 is the operator, who acts on the command line."""
    if not official:
        return OPERATOR
    found = officials.get(snapshot.connection, official)
    return f"{found.name} ({found.login})"


def body(snapshot: Snapshot, number: int) -> str:
    """A body's name."""
    return str(snapshot.connection.execute(_BODY, {"wanted": number}).scalar() or "")


def authority(snapshot: Snapshot, number: int) -> int:
    """The body that governs one, 0 for none."""
    row = snapshot.connection.execute(_BODY, {"wanted": number}).first()
    return int(row.authority) if row else 0


def area_name(snapshot: Snapshot, number: int) -> str:
    """An area's name; "" for 0, which is all of them."""
    return str(snapshot.connection.execute(_AREA, {"wanted": number}).scalar() or "")


def area_code(snapshot: Snapshot, number: int) -> str:
    """An area's code; "" for 0, which is all of them."""
    return str(snapshot.connection.execute(_CODE_OF_AREA, {"wanted": number}).scalar() or "")


def area_coded(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, code: str) -> int:
    """The id of the area of this code, 0 for none, and alike for one of which the caller may not know."""
    found = int(snapshot.connection.execute(_AREA_CODE, {"wanted": given.name(code)}).scalar() or 0)
    return found if found in known_areas(snapshot, monitor, caller) else 0


def body_coded(snapshot: Snapshot, code: str) -> int:
    """The id of the body of this code, 0 for none."""
    return int(snapshot.connection.execute(_BODY_CODE, {"wanted": given.name(code)}).scalar() or 0)


def scope(snapshot: Snapshot, role_word: Role | Access, number: int) -> str:
    """What a role is held for."""
    kind = SCOPES[role_word]
    if kind is Scope.OFFICIAL:
        return person(snapshot, number)
    if kind is Scope.BODY:
        return body(snapshot, number)
    if kind is Scope.AREA:
        return area_name(snapshot, number)
    return str(snapshot.connection.execute(_ROOM, {"wanted": number}).scalar() or "")


def scope_named(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, official: int, role_word: Role | Access, named: str
) -> int:
    """The id of a room or area by code, a head by login, a body as the official's.

    Raises Refused(unfit-scope), alike for what isn't there and for what the caller may not know of.
    """
    kind, word = SCOPES[role_word], given.name(named.strip())
    if kind is Scope.BODY:
        return officials.get(snapshot.connection, official).body
    if kind is Scope.OFFICIAL:
        head = officials.by_login(snapshot.connection, word)
        found = head.id if head and _may(snapshot, monitor, caller, Action.SEE_ENTRY, Kind.OFFICIAL, head.id) else None
    elif kind is Scope.ROOM:
        room_id = snapshot.connection.execute(_ROOM_CODE, {"wanted": word}).scalar()
        found = room_id if room_id and _knows_room(snapshot, monitor, caller, official, room_id) else None
    else:
        found = area_coded(snapshot, monitor, caller, word) or None
    if found is None:
        raise Refused("unfit-scope", f"there is no {kind.value} of this name")
    return int(found)


def _knows_room(snapshot: Snapshot, monitor: Monitor, caller: Caller, official: int, number: int) -> bool:
    """Whether the caller runs it or goes there, or the official does whose entry they keep."""
    if any(_may(snapshot, monitor, caller, each, Kind.ROOM, number) for each in (Action.ENTER, Action.MANAGE)):
        return True
    if not _may(snapshot, monitor, caller, Action.ADMINISTER, Kind.OFFICIAL, official):
        return False
    return _may(snapshot, monitor, replace(caller, official=official), Action.ENTER, Kind.ROOM, number)


def _may(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, kind: Kind, number: int) -> bool:
    return monitor.decide(snapshot, caller, action, kind, number).allowed


def role(snapshot: Snapshot, official: int, role_word: Role | Access, number: int) -> str:
    """A grant in one line."""
    return f"{person(snapshot, official)}: {duty(snapshot, role_word, number)}"


def duty(snapshot: Snapshot, role_word: Role | Access, number: int) -> str:
    """A role and what it is held for."""
    return f"{role_word.label} for {scope(snapshot, role_word, number)}"
