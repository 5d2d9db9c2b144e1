"""Which state a book is in, remembered as long as nothing can have changed it: clients ask every few minutes.

A mark rests on the version of the rights, which every change of the directory raises, and on the next moment at which
a date of somebody's office or duty passes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from directory.tables import FOREVER, official, role_grant
from groupware.cards import books

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

MOST = 20_000
_DATES = (official.c.valid_from, official.c.valid_until, role_grant.c.valid_from, role_grant.c.valid_until)
_NEXT = select(
    *(
        select(func.min(date)).where(date > bindparam("now")).scalar_subquery().label(f"d{n}")
        for n, date in enumerate(_DATES)
    )
)

Key = tuple[str, str]
"""What is asked (`books.question`), and the name of the book."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a mark rests on: nothing changes before `until` while the version stays."""

    key: Key
    version: int
    until: int


@dataclass(slots=True)
class Marks:
    """The states of books, by the moment at which they were looked at."""

    _known: dict[Key, tuple[Moment, str]] = field(default_factory=dict)

    def find(self, snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> str | None:
        """The name of the state that the book is in, if nothing has changed since it was kept."""
        stamp = monitor.stamp(snapshot, caller)
        found = self._known.get((books.question(snapshot, monitor, caller), name))
        if found is None or found[0].version != stamp.version or snapshot.now >= found[0].until:
            return None
        return found[1]

    def keep(self, moment: Moment, state: str) -> None:
        """Remember it."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[moment.key] = moment, state


def moment(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> Moment:
    """What a look at this book in this transaction rests on."""
    stamp = monitor.stamp(snapshot, caller)
    dates = snapshot.connection.execute(_NEXT, {"now": snapshot.now}).one()
    until = min([stamp.until, FOREVER, *(date for date in dates if date is not None)])
    return Moment((books.question(snapshot, monitor, caller), name), stamp.version, until)
