"""Rooms and their Matrix ids: one Matrix room each, remembered once it was made or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, insert, or_, select, update

from groupware import clock, tables
from groupware.matrix.tables import matrix_room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

LEASE = 30 * clock.MICROSECONDS
"""For how long one bridge sends to a room before it has to say so again."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room as the bridge sees it; `matrix` is its Matrix id, "" until it has one."""

    id: int
    code: str
    name: str
    marking: int
    moderated: bool
    matrix: str


_ROOMS: Select[Any] = (
    select(
        tables.room.c.id,
        tables.room.c.code,
        tables.room.c.name,
        tables.room.c.marking,
        tables.room.c.moderated,
        func.coalesce(matrix_room.c.matrix, "").label("matrix"),
    )
    .outerjoin(matrix_room, matrix_room.c.room == tables.room.c.id)
    .order_by(tables.room.c.id)
)
_KNOWN = select(matrix_room.c.room).where(matrix_room.c.room == bindparam("room"))
_REMEMBER = insert(matrix_room)
_CHANGE = update(matrix_room).where(matrix_room.c.room == bindparam("this")).values(matrix=bindparam("now_known_as"))
_LEASE = (
    update(matrix_room)
    .where(or_(matrix_room.c.owner == bindparam("me"), matrix_room.c.lease_until < bindparam("at")))
    .values(owner=bindparam("me"), lease_until=bindparam("until"))
)
_MINE = select(matrix_room.c.room).where(matrix_room.c.owner == bindparam("me"))
_RELEASE = update(matrix_room).where(matrix_room.c.owner == bindparam("me")).values(owner="", lease_until=0)


def rooms(snapshot: Snapshot) -> Sequence[Room]:
    """All of them."""
    return [Room(*row) for row in snapshot.connection.execute(_ROOMS)]


def remember(tx: Tx, room: int, matrix: str) -> None:
    """From now on the room is that Matrix room."""
    if tx.connection.execute(_KNOWN, {"room": room}).first() is None:
        tx.connection.execute(_REMEMBER, {"room": room, "matrix": matrix})
    else:
        tx.connection.execute(_CHANGE, {"this": room, "now_known_as": matrix})


def lease(tx: Tx, me: str) -> frozenset[int]:
    """Take or renew the lease of every room that nobody else has; those that are mine."""
    tx.connection.execute(_LEASE, {"me": me, "at": tx.now, "until": tx.now + LEASE})
    return frozenset(tx.connection.scalars(_MINE, {"me": me}))


def release(tx: Tx, me: str) -> None:
    """Let go of them, so that another bridge needn't wait."""
    tx.connection.execute(_RELEASE, {"me": me})
