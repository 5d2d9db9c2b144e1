"""A looser marking that is asked for waits no more: it was confirmed, or it is over and the marking stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, update

from directory import rights
from groupware import tables
from groupware.errors import Conflict
from groupware.events import EventKind
from groupware.marking_tables import loosening

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.store import Tx

CONFIRMED, GONE = "confirmed", "gone"
"""What has become of an ask: another has confirmed it; its post is withdrawn or erased."""
_l, _post = loosening.c, tables.post.c
_OF_POST: Select[Any] = (
    select(_l.id, _l.post, _post.room)
    .join(tables.post, _post.id == _l.post)
    .where(_l.post == bindparam("of_post"), _l.word == "")
)
_OVER = update(tables.post).where(_post.id == bindparam("this")).values(loosener=0)
_SAY = (
    update(loosening)
    .where(_l.id == bindparam("this"), _l.word == "")
    .values(word=bindparam("what"), said=bindparam("at_"), by=bindparam("who"), note=bindparam("why"))
)


def end(tx: Tx, row: Row[Any], word: str, by: int = 0, note: str = "") -> None:
    """Of the ask whose `id`, `post` and `room` the row has; who asked is told. Raises Conflict(already-decided)."""
    if tx.connection.execute(_SAY, {"this": row.id, "what": word, "at_": tx.now, "who": by, "why": note}).rowcount != 1:
        raise Conflict("already-decided", "somebody has decided this already")
    tx.change(_OVER, {"this": row.post})
    rights.bump(tx.connection)
    if word != CONFIRMED:
        tx.record(EventKind.MARK_ENDED, row.post, row.room)


def end_of_post(tx: Tx, post: int, word: str, by: int = 0) -> None:
    """The same of what waits for a post, if anything does."""
    row = tx.connection.execute(_OF_POST, {"of_post": post}).first()
    if row is not None:
        end(tx, row, word, by)
