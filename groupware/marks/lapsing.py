"""A looser marking that nobody confirms lapses, after those who may were reminded once; an ask ends with its asker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from groupware.deadlines import Deadlines
from groupware.mark_endings import end
from groupware.marking_tables import loosening
from groupware.marks.loosening import ASKS

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.store import Tx

_l = loosening.c
_WAITS = _l.word == ""
_OF = ASKS.where(_WAITS, _l.asker == bindparam("official"))
DEADLINES = Deadlines(ASKS, _l.id, (_l.at, _l.until), _WAITS, loosening)


def lapse(tx: Tx, row: Row[Any]) -> None:
    """The marking stays."""
    end(tx, row, "lapsed")


def end_of(tx: Tx, official: int) -> int:
    """Somebody leaves: what they have asked for ends; how much that was."""
    rows = tx.connection.execute(_OF, {"official": official}).all()
    for row in rows:
        end(tx, row, "fallen")
    return len(rows)
