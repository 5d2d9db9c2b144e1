"""An ask to break the glass as it stands, and the posts that it covers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, or_, select, update

from directory.tables import body, official, unit
from groupware import given, tables
from groupware.errors import Conflict, NotFound
from groupware.glass_tables import glass, glass_opening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.store import Snapshot, Tx


class State(StrEnum):
    """See groupware.glass_tables."""

    ASKED = "asked"
    BROKEN = "broken"
    LAPSED = "lapsed"
    OVER = "over"
    ENDED = "ended"


class Why(StrEnum):
    """Which of the two is no security officer in office any more, where that is why it ended."""

    NEITHER = ""
    ASKER = "asker"
    CONFIRMER = "confirmer"


class Scope(StrEnum):
    """How much is to be read: a post, the thread that it lies in, or all posts of a room."""

    POST = "post"
    THREAD = "thread"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Glass:
    """A row of `glass`; its id is its number."""

    id: int
    asker: int
    body: int
    confirmer: int
    scope: Scope
    name: str
    item: int
    reason: str
    lasts: int
    handling: int
    state: State
    valid_until: int
    asked: int
    confirmed: int
    ended: int
    ended_by: int
    ended_why: Why


@dataclass(frozen=True, slots=True)
class Covered:
    """A post that may be opened: what it is called in the log, whose it is, when it was first opened (0: not yet).

    `owner` is the name of the unit's body, `owner_body` its id.
    """

    id: int
    token: str
    message_id: str
    rendering: int
    marking: int
    published: int
    owner: str
    owner_body: int
    opened: int


_g, _p = glass.c, tables.post.c
GLASSES: Select[Any] = select(
    *(_g.id, _g.asker, _g.body, _g.confirmer, _g.scope, _g.name, _g.item, _g.reason, _g.lasts, _g.handling),
    *(_g.state, _g.valid_until, _g.asked, _g.confirmed, _g.ended, _g.ended_by, _g.ended_why),
)
_ONE = GLASSES.where(_g.id == bindparam("this"))
_MOVE = (
    update(glass)
    .where(_g.id == bindparam("this"), _g.state == bindparam("was"))
    .values(
        state=bindparam("to"),
        confirmer=bindparam("by"),
        item=bindparam("what"),
        valid_until=bindparam("until"),
        confirmed=bindparam("confirmed_at"),
        ended=bindparam("ended_at"),
        ended_by=bindparam("ender"),
        ended_why=bindparam("cause"),
    )
)
_POSTS: Select[Any] = (
    select(
        *(_p.id, _p.token, tables.rendering.c.message_id, _p.rendering, _p.marking, _p.published),
        *(body.c.name, unit.c.body, func.coalesce(glass_opening.c.at, 0)),
    )
    .join(tables.rendering, tables.rendering.c.id == _p.rendering)
    .join(unit, unit.c.id == _p.owner)
    .join(body, body.c.id == unit.c.body)
    .outerjoin(glass_opening, (glass_opening.c.post == _p.id) & (glass_opening.c.glass == bindparam("glass")))
    .where(_p.state == "published", _p.handling <= bindparam("handling"))
)
_IN = {
    Scope.POST: _POSTS.where(_p.id == bindparam("item")),
    Scope.THREAD: _POSTS.where(_p.thread == bindparam("item")).order_by(_p.id),
    Scope.ROOM: _POSTS.where(_p.room == bindparam("item")).order_by(_p.id),
}
_BY_NAME: Select[Any] = (
    select(_p.id, _p.thread)
    .join(tables.rendering, tables.rendering.c.id == _p.rendering)
    .where(
        _p.state == "published",
        or_(_p.token == bindparam("name"), tables.rendering.c.message_id == bindparam("message_id")),
    )
    .order_by(_p.id)
)
_ONE_OF_THEM = "who asks takes one message's address in the portal instead, its last part, and asks again"
_ROOM = select(tables.room.c.id).where(tables.room.c.code == bindparam("name"))
_NAMED = (
    select(official.c.name, body.c.name.label("body"))
    .join(body, body.c.id == official.c.body)
    .where(official.c.id == bindparam("this"))
)


def of_row(row: Row[Any]) -> Glass:
    """The row as an ask."""
    values = row._asdict()
    words = {"state": State(values["state"]), "scope": Scope(values["scope"]), "ended_why": Why(values["ended_why"])}
    return Glass(**{**values, **words})


def get(snapshot: Snapshot, number: int) -> Glass:
    """The ask. Raises NotFound."""
    row = snapshot.connection.execute(_ONE, {"this": number}).first()
    if row is None:
        raise NotFound(f"glass {number}")
    return of_row(row)


def move(tx: Tx, was: Glass, now: Glass) -> None:
    """From what was read to another state. Raises Conflict(already-decided) when somebody was quicker."""
    values = {
        "this": was.id,
        "was": was.state,
        "to": now.state,
        "by": now.confirmer,
        "what": now.item,
        "until": now.valid_until,
        "confirmed_at": now.confirmed,
        "ended_at": now.ended,
        "ender": now.ended_by,
        "cause": now.ended_why,
    }
    if tx.connection.execute(_MOVE, values).rowcount != 1:
        raise Conflict("already-decided", "this has been decided already")


def item(snapshot: Snapshot, scope: Scope, name: str) -> int:
    """What a name stands for: a room's code, a post's Message-ID or token.

    Raises NotFound, and Conflict(ambiguous-name) where one Message-ID is that of several posts, or stands in several
    threads: which of them is meant only who asked can say.
    """
    bare = given.name(name)
    if scope is Scope.ROOM:
        found = set(snapshot.connection.scalars(_ROOM, {"name": bare}))
    else:
        key = {"name": bare, "message_id": f"<{bare.strip('<>')}>"}
        alike = snapshot.connection.execute(_BY_NAME, key).all()
        found = {row.id if scope is Scope.POST else row.thread for row in alike}
    if not found:
        raise NotFound(name)
    if len(found) > 1:
        raise Conflict("ambiguous-name", f"the name stands for {len(found)} {scope}s: {_ONE_OF_THEM}")
    return int(found.pop())


def covered(snapshot: Snapshot, known: Glass) -> Sequence[Covered]:
    """The published posts that it covers now, oldest first: also what was written since, within the handling code."""
    key = {"glass": known.id, "handling": known.handling, "item": known.item}
    return [Covered(*row) for row in snapshot.connection.execute(_IN[known.scope], key)]


def person(snapshot: Snapshot, number: int) -> str:
    """`Anna, Aland`; "" for nobody."""
    row = snapshot.connection.execute(_NAMED, {"this": number}).first()
    return f"{row.name}, {row.body}" if row else ""
