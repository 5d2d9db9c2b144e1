"""Every post that the store has, for its operator: names, states and hashes, and no content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from groupware import tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from groupware.store import Snapshot, Store

SLICE = 500
SHOWN = {"unconfirmed": "held", "draft": "held"}
"""States that only ICONet tells apart."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One post; `sha256` in hexadecimal, of the DATA as received."""

    message_id: str
    room: str
    state: str
    sha256: str


_POSTS = (
    select(
        tables.post.c.id,
        tables.submission.c.message_id,
        tables.room.c.code,
        tables.post.c.state,
        tables.content.c.sha256,
    )
    .join(tables.submission, tables.submission.c.id == tables.post.c.submission)
    .join(tables.content, tables.content.c.id == tables.submission.c.content)
    .join(tables.room, tables.room.c.id == tables.post.c.room)
    .where(tables.post.c.id > bindparam("after"))
    .order_by(tables.post.c.id)
    .limit(SLICE)
)


async def posts(store: Store) -> AsyncIterator[Listed]:
    """All of them in the order of their ids, read in slices so that no snapshot is held for long."""
    after = 0
    while True:
        after, found = await store.read(partial(_slice, after=after))
        for listed in found:
            yield listed
        if not found:
            return


def _slice(snapshot: Snapshot, after: int) -> tuple[int, list[Listed]]:
    rows = snapshot.connection.execute(_POSTS, {"after": after}).all()
    listed = [
        Listed(row.message_id, row.code, SHOWN.get(row.state, row.state), bytes(row.sha256).hex()) for row in rows
    ]
    return (rows[-1].id if rows else after), listed
