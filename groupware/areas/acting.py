"""What every act of administration here does alike: asks for leave, tells errors, and puts on record who did what."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select

from directory import areas, bodies, rights, units
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from groupware import given, tables
from groupware.area_tables import room_change
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from directory.areas import Area
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

OPERATOR = 0
"""Who acts on the command line, and is asked for no leave: whoever gets that far owns the store."""
LONGEST_NAME = 200
LONGEST_TEXT = 1_000
_ROOM: Select[Any] = select(tables.room).where(tables.room.c.code == bindparam("code"))
_ROOM_BY_ID: Select[Any] = select(tables.room).where(tables.room.c.id == bindparam("room"))
_NOTE = insert(room_change)


def leave(tx: Tx, monitor: Monitor, by: Caller | None, action: Action, kind: Kind, number: int) -> int:
    """Who acts (OPERATOR: the operator), if they may. Raises Forbidden."""
    if by is None:
        return OPERATOR
    monitor.require(tx, by, action, kind, number).use(tx, action, number)
    return by.official


def area(snapshot: Snapshot, code: str) -> Area:
    """The area of this code. Raises NotFound."""
    found = areas.find_area(snapshot.connection, given.name(code))
    if found is None:
        raise NotFound(code)
    return found


def room(snapshot: Snapshot, code: str) -> Row[Any]:
    """The room of this code, as its row. Raises NotFound."""
    row = snapshot.connection.execute(_ROOM, {"code": given.name(code)}).first()
    if row is None:
        raise NotFound(code)
    return row


def room_by_id(snapshot: Snapshot, number: int) -> Row[Any]:
    """The room with this id, which there is."""
    return snapshot.connection.execute(_ROOM_BY_ID, {"room": number}).one()


def managed(tx: Tx, monitor: Monitor, by: Caller | None, code: str) -> tuple[Row[Any], int]:
    """A room and who acts on it, if they manage it. Raises NotFound or Forbidden (told alike)."""
    row = room(tx, code)
    return row, leave(tx, monitor, by, Action.MANAGE, Kind.ROOM, row.id)


def unit(snapshot: Snapshot, name: str) -> int:
    """The unit called BODY/UNIT. Raises Refused(no-such-unit)."""
    code, _, rest = name.partition("/")
    body = bodies.find(snapshot.connection, code) if name.isprintable() else None
    found = units.find(snapshot.connection, body.id, rest.lower()) if body is not None else None
    if found is None:
        raise Refused("no-such-unit", f"there is no unit {name!a}: write BODY/UNIT")
    return found


def called(text: str, longest: int = LONGEST_NAME) -> str:
    """A name or a line of text as people read it. Raises Refused(unfit-text)."""
    bare = text.strip()
    if not bare or not bare.isprintable() or len(bare) > longest:
        raise Refused("unfit-text", f"one line of 1 to {longest} characters")
    return bare


def note(tx: Tx, by: int, act: str, area_id: int, room_id: int = 0, **detail: object) -> None:
    """Put an act on record and tell of it; the rights count as changed, so that every door looks again."""
    written = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    tx.insert(_NOTE, {"at": tx.now, "by": by, "act": act, "area": area_id, "room": room_id, "detail": written})
    rights.bump(tx.connection)
    if room_id:
        tx.record(EventKind.ROOM_CHANGED, room_id, room_id)
    else:
        tx.record(EventKind.AREA_CHANGED, area_id)


@contextmanager
def told() -> Iterator[None]:
    """The directory's errors in the domain's words."""
    try:
        yield
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    except UnfitError as error:
        raise Refused("unfit", str(error)) from error
    except TakenError as error:
        raise Conflict("code-taken", str(error)) from error
    except StaleError as error:
        raise Conflict("changed-meanwhile", "somebody else has changed this meanwhile") from error
