"""No answer means no: an ask lapses at its time, after its delegates were reminded once. An ask ends with its asker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from groupware.deadlines import Deadlines
from groupware.release_tables import release
from groupware.releases import rows
from groupware.releases.rows import Ending, of_row
from groupware.releases.withdrawing import stopped
from groupware.releases.words import State

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.store import Tx

_r = release.c
_OPEN_OF = rows.RELEASES.where(
    _r.asker == bindparam("of"), _r.state.in_([State.ASKED, State.AGREED, State.PACKED])
).order_by(_r.id)
DEADLINES = Deadlines(rows.RELEASES, _r.id, (_r.asked, _r.answer_by), _r.state == State.ASKED, release)


def lapse(tx: Tx, row: Row[Any]) -> None:
    """It doesn't leave."""
    rows.end(tx, of_row(row), Ending(State.LAPSED, "no-answer-means-no"))


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they have asked for and hasn't left ends; how much that was."""
    ended = 0
    for row in tx.connection.execute(_OPEN_OF, {"of": official}).all():
        known = of_row(row)
        if known.state is not State.PACKED or stopped(tx, known.id, "its asker has left"):
            rows.end(tx, known, Ending(State.LAPSED, "asker-has-left"))
            ended += 1
    return ended
