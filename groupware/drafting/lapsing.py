"""A draft that nobody decides lapses, after its colleagues were reminded once; one whose author lost the right falls.

What is due follows from the rows, so nothing is forgotten over a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select, update

from groupware import clock, draft_endings, tables
from groupware.draft_tables import draft
from groupware.drafting import asking, deciding
from groupware.drafting.rows import DRAFTS

if TYPE_CHECKING:
    from groupware.drafting.asking import House
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

REMINDED_BEFORE = 2 * 24 * 3600 * clock.MICROSECONDS
AT_ONCE = 50
_d, _post = draft.c, tables.post.c
_WAITS = and_(_d.word == "", _post.state == "draft")
_unreminded = and_(_WAITS, _d.reminded == 0)
_remind_at = _d.until - REMINDED_BEFORE
_now = bindparam("now", type_=BigInteger)
_WAITING = DRAFTS.where(_WAITS)
_DUE = _WAITING.where(or_(_d.until <= _now, and_(_unreminded, _remind_at <= _now))).limit(AT_ONCE)
_LAPSES = select(func.min(_d.until)).join(tables.post, _post.id == _d.post).where(_WAITS)
_REMINDS = select(func.min(_remind_at)).join(tables.post, _post.id == _d.post).where(_unreminded)
_REMINDED = update(draft).where(_d.post == bindparam("this")).values(reminded=bindparam("at_"))
_OF = _WAITING.where(or_(_post.author == bindparam("official"), _post.sender == bindparam("official")))


def next_due(snapshot: Snapshot) -> int | None:
    """In how many microseconds something is to be done, 0 or less for now; None while nothing waits."""
    moments = [snapshot.connection.execute(each).scalar() for each in (_LAPSES, _REMINDS)]
    due = [int(moment) for moment in moments if moment is not None]
    return min(due) - snapshot.now if due else None


def tend(tx: Tx, house: House) -> int:
    """Let lapse and remind of what is due; how many there were."""
    due = tx.connection.execute(_DUE, {"now": tx.now}).all()
    for row in due:
        if row.until <= tx.now:
            draft_endings.end(tx, row, "lapsed", reason="no colleague decided in time")
        else:
            tx.connection.execute(_REMINDED, {"this": row.id, "at_": tx.now})
            asking.ask(tx, house, row, "Your authorisation is still asked")
    return len(due)


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
