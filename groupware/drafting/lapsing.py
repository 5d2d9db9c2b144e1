"""A draft that nobody decides lapses, after colleagues were reminded once; one whose author lost the right falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, or_

from groupware import draft_endings, tables
from groupware.deadlines import Deadlines
from groupware.draft_tables import draft
from groupware.drafting import deciding
from groupware.drafting.rows import DRAFTS

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Tx

_d, _post = draft.c, tables.post.c
_WAITS = and_(_d.word == "", _post.state == "draft")
_WAITING = DRAFTS.where(_WAITS)
_OF = _WAITING.where(or_(_post.author == bindparam("official"), _post.sender == bindparam("official")))
DEADLINES = Deadlines(DRAFTS, _d.post, (_d.at, _d.until), _WAITS, draft.join(tables.post, _post.id == _d.post))


def lapse(tx: Tx, row: Row[Any]) -> None:
    """It isn't sent."""
    draft_endings.end(tx, row, "lapsed", reason="no colleague decided in time")


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they have written or handed in, and nobody has authorised, ends; how much that was."""
    rows = tx.connection.execute(_OF, {"official": official}).all()
    for row in rows:
        draft_endings.end(tx, row, "fallen", reason="who wrote or sent it has left")
    return len(rows)


def end_fallen(tx: Tx, monitor: Monitor) -> int:
    """Somebody's rights have changed: what its author may not post any more ends; how much that was."""
    rows = [row for row in tx.connection.execute(_WAITING).all() if not deciding.may_go_on(tx, monitor, row)]
    for row in rows:
        draft_endings.end(tx, row, "fallen", reason="its author may not post there any more")
    return len(rows)
