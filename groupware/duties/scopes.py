"""What each role is held for, and whether that is there: a room, an area, one's own body, or a head to send for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.errors import UnknownEntryError
from directory.tables import area, body
from groupware.errors import Refused
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directory.officials import Official
    from groupware.store import Snapshot


class Scope(Enum):
    """Of what kind the id in a grant's `scope` is."""

    ROOM = "room"
    AREA = "area"
    BODY = "body"
    OFFICIAL = "official"


SCOPES: Mapping[Role | Access, Scope] = {
    Role.MODERATOR: Scope.ROOM,
    Role.ORGANISER: Scope.ROOM,
    Role.LIAISON_OFFICER: Scope.AREA,
    Role.CONTACT_POINT: Scope.BODY,
    Role.DEPUTY: Scope.BODY,
    Role.DIRECTORY_ADMIN: Scope.BODY,
    Role.SECURITY_OFFICER: Scope.BODY,
    Access.READER: Scope.ROOM,
    Access.POSTER: Scope.ROOM,
    Access.DRAFTER: Scope.ROOM,
    Access.MANAGER: Scope.ROOM,
    Access.SENDER: Scope.OFFICIAL,
}
FOUR_EYES: tuple[Role, ...] = (
    Role.CONTACT_POINT,
    Role.DEPUTY,
    Role.DIRECTORY_ADMIN,
    Role.MODERATOR,
    Role.SECURITY_OFFICER,
)
"""What somebody proposes and somebody else of the official's body approves."""
TWO_EYES: tuple[Role | Access, ...] = (Role.LIAISON_OFFICER, Role.ORGANISER, Access.SENDER)
"""What takes the word of who runs the area or the room, or of the head: the same person's, where it is theirs."""
DUTIES = frozenset(Role) | {Access.MANAGER, Access.SENDER}
"""What goes to a successor; that somebody reads a room and posts there is theirs."""

_ROOM = select(room.c.id).where(room.c.id == bindparam("wanted"))
_AREA = select(area.c.id).where(area.c.id == bindparam("wanted"))
_BODY = select(body.c.id).where(body.c.id == bindparam("wanted"))


def require_fit(snapshot: Snapshot, holder: Official, role: Role | Access, scope: int) -> None:
    """Raise Refused(unfit-scope) unless the holder could have the role for this."""
    kind = SCOPES[role]
    if kind is Scope.BODY:
        fit = scope == holder.body
    elif kind is Scope.OFFICIAL:
        fit = _is_colleague(snapshot, holder, scope)
    else:
        statement = _ROOM if kind is Scope.ROOM else _AREA
        fit = snapshot.connection.execute(statement, {"wanted": scope}).first() is not None
    if not fit:
        article = "an" if kind in (Scope.AREA, Scope.OFFICIAL) else "a"
        text = f"{role.label} is held for {article} {kind.value}, and this official can't have it for the one named"
        raise Refused("unfit-scope", text)


def require_body(snapshot: Snapshot, number: int) -> None:
    """Raise Refused(unfit) unless there is such a body."""
    if snapshot.connection.execute(_BODY, {"wanted": number}).first() is None:
        raise Refused("unfit", "there is no such body")


def require_in_office(snapshot: Snapshot, official: int) -> None:
    """Raise Refused(not-in-office) for who may do nothing at all."""
    if not officials.in_office(snapshot.connection, official, snapshot.now):
        raise Refused("not-in-office", "this official is not in office")


def _is_colleague(snapshot: Snapshot, holder: Official, head: int) -> bool:
    try:
        found = officials.get(snapshot.connection, head)
    except UnknownEntryError:
        return False
    return found.body == holder.body and found.id != holder.id and not found.departed
