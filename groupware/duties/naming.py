"""What things are called in notices and on pages: people, bodies, areas, and what a role is held for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import area
from directory.tables import body as bodies
from groupware import given
from groupware.duties.scopes import SCOPES, Scope
from groupware.errors import Refused
from groupware.tables import room

if TYPE_CHECKING:
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


def area_coded(snapshot: Snapshot, code: str) -> int:
    """The id of the area of this code, 0 for none."""
    return int(snapshot.connection.execute(_AREA_CODE, {"wanted": given.name(code)}).scalar() or 0)


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


def scope_named(snapshot: Snapshot, official: int, role_word: Role | Access, named: str) -> int:
    """The id of a room or area by code, a head by login, a body as the official's. Raises Refused(unfit-scope)."""
    kind = SCOPES[role_word]
    if kind is Scope.BODY:
        return officials.get(snapshot.connection, official).body
    if kind is Scope.OFFICIAL:
        head = officials.by_login(snapshot.connection, given.name(named.strip()))
        found = head.id if head else None
    else:
        statement = _ROOM_CODE if kind is Scope.ROOM else _AREA_CODE
        found = snapshot.connection.execute(statement, {"wanted": given.name(named.strip())}).scalar()
    if found is None:
        raise Refused("unfit-scope", f"there is no {kind.value} of this name")
    return int(found)


def role(snapshot: Snapshot, official: int, role_word: Role | Access, number: int) -> str:
    """A grant in one line."""
    return f"{person(snapshot, official)}: {role_word} for {scope(snapshot, role_word, number)}"
