"""What nobody confirms lapses, after those who may were reminded once; an ask ends with its asker.

What is due follows from the rows, so nothing is forgotten over a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, func, or_, select, update

from groupware.drafting.lapsing import AT_ONCE, REMINDED_BEFORE
from groupware.mark_endings import end
from groupware.marking_tables import loosening
from groupware.marks.loosening import ASKS
from groupware.marks.telling import remind

if TYPE_CHECKING:
    from groupware.marks.telling import House
    from groupware.store import Snapshot, Tx

_l = loosening.c
_now = bindparam("now", type_=BigInteger)
_WAITING = ASKS.where(_l.word == "")
_remind_at = _l.until - REMINDED_BEFORE
_DUE = _WAITING.where(or_(_l.until <= _now, (_l.reminded == 0) & (_remind_at <= _now))).limit(AT_ONCE)
_LAPSES = select(func.min(_l.until)).where(_l.word == "")
_REMINDS = select(func.min(_remind_at)).where(_l.word == "", _l.reminded == 0)
_REMINDED = update(loosening).where(_l.id == bindparam("this")).values(reminded=bindparam("at_"))
_OF = _WAITING.where(_l.asker == bindparam("official"))


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
            end(tx, row, "lapsed")
        else:
            tx.connection.execute(_REMINDED, {"this": row.id, "at_": tx.now})
            remind(tx, house, row)
    return len(due)


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they have asked for ends; how much that was."""
    rows = tx.connection.execute(_OF, {"official": official}).all()
    for row in rows:
        end(tx, row, "fallen")
    return len(rows)
