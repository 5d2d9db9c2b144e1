"""Taking a post back, by who wrote or sent it, a moderator of its room, or its owner: gone at every door at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select, update

from directory import rights
from directory import tables as directory
from groupware import drafts, given, mark_endings, reading, tables, unconfirmed
from groupware.area_tables import withdrawal
from groupware.errors import Conflict, NotFound
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.reading import PostCard
    from groupware.store import Snapshot, Tx

LONGEST_REASON = 1_000
TAKEN_BACK = ("draft", "unconfirmed", "held", "published")
"""States in which a post can be taken back."""
_post, _rendering = tables.post.c, tables.rendering.c
_POSTS: Select[Any] = select(_post.id, _post.room, _post.state)
_BY_TOKEN = _POSTS.where(_post.token == bindparam("name"))
_BY_MESSAGE_ID = (
    _POSTS.join(tables.rendering, _rendering.id == _post.rendering)
    .where(_rendering.message_id == bindparam("name"))
    .order_by(_post.id)
)
_AMONG = select(_post.token).where(_post.token.in_(bindparam("tokens", expanding=True)), _post.state.in_(TAKEN_BACK))
_ASKED: Select[Any] = (
    select(_post.number, _post.room, tables.room.c.name, directory.unit.c.name.label("unit"))
    .join(tables.room, tables.room.c.id == _post.room)
    .join(directory.unit, directory.unit.c.id == _post.owner)
    .where(_post.token == bindparam("name"), _post.state.in_(TAKEN_BACK))
)
_TAKE_BACK = (
    update(tables.post).where(_post.id == bindparam("this"), _post.state == bindparam("was")).values(state="withdrawn")
)
_KEEP = insert(withdrawal)


@dataclass(frozen=True, slots=True)
class Question:
    """Which post is to be taken back: its card, None for who can't read it; then the rest is all that they are told.

    `unit` owns it; `room` is the name of the room, "" for who can't enter it.
    """

    card: PostCard | None
    number: int
    unit: str
    room: str


def question(snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str) -> Question:
    """Of a post that the caller may take back. Raises NotFound, the same for forbidden and absent."""
    may, reads = (monitor.view(snapshot, caller, action, Kind.POST) for action in (Action.WITHDRAW, Action.READ))
    statement, values = _ASKED.where(may.clause), {"name": given.name(token), **may.parameters}
    row = snapshot.connection.execute(statement, values).first()
    if row is None:
        raise NotFound(token)
    enters = monitor.decide(snapshot, caller, Action.ENTER, Kind.ROOM, row.room).allowed
    try:
        card = reading.by_token(reads, token)
    except NotFound:
        card = None
    return Question(card, row.number, row.unit, row.name if enters else "")


def withdraw(tx: Tx, monitor: Monitor, caller: Caller, name: str, reason: str = "") -> None:
    """Take back the post with this token, or with this Message-ID in every room where the caller may.

    What was withdrawn before stays so. Raises NotFound, the same for forbidden and absent, and
    Conflict(already-decided) for what was refused.
    """
    is_name = name.startswith("<") or "@" in name
    wanted = f"<{name.strip('<>')}>" if is_name else name
    view = monitor.view(tx, caller, Action.WITHDRAW, Kind.POST)
    statement = (_BY_MESSAGE_ID if is_name else _BY_TOKEN).where(view.clause)
    found = tx.connection.execute(statement, {"name": given.name(wanted), **view.parameters}).all()
    if not found:
        raise NotFound(name)
    if all(row.state == "refused" for row in found):
        raise Conflict("already-decided", "a moderator has refused this post")
    for row in found:
        if row.state in TAKEN_BACK:
            monitor.require(tx, caller, Action.WITHDRAW, Kind.POST, row.id).use(tx, Action.WITHDRAW, row.id)
            take_back(tx, caller.official, row, reason)
            unconfirmed.say(tx, row.id, "withdrawn", caller.official, "")
            if row.state == "draft":
                drafts.say(tx, row.id, "withdrawn", caller.official, caller.door)


def withdrawable(snapshot: Snapshot, monitor: Monitor, caller: Caller, tokens: Sequence[str]) -> frozenset[str]:
    """Those of the posts that the caller may take back."""
    view = monitor.view(snapshot, caller, Action.WITHDRAW, Kind.POST)
    values = {"tokens": list(tokens), **view.parameters}
    return frozenset(snapshot.connection.scalars(_AMONG.where(view.clause), values))


def take_back(tx: Tx, by: int, row: Row[Any], reason: str) -> None:
    """End a post, whose `id`, `room` and `state` the row has; `by` is an official, 0 where nobody did it.

    Raises Conflict(already-decided).
    """
    if tx.change(_TAKE_BACK, {"this": row.id, "was": row.state}) != 1:
        raise Conflict("already-decided", "somebody has decided this already")
    said = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in reason[:LONGEST_REASON])
    tx.connection.execute(_KEEP, {"post": row.id, "at": tx.now, "by": by, "state": row.state, "reason": said})
    mark_endings.end_of_post(tx, row.id, mark_endings.GONE, by)
    rights.bump(tx.connection)
    tx.record(EventKind.POST_WITHDRAWN, row.id, row.room)
