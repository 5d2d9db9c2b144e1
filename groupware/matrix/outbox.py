"""What the bridge has to send, room by room in the order in which it was asked for, each once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, or_, select, update

from groupware import ledger, tables
from groupware.events import EventKind
from groupware.matrix_tables import matrix_event, matrix_member, matrix_outbox
from policies.vocabulary import Door, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

MOST = 20
"""Rows of one room that are read at once."""


class What(StrEnum):
    """A post as its author; a notice in the bridge's own name; the taking back of an event."""

    POST = "post"
    NOTICE = "notice"
    REDACT = "redact"


@dataclass(frozen=True, slots=True)
class Queued:
    """A row. `key` is its transaction id at the homeserver; `attempts` counts the earlier ones."""

    id: int
    room: int
    kind: str
    post: int
    text: str
    key: str
    attempts: int
    event: str


_out, _event = matrix_outbox.c, matrix_event.c
_COLUMNS = (_out.id, _out.room, _out.kind, _out.post, _out.text, _out.key, _out.attempts, _out.event)
_ADD = insert(matrix_outbox)
_NEXT = select(*_COLUMNS).where(_out.state == "queued", _out.room == bindparam("room")).order_by(_out.id).limit(MOST)
_ROOMS = select(_out.room).where(_out.state == "queued").distinct()
_BY_KEY = select(*_COLUMNS, _out.state).where(_out.key == bindparam("key"))
_END = (
    update(matrix_outbox)
    .where(_out.id == bindparam("this"), _out.state == "queued")
    .values(state=bindparam("to"), event=bindparam("became"))
)
_TRIED = update(matrix_outbox).where(_out.id == bindparam("this")).values(attempts=_out.attempts + 1)
_KNOWN = select(_event.room, _event.post).where(_event.event == bindparam("event"))
_NOTE = insert(matrix_event)
_THERE = select(matrix_member.c.official).where(matrix_member.c.room == bindparam("room"), matrix_member.c.joined)
_KNOWN_OF = select(_event.event).where(_event.event.in_(bindparam("events", expanding=True)))
_LOST = (
    select(tables.post.c.id)
    .join(tables.room, tables.room.c.id == tables.post.c.room)
    .where(
        tables.post.c.id == bindparam("post"),
        or_(
            tables.post.c.state == "withdrawn",
            tables.post.c.marking >= int(Marking.AMBER_STRICT),
            tables.post.c.handling > tables.room.c.handling,
        ),
    )
)
_QUEUED = select(_out.id).where(_out.post == bindparam("post"), _out.state == "queued", _out.kind == bindparam("kind"))
_HIDE = update(matrix_event).where(_event.post == bindparam("of")).values(post=0)
_SHOWN = select(_event.event).where(_event.post == bindparam("post"))


def queue(tx: Tx, kind: What, room: int, *, post: int = 0, text: str = "", event: str = "") -> None:
    """Have it sent after all that was queued for the room before."""
    row = {"room": room, "kind": kind.value, "post": post, "text": text, "event": event}
    tx.record(EventKind.MATRIX_QUEUED, tx.insert(_ADD, {**row, "key": secrets.token_hex(16), "state": "queued"}))


def waiting(snapshot: Snapshot) -> frozenset[int]:
    """The rooms for which something is queued."""
    return frozenset(snapshot.connection.scalars(_ROOMS))


def following(snapshot: Snapshot, room: int) -> Sequence[Queued]:
    """What is to be sent to a room next, in order."""
    return [Queued(*row) for row in snapshot.connection.execute(_NEXT, {"room": room})]


def sent(tx: Tx, row: Queued, event: str) -> None:
    """It is in the room, as this event. A second time changes nothing.

    A post that was withdrawn, or marked more strictly, while it was under way is taken back: nobody knew yet what to
    take back.
    """
    ended = tx.connection.execute(_END, {"this": row.id, "to": "sent", "became": event}).rowcount
    if ended and row.kind != What.REDACT:
        note(tx, event, row.room, row.post)
        if tx.connection.execute(_LOST, {"post": row.post}).first() is not None:
            queue(tx, What.REDACT, row.room, event=event)
            hidden(tx, row.post)


def dropped(tx: Tx, row: Queued) -> None:
    """It isn't sent any more."""
    tx.connection.execute(_END, {"this": row.id, "to": "dropped", "became": row.event})


def tried(tx: Tx, row: Queued) -> None:
    """The homeserver didn't take it this time."""
    tx.connection.execute(_TRIED, {"this": row.id})


def by_key(snapshot: Snapshot, key: str) -> tuple[Queued, str] | None:
    """The row with this transaction id, and its state."""
    row = snapshot.connection.execute(_BY_KEY, {"key": key}).first()
    return None if row is None else (Queued(*row[:-1]), row.state)


def note(tx: Tx, event: str, room: int, post: int) -> None:
    """An event of a room has been dealt with; it shows `post`, or no post (0)."""
    if not noted(tx, event):
        tx.connection.execute(_NOTE, {"event": event, "room": room, "post": post})
        if post:
            ledger.delivered(tx, tx.connection.scalars(_THERE, {"room": room}), Door.MATRIX, Kind.POST, post)


def noted(snapshot: Snapshot, event: str) -> bool:
    """Whether the event has been dealt with."""
    return snapshot.connection.execute(_KNOWN, {"event": event}).first() is not None


def unknown(snapshot: Snapshot, events: Sequence[str]) -> frozenset[str]:
    """Those of the events that haven't been dealt with."""
    return frozenset(events) - frozenset(snapshot.connection.scalars(_KNOWN_OF, {"events": list(events)}))


def shown(snapshot: Snapshot, post: int) -> Sequence[str]:
    """The events that show a post."""
    return list(snapshot.connection.scalars(_SHOWN, {"post": post}))


def is_queued(snapshot: Snapshot, post: int) -> bool:
    """Whether the post is to be sent; how it is marked then is asked when it is."""
    return snapshot.connection.execute(_QUEUED, {"post": post, "kind": What.POST.value}).first() is not None


def hidden(tx: Tx, post: int) -> None:
    """The events that showed the post are taken back, and show none any more: it may be sent again."""
    tx.connection.execute(_HIDE, {"of": post})
