"""A draft ends without being authorised: it is gone for everybody, at every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from groupware import drafts, tables, withdrawal
from groupware.events import EventKind
from groupware.message import header

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.message.scan import Scanned
    from groupware.store import Tx

_post = tables.post.c
_NAMED: Select[Any] = (
    select(_post.id, _post.room, _post.state)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .where(
        tables.submission.c.message_id == bindparam("name"),
        _post.author == bindparam("author"),
        _post.room == bindparam("room"),
        _post.state == "draft",
    )
)


def end(tx: Tx, row: Row[Any], word: str, by: int = 0, door: str = "", reason: str = "") -> None:
    """It is gone for everybody, and those concerned are told. The row has its `id`, `room` and `state`.

    Raises Conflict(already-decided).
    """
    drafts.say(tx, row.id, word, by, door, reason)
    withdrawal.take_back(tx, by, row, reason)
    tx.record(EventKind.DRAFT_ENDED, row.id, row.room)


def supersede(tx: Tx, scanned: Scanned, author: int, room: int, by: int) -> None:
    """The author's earlier draft that a new one names ends (RFC 4021 2.1.46, Supersedes)."""
    said = next((field.value for field in scanned.fields if field.name == b"supersedes"), b"")
    for name in header.references(None, said)[:1]:
        for row in tx.connection.execute(_NAMED, {"name": name, "author": author, "room": room}).all():
            end(tx, row, "superseded", by)
