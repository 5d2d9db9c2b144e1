"""What waits for others' word lapses at a date, after those who may say it were reminded once, two days before.

What is due follows from the rows, so nothing is forgotten over a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Row, and_, bindparam, case, func, select, update

from groupware import clock
from groupware.store import Tx

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, FromClause, Select

    from groupware.store import Snapshot, Store

REMINDED_BEFORE = 2 * 24 * 3600 * clock.MICROSECONDS
AT_ONCE = 50
Act = Callable[[Tx, Row[Any]], None]
"""What is done about one of them."""


class Deadlines:
    """Of the `rows` for which `waits` holds. `joined` is their own table, with what that takes besides.

    They are `asked` and lapse at two columns of that table (microseconds), which has `reminded`; `key` is the one that
    their `id` is of. What was asked less than two days before it lapses isn't reminded of.
    """

    def __init__(
        self,
        rows: Select[Any],
        key: Column[int],
        dates: tuple[Column[int], Column[int]],
        waits: ColumnElement[bool],
        joined: FromClause,
    ) -> None:
        asked, until = dates
        remind_at, own = until - REMINDED_BEFORE, key.table
        moment = case((and_(own.c.reminded == 0, asked < remind_at), remind_at), else_=until)
        self._until = until.name
        self._next = select(func.min(moment)).select_from(joined).where(waits)
        due = rows.where(waits, moment <= bindparam("now", type_=BigInteger))
        self._due = due.order_by(None).order_by(until).limit(AT_ONCE)
        self._reminded = update(own).where(key == bindparam("this")).values(reminded=bindparam("at_"))

    def next_due(self, snapshot: Snapshot) -> int | None:
        """In how many microseconds something is to be done, 0 or less for now; None while nothing waits."""
        moment = snapshot.connection.scalar(self._next)
        return None if moment is None else int(moment) - snapshot.now

    async def tend(self, store: Store, lapse: Act, remind: Act) -> int:
        """Let lapse and remind of what is due now; how many there were."""
        ahead = await store.read(self.next_due)
        if ahead is None or ahead > 0:
            return 0
        return await store.run(lambda tx: self._tend(tx, lapse, remind))

    def _tend(self, tx: Tx, lapse: Act, remind: Act) -> int:
        due = tx.connection.execute(self._due, {"now": tx.now}).all()
        for row in due:
            if getattr(row, self._until) <= tx.now:
                lapse(tx, row)
            else:
                tx.connection.execute(self._reminded, {"this": row.id, "at_": tx.now})
                remind(tx, row)
        return len(due)
