"""A draft as the use cases read it: its post, its room, and what is kept about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from directory import tables as directory
from groupware import tables
from groupware.draft_tables import draft
from groupware.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.store import Snapshot

_post, _room, _rendering, _official = tables.post.c, tables.room.c, tables.rendering.c, directory.official.c
DRAFTS: Select[Any] = (
    select(
        *(_post.id, _post.token, _post.state, _post.room, _post.author, _post.sender, _post.owner, _post.number),
        *(_post.marking, _post.handling, _post.rendering, _post.rule, _rendering.subject, _rendering.size),
        *(_room.code, _room.name, _room.moderated, _room.handling.label("usual"), directory.unit.c.body),
        _official.name.label("author_name"),
        *(draft.c.kinds, draft.c.at, draft.c.until, draft.c.reminded),
        *(draft.c.word, draft.c.said, draft.c.by, draft.c.reason),
    )
    .join(draft, draft.c.post == _post.id)
    .join(tables.room, _room.id == _post.room)
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(directory.official, _official.id == _post.author)
    .join(directory.unit, directory.unit.c.id == _post.owner)
    .order_by(_post.id)
)
_BY_ID = DRAFTS.where(_post.id == bindparam("wanted"))
_BY_TOKEN = DRAFTS.where(_post.token == bindparam("wanted"))
_BY_NUMBER = DRAFTS.where(_room.code == bindparam("code"), _post.number == bindparam("number"))


def get(snapshot: Snapshot, post: int) -> Row[Any]:
    """The draft, whatever has become of it. Raises NotFound."""
    return _one(snapshot.connection.execute(_BY_ID, {"wanted": post}).first())


def by_token(snapshot: Snapshot, token: str) -> Row[Any]:
    """The same by what names it in URLs. Raises NotFound."""
    return _one(snapshot.connection.execute(_BY_TOKEN, {"wanted": token}).first())


def by_number(snapshot: Snapshot, code: str, number: int) -> Row[Any]:
    """The same by what people call it. Raises NotFound."""
    return _one(snapshot.connection.execute(_BY_NUMBER, {"code": code, "number": number}).first())


def _one(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFound("no such draft")
    return row
