"""No answer means no: an ask lapses at its time, after its delegates were reminded once. An ask ends with its asker.

What is due follows from the rows, so nothing is forgotten over a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select, update

from groupware.release_tables import release
from groupware.releases import rows, telling
from groupware.releases.rows import Ending, of_row
from groupware.releases.withdrawing import stopped
from groupware.releases.words import DAY, State

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

REMINDED_BEFORE = 2 * DAY
AT_ONCE = 50
_r = release.c
_remind_at = _r.answer_by - REMINDED_BEFORE
_WAITS = _r.state == State.ASKED
_unreminded = and_(_WAITS, _r.reminded == 0, _r.asked < _remind_at)
_now = bindparam("now", type_=BigInteger)
_DUE = (
    rows.RELEASES.where(_WAITS, or_(_r.answer_by <= _now, and_(_unreminded, _remind_at <= _now)))
    .order_by(_r.answer_by)
    .limit(AT_ONCE)
)
_LAPSES = select(func.min(_r.answer_by)).where(_WAITS)
_REMINDS = select(func.min(_remind_at)).where(_unreminded)
_REMINDED = update(release).where(_r.id == bindparam("this")).values(reminded=bindparam("at"))
_OPEN_OF = rows.RELEASES.where(
    _r.asker == bindparam("of"), _r.state.in_([State.ASKED, State.AGREED, State.PACKED])
).order_by(_r.id)


def next_due(snapshot: Snapshot) -> int | None:
    """In how many microseconds something is to be done, 0 or less for now; None while nothing waits."""
    moments = [snapshot.connection.execute(each).scalar() for each in (_LAPSES, _REMINDS)]
    due = [int(moment) for moment in moments if moment is not None]
    return min(due) - snapshot.now if due else None


def tend(tx: Tx, monitor: Monitor, domain: str) -> int:
    """Let lapse and remind of what is due; how many there were."""
    due = [of_row(row) for row in tx.connection.execute(_DUE, {"now": tx.now})]
    for known in due:
        if known.answer_by <= tx.now:
            rows.end(tx, known, Ending(State.LAPSED, "no-answer-means-no"))
        else:
            tx.connection.execute(_REMINDED, {"this": known.id, "at": tx.now})
            telling.remind(tx, monitor, domain, known)
    return len(due)


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they have asked for and hasn't left ends; how much that was."""
    ended = 0
    for row in tx.connection.execute(_OPEN_OF, {"of": official}).all():
        known = of_row(row)
        if known.state is not State.PACKED or stopped(tx, known.id, "its asker has left"):
            rows.end(tx, known, Ending(State.LAPSED, "asker-has-left"))
            ended += 1
    return ended
