"""Follower: each post gets the date on which it is erased, from what becomes of it.

A published post's date is fixed by the class that it took from its room. What was refused, withdrawn, or never
published is nobody's text any more, and goes by the class `unpublished`; never later than it would have otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select

from groupware import tables
from groupware.events import Event, EventKind
from groupware.retention import classes
from groupware.retention_tables import erasure, retention_date
from groupware.sealing.seals import HEAD, month, period_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Tx

NAME = "retention"
KINDS = (
    EventKind.POST_UNCONFIRMED,
    EventKind.POST_HELD,
    EventKind.POST_PUBLISHED,
    EventKind.POST_REFUSED,
    EventKind.POST_WITHDRAWN,
)
_d = retention_date.c
_POST = (
    select(tables.post.c.retention, _d.due)
    .outerjoin(retention_date, _d.post == tables.post.c.id)
    .where(
        tables.post.c.id == bindparam("post"),
        ~select(erasure.c.post).where(erasure.c.post == tables.post.c.id).exists(),
    )
)
_LIES = (
    select(func.substr(tables.rendering.c.head, 1, HEAD).label("begins"))
    .join(tables.post, tables.post.c.rendering == tables.rendering.c.id)
    .where(tables.post.c.id == bindparam("post"))
)
_DROP = delete(retention_date).where(_d.post == bindparam("this"))
_FIX = insert(retention_date)


def follow(tx: Tx, events: Sequence[Event]) -> None:
    """Fix the dates of the posts that a slice of the log tells of."""
    known = classes.lengths(tx)
    for event in events:
        _date(tx, event, known)


def _date(tx: Tx, event: Event, known: dict[str, int]) -> None:
    row = tx.connection.execute(_POST, {"post": event.subject}).first()
    if row is None:
        return
    kept_as = row.retention if event.kind == EventKind.POST_PUBLISHED else classes.UNPUBLISHED
    due = event.at + classes.length_of(known, kept_as)
    if event.kind == EventKind.POST_WITHDRAWN and row.due is not None and row.due <= due:
        return
    tx.connection.execute(_DROP, {"this": event.subject})
    date = {"post": event.subject, "kept_as": kept_as, "since": event.at, "due": due}
    tx.connection.execute(_FIX, {**date, "moved": int(tx.seals.sealing and _lies_elsewhere(tx, event.subject, due))})


def _lies_elsewhere(tx: Tx, post: int, due: int) -> bool:
    """Whether it is sealed, and under another key than that of its date's month."""
    row = tx.first(_LIES, {"post": post})
    return period_of(bytes(row.begins)) not in {"", month(due)}
