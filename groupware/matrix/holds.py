"""Messages from a room that await moderation: which post each one is, and which notice stands in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select, update

from groupware import clock, tables
from groupware.matrix_tables import matrix_hold

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

REPEATED_WITHIN = 24 * 3600 * clock.MICROSECONDS
"""For how long the same transaction id is the same message: the homeserver forgets them after a day, too."""


@dataclass(frozen=True, slots=True)
class Hold:
    """`number` is what people call it; `event` the notice in its place, "" until that is known."""

    id: int
    post: int
    event: str
    at: int
    number: int
    state: str
    room: int
    author: int
    rule: str


_hold, _post = matrix_hold.c, tables.post.c
_HOLDS: Select[Any] = select(
    _hold.id, _hold.post, _hold.event, _hold.at, _post.number, _post.state, _post.room, _post.author, _post.rule
).join(tables.post, _post.id == _hold.post)
_BY_KEY = _HOLDS.where(_hold.key == bindparam("key"))
_BY_POST = _HOLDS.where(_hold.post == bindparam("post"))
_ADD = insert(matrix_hold)
_RETIRE = update(matrix_hold).where(_hold.id == bindparam("this")).values(key=bindparam("old"))
_PLACE = update(matrix_hold).where(_hold.id == bindparam("this")).values(event=bindparam("notice"))
_NEW_POST = (
    select(_post.id)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .where(
        tables.submission.c.message_id == bindparam("message_id"),
        _post.author == bindparam("author"),
        _post.room == bindparam("room"),
    )
)


def repeated(snapshot: Snapshot, key: str) -> Hold | None:
    """The hold of a message that is said again by its client."""
    found = by_key(snapshot, key)
    return found if found is not None and snapshot.now < found.at + REPEATED_WITHIN else None


def add(tx: Tx, key: str, post: int, media: str = "") -> None:
    """A post that was just held, with a file of the homeserver's. A transaction id of long ago may be used again."""
    older = by_key(tx, key)
    if older is not None:
        tx.connection.execute(_RETIRE, {"this": older.id, "old": f"{key}-{older.id}"})
    tx.connection.execute(_ADD, {"key": key, "post": post, "at": tx.now, "media": media})


def by_key(snapshot: Snapshot, key: str) -> Hold | None:
    """A hold by its key."""
    return _one(snapshot, _BY_KEY, key=key)


def of_post(snapshot: Snapshot, post: int) -> Hold | None:
    """The hold of a post that was said in a room."""
    return _one(snapshot, _BY_POST, post=post)


def stand_in(tx: Tx, hold: Hold, event: str) -> None:
    """This notice stands in the post's place."""
    tx.connection.execute(_PLACE, {"this": hold.id, "notice": event})


def post_of(snapshot: Snapshot, message_id: str, author: int, room: int) -> int:
    """The post of a room that its author has just handed in under this Message-ID."""
    values = {"message_id": message_id, "author": author, "room": room}
    return int(snapshot.connection.execute(_NEW_POST, values).scalar_one())


def _one(snapshot: Snapshot, statement: Select[Any], **values: str | int) -> Hold | None:
    row = snapshot.connection.execute(statement, values).first()
    return None if row is None else Hold(*row)
