"""Moderation: one queue for all doors. See what is held, approve or refuse it; a race has one winner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from directory import roles
from directory import tables as directory
from groupware import given, reading, tables
from groupware.errors import Conflict, NotFound
from groupware.events import EventKind
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor, Permit, View
    from groupware.reading import PostCard
    from groupware.store import Snapshot, Tx

LONGEST_REASON = 1_000
MODERATES = "moderator-reads-and-decides"
"""The rule that gives a moderator's right over a post."""
_post, _rendering = tables.post.c, tables.rendering.c


class Word(StrEnum):
    """What a moderator says."""

    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Held:
    """A post that awaits a decision. `id` names it in URLs; `number` in the words of notices; times in microseconds."""

    id: str
    message_id: str
    room: str
    number: int
    author: str
    author_name: str
    subject: str
    marking: int
    received: int


_QUEUE = (
    select(
        _post.token,
        _post.number,
        _post.marking,
        _post.received,
        _rendering.message_id,
        _rendering.subject,
        tables.room.c.code,
        directory.official.c.address,
        directory.official.c.name,
    )
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(tables.room, tables.room.c.id == _post.room)
    .join(directory.official, directory.official.c.id == _post.author)
    .where(_post.state == "held")
    .order_by(_post.id)
)
_BY_TOKEN = select(_post.id, _post.room, _post.author, _post.state, _post.rendering).where(
    _post.token == bindparam("token")
)
_DECIDE = (
    update(tables.post)
    .where(_post.id == bindparam("this"), _post.state == "held")
    .values(
        state=bindparam("to"),
        published=bindparam("when"),
        decided=bindparam("at"),
        decided_by=bindparam("by"),
        reason=bindparam("why"),
    )
)
_SAME_NAME = (
    select(func.count())
    .select_from(tables.post)
    .join(tables.rendering, _rendering.id == _post.rendering)
    .where(
        _post.room == bindparam("room"),
        _post.state == "published",
        _rendering.message_id
        == select(_rendering.message_id).where(_rendering.id == bindparam("rendering")).scalar_subquery(),
    )
)


def queue(view: View) -> Sequence[Held]:
    """What the caller may moderate, oldest first. The view is one of moderating posts."""
    view.use(Kind.POST, Action.MODERATE)
    rows = view.snapshot.connection.execute(_QUEUE.where(view.clause), view.parameters)
    return [
        Held(
            row.token,
            row.message_id,
            row.code,
            row.number,
            row.address,
            row.name,
            row.subject,
            row.marking,
            row.received,
        )
        for row in rows
    ]


def review(view: View, monitor: Monitor, token: str) -> PostCard:
    """A held post for one who may decide about it. The view is one of reading posts; raises as `decide` does."""
    card = reading.by_token(view, token)
    _require(view.snapshot, monitor, view.caller, card.id)
    return card


def moderates(snapshot: Snapshot, caller: Caller) -> bool:
    """Whether the caller is a moderator of anything."""
    held = roles.held(snapshot.connection, caller.official, snapshot.now)
    return any(grant.role is Role.MODERATOR for grant in held)


def decide(tx: Tx, monitor: Monitor, caller: Caller, token: str, word: Word, reason: str = "") -> None:
    """Publish the post as its author's, or refuse it; also when its author has left meanwhile: units own posts.

    Raises NotFound or Forbidden (told alike) when it isn't for this caller, Conflict(already-decided) when somebody was
    quicker, Conflict(closed-room) for approving where nothing is published any more; refusing stays possible there.
    """
    row = tx.connection.execute(_BY_TOKEN, {"token": given.name(token)}).first()
    if row is None:
        raise NotFound(token)
    permit = _require(tx, monitor, caller, row.id)
    permit.use(tx, Action.MODERATE, row.id)
    approved = word is Word.APPROVE
    if approved:
        _require_open(tx, monitor, caller, row.room)
        require_new_name(tx, row.room, row.rendering)
    values = {
        "this": row.id,
        "to": "published" if approved else "refused",
        "when": tx.now if approved else 0,
        "at": tx.now,
        "by": caller.official,
        "why": _fit(reason),
    }
    if tx.connection.execute(_DECIDE, values).rowcount != 1:
        raise Conflict("already-decided", "somebody has decided this already")
    tx.record(EventKind.POST_PUBLISHED if approved else EventKind.POST_REFUSED, row.id, row.room)


def require_new_name(tx: Tx, room: int, rendering: int) -> None:
    """Raise Conflict(message-id-reused) when the room has published a message with this one's Message-ID."""
    if tx.connection.execute(_SAME_NAME, {"room": room, "rendering": rendering}).scalar_one():
        raise Conflict("message-id-reused", "the room has a message with this Message-ID")


def _fit(reason: str) -> str:
    """As a database and a notice can take it: without what can't be printed."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in reason[:LONGEST_REASON])


def _require(snapshot: Snapshot, monitor: Monitor, caller: Caller, post: int) -> Permit:
    """The monitor's leave; only one who moderates the room is told that a post was decided already."""
    rules = monitor.decide(snapshot, caller, Action.MODERATE, Kind.POST, post).rules
    if rules == ("already-decided",) and _as_moderator(snapshot, monitor, caller, post):
        raise Conflict("already-decided", "somebody has decided this already")
    return monitor.require(snapshot, caller, Action.MODERATE, Kind.POST, post)


def _as_moderator(snapshot: Snapshot, monitor: Monitor, caller: Caller, post: int) -> bool:
    """Whether the caller reads the post by a moderator's right, whatever has become of it and of the room."""
    reading_it = monitor.decide(snapshot, caller, Action.READ, Kind.POST, post)
    return reading_it.allowed and MODERATES in reading_it.rules


def _require_open(snapshot: Snapshot, monitor: Monitor, caller: Caller, room: int) -> None:
    """Approving publishes: a moderator may do that in every room that isn't closed."""
    publishing = monitor.decide(snapshot, caller, Action.PUBLISH, Kind.ROOM, room)
    if not publishing.allowed:
        raise Conflict(" ".join(publishing.rules), "nothing can be published in this room any more")
