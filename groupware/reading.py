"""Reading: the rooms that a caller sees, their posts newest first, a thread, one post and its bytes.

Each function takes a View: the monitor's leave to see those rows, and the clause that holds them back otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row, Select, and_, bindparam, false, func, or_, select

from directory import tables as directory
from groupware import content, given, tables
from groupware.errors import NotFound
from groupware.rendering import opened
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.monitor import View
    from groupware.store import Snapshot

PAGE = 50
T = TypeVar("T")
_post, _rendering, _room = tables.post.c, tables.rendering.c, tables.room.c


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room as its readers see it. `parent` is the id of the room that a sub-theme belongs to, 0 for none."""

    id: int
    code: str
    name: str
    moderated: bool
    marking: int
    parent: int
    topic: str
    closed: bool
    archived: bool
    bars_personal_data: bool


@dataclass(frozen=True, slots=True)
class PostCard:
    """One line of a list of posts. Times in microseconds; `token` and `thread` name it and its thread in URLs.

    `sent_by` is the name of who sent it for its author; empty where that was the author.
    """

    id: int
    token: str
    message_id: str
    room: str
    thread: int
    parent: int
    author: str
    author_name: str
    body_name: str
    subject: str
    marking: int
    state: str
    number: int
    sent: int
    published: int
    rendering: int
    sent_by: str
    handling: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post of the caller's own that isn't published: it awaits their word, is held, or was refused for a `reason`."""

    card: PostCard
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A room among others: how many of its posts the caller sees, and the newest of them."""

    room: RoomCard
    posts: int
    newest: PostCard | None


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page of a room: posts newest first, whether there are older ones, and on the first page what waits."""

    room: RoomCard
    posts: Sequence[PostCard]
    older: bool
    waiting: Sequence[Waiting]
    may_post: bool


_above = tables.room.alias("above")
_secretary = directory.official.alias("secretary")
_ROOMS: Select[Any] = (
    select(
        *(_room.id, _room.code, _room.name, _room.moderated, _room.marking),
        *(_room.parent, _room.topic, _room.closed, (_room.archived != 0).label("archived")),
        or_(_room.bars_personal_data, func.coalesce(_above.c.bars_personal_data, false())),
    )
    .outerjoin(_above, _above.c.id == _room.parent)
    .order_by(_room.id)
)
_POSTS: Select[Any] = (
    select(
        _post.id,
        _post.token,
        _rendering.message_id,
        _room.code.label("room"),
        _post.thread,
        _post.parent,
        directory.official.c.address.label("author"),
        directory.official.c.name.label("author_name"),
        directory.body.c.name.label("body_name"),
        _rendering.subject,
        _post.marking,
        _post.state,
        _post.number,
        _rendering.sent,
        _post.published,
        _post.rendering,
        func.coalesce(_secretary.c.name, "").label("sent_by"),
        _post.handling,
    )
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(tables.room, _room.id == _post.room)
    .join(directory.official, directory.official.c.id == _post.author)
    .join(directory.body, directory.body.c.id == directory.official.c.body)
    .outerjoin(_secretary, and_(_secretary.c.id == _post.sender, _post.sender != _post.author))
)
_NEWEST = _POSTS.where(_post.room == bindparam("room"), _post.id < bindparam("before")).order_by(_post.id.desc())
_THREAD = _POSTS.where(_post.thread == bindparam("thread")).order_by(_post.id)
_BY_TOKEN = _POSTS.where(_post.token == bindparam("token"))
_BY_MESSAGE_ID = _POSTS.where(_rendering.message_id == bindparam("message_id")).order_by(_post.id)
_OWN_WAITING = (
    _POSTS.add_columns(_post.reason)
    .where(
        _post.room == bindparam("room"),
        or_(_post.author == bindparam("author"), _post.sender == bindparam("author")),
        _post.state.in_(["draft", "unconfirmed", "held", "refused"]),
    )
    .order_by(_post.id.desc())
)
_STORED = (
    select(tables.submission.c.content, _post.rendering)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .where(_post.id == bindparam("post"))
)
_RENDERED = select(_rendering.head, _rendering.content, _rendering.body_at).where(_rendering.id == bindparam("this"))
_COUNT = select(func.count()).select_from(tables.post).where(_post.room == bindparam("room"))
LAST = 2**62


def rooms(view: View) -> Sequence[RoomCard]:
    """The rooms that the caller may enter."""
    view.use(Kind.ROOM, Action.ENTER)
    found = view.snapshot.connection.execute(_ROOMS.where(view.clause), view.parameters)
    return [RoomCard(*row) for row in found]


def in_order(cards: Sequence[RoomCard]) -> Sequence[RoomCard]:
    """Rooms as they stand in lists: each with its sub-themes behind it, and the archived ones at the end."""
    place = {card.id: number for number, card in enumerate(cards)}

    def key(card: RoomCard) -> tuple[bool, int, bool, int]:
        return card.archived, place.get(card.parent, place[card.id]), card.parent in place, place[card.id]

    return sorted(cards, key=key)


def room(view: View, code: str) -> RoomCard:
    """One of them. Raises NotFound, the same for a room that isn't there and one that isn't the caller's."""
    return _one([card for card in rooms(view) if card.code == code], code)


