"""What nobody confirms lapses, and what was broken is over when its time has passed: by what the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, func, or_, select

from groupware.glass.asking import close
from groupware.glass.rows import GLASSES, State, of_row
from groupware.glass_tables import glass

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

AT_ONCE = 50
_g = glass.c
_RUNS = _g.state.in_([State.ASKED, State.BROKEN])
_NEXT = select(func.min(_g.valid_until)).where(_RUNS)
_DUE = (
    GLASSES.where(_RUNS, _g.valid_until <= bindparam("now", type_=BigInteger)).order_by(_g.valid_until).limit(AT_ONCE)
)
_OF = GLASSES.where(
    _RUNS, or_(_g.asker == bindparam("of"), (_g.confirmer == bindparam("of")) & (_g.state == State.BROKEN))
).order_by(_g.id)


def next_due(snapshot: Snapshot) -> int | None:
    """In how many microseconds something ends, 0 or less for now; None while nothing runs."""
    found = snapshot.connection.scalar(_NEXT)
    return None if found is None else int(found) - snapshot.now


def tend(tx: Tx) -> int:
    """End what is due; how much that was."""
    due = [of_row(row) for row in tx.connection.execute(_DUE, {"now": tx.now})]
    for known in due:
        close(tx, known, State.OVER if known.state is State.BROKEN else State.LAPSED)
    return len(due)


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they asked for ends, and what they confirmed; how much that was."""
    found = [of_row(row) for row in tx.connection.execute(_OF, {"of": official})]
    for known in found:
        close(tx, known, State.ENDED)
    return len(found)
