"""Rooms and their Matrix ids: one Matrix room each, remembered once it was made or found."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, bindparam, cast, delete, func, insert, literal, or_, select, update

from groupware import clock, tables
from groupware.matrix_tables import matrix_event, matrix_member, matrix_outbox, matrix_room, matrix_user

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
    topic: str
    marking: int
    handling: int
    moderated: bool
    closed: bool
    matrix: str


_ROOMS: Select[Any] = (
    select(
        tables.room.c.id,
        tables.room.c.code,
        tables.room.c.name,
        tables.room.c.topic,
        tables.room.c.marking,
        tables.room.c.handling,
        tables.room.c.moderated,
        tables.room.c.closed,
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
_post, _out = tables.post.c, matrix_outbox.c
_DROP = update(matrix_outbox).where(_out.room == bindparam("at"), _out.state == "queued").values(state="dropped")
_AGAIN = insert(matrix_outbox).from_select(
    ["room", "kind", "post", "text", "key", "state", "attempts", "event"],
    select(
        *(_post.room, literal("post"), _post.id, literal("")),
        bindparam("prefix", type_=String) + cast(_post.id, String),
        *(literal("queued"), literal(0), literal("")),
    )
    .where(_post.room == bindparam("room"), _post.state == "published")
    .order_by(_post.published, _post.id),
)


def rooms(snapshot: Snapshot) -> Sequence[Room]:
    """All of them."""
    return [Room(*row) for row in snapshot.connection.execute(_ROOMS)]


def remember(tx: Tx, room: int, matrix: str) -> None:
    """From now on the room is that Matrix room."""
    if tx.connection.execute(_KNOWN, {"room": room}).first() is None:
        tx.connection.execute(_REMEMBER, {"room": room, "matrix": matrix})
    else:
        tx.connection.execute(_CHANGE, {"this": room, "now_known_as": matrix})


def forget(tx: Tx, room: int) -> None:
    """The homeserver doesn't know the Matrix room any more, so it is another one: accounts and events went, too.

    What was published is told again, from the beginning.
    """
    for table in (matrix_member, matrix_event):
        tx.connection.execute(delete(table).where(table.c.room == room))
    tx.connection.execute(delete(matrix_user))
    tx.connection.execute(delete(matrix_room).where(matrix_room.c.room == room))
    tx.connection.execute(_DROP, {"at": room})
    tx.connection.execute(_AGAIN, {"room": room, "prefix": f"{secrets.token_hex(8)}-"})


def lease(tx: Tx, me: str) -> frozenset[int]:
    """Take or renew the lease of every room that nobody else has; those that are mine."""
    tx.connection.execute(_LEASE, {"me": me, "at": tx.now, "until": tx.now + LEASE})
    return frozenset(tx.connection.scalars(_MINE, {"me": me}))


def release(tx: Tx, me: str) -> None:
    """Let go of them, so that another bridge needn't wait."""
    tx.connection.execute(_RELEASE, {"me": me})
