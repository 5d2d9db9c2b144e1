"""Deputy moderators: they may decide like all moderators, and are told only when nobody else has decided in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory import officials
from groupware import given
from groupware.area_tables import room_deputy
from groupware.areas import acting, people
from groupware.errors import Refused

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx

_THIS = room_deputy.c.room == bindparam("in_room"), room_deputy.c.official == bindparam("who")
_KNOWN = select(room_deputy.c.official).where(*_THIS)
_ADD = insert(room_deputy)
_REMOVE = delete(room_deputy).where(*_THIS)


def set_deputy(tx: Tx, monitor: Monitor, by: Caller | None, code: str, login: str, *, deputy: bool) -> None:
    """Make a moderator of a room its deputy, or again one who is told first.

    Raises NotFound or Forbidden (told alike), Refused(no-moderator) for who isn't a moderator there.
    """
    row, who = acting.managed(tx, monitor, by, code)
    one = officials.by_name(tx.connection, given.name(login))
    if one is None or one.id not in people.moderators(tx, monitor, row.id):
        raise Refused("no-moderator", "a deputy is one of the room's moderators")
    key = {"in_room": row.id, "who": one.id}
    known = tx.connection.execute(_KNOWN, key).first() is not None
    if known == deputy:
        return
    if deputy:
        tx.connection.execute(_ADD, {"room": row.id, "official": one.id})
    else:
        tx.connection.execute(_REMOVE, key)
    acting.note(tx, who, "deputy-set" if deputy else "deputy-unset", row.area, row.id, login=one.login)