def newest(view: View, room_id: int, before: int = LAST, most: int = PAGE) -> Sequence[PostCard]:
    """The newest posts of a room with an id below `before`."""
    values = {"room": room_id, "before": before, **view.parameters}
    return _cards(view, _NEWEST.where(view.clause).limit(most), values)


def count(view: View, room_id: int) -> int:
    """How many posts of the room the caller sees; the others aren't counted."""
    view.use(Kind.POST, Action.LIST)
    statement = _COUNT.where(view.clause)
    return int(view.snapshot.connection.execute(statement, {"room": room_id, **view.parameters}).scalar_one())


def thread(view: View, number: int) -> Sequence[PostCard]:
    """A thread's posts, oldest first."""
    return _cards(view, _THREAD.where(view.clause), {"thread": number, **view.parameters})


def own_waiting(view: View, room_id: int) -> Sequence[Waiting]:
    """What the caller wrote or sent for another in the room and isn't published. The view is one of reading posts."""
    values = {"room": room_id, "author": view.caller.official, **view.parameters}
    rows = view.snapshot.connection.execute(_OWN_WAITING.where(view.clause), values)
    return [Waiting(PostCard(*row[:-1]), row.reason) for row in rows]


def overview(view: View, room_card: RoomCard) -> Overview:
    """A room's line in the list of rooms. The view is one of listing posts."""
    return Overview(room_card, count(view, room_card.id), next(iter(newest(view, room_card.id, most=1)), None))


def conversation(listed: View, readable: View, token: str) -> Sequence[PostCard]:
    """The thread around a post, oldest first: what is published, and the post itself if it isn't. Raises NotFound."""
    card = by_token(readable, token)
    published = [post for post in thread(listed, card.thread) if post.id != card.id]
    return sorted([*published, card], key=lambda post: post.id)


def by_token(view: View, token: str) -> PostCard:
    """One post. Raises NotFound, the same for forbidden and absent."""
    return _one(_cards(view, _BY_TOKEN.where(view.clause), {"token": given.name(token), **view.parameters}), token)


def by_message_id(view: View, message_id: str) -> PostCard:
    """One post by its Message-ID with angle brackets. Raises NotFound, the same for forbidden and absent."""
    values = {"message_id": given.name(message_id), **view.parameters}
    return _one(_cards(view, _BY_MESSAGE_ID.where(view.clause), values), message_id)


def raw(view: View, card: PostCard, directory_path: Path) -> bytes:
    """The bytes as they were received, of a card that this view gave."""
    row = view.snapshot.connection.execute(_STORED, {"post": card.id}).one()
    return content.load(view.snapshot, directory_path, row.content)


def rendered(snapshot: Snapshot, rendering: int, directory_path: Path) -> tuple[bytes, bytes]:
    """Header block and body of a rendering that a view gave."""
    row = snapshot.connection.execute(_RENDERED, {"this": rendering}).one()
    body = content.load(snapshot, directory_path, row.content, row.body_at)
    return opened(snapshot, rendering, bytes(row.head)), body


def _cards(view: View, statement: Select[Any], values: dict[str, Any]) -> Sequence[PostCard]:
    view.use(Kind.POST, Action.LIST, Action.READ)
    return [_card(row) for row in view.snapshot.connection.execute(statement, values)]


def _card(row: Row[Any]) -> PostCard:
    return PostCard(*tuple(row))


def _one(found: Sequence[T], name: str) -> T:
    if not found:
        raise NotFound(name)
    return found[0]
