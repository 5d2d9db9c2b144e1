"""Up to when dates count: a clock that is wrong must not erase what isn't due.

Dates count up to `counted`, which follows the clock while it goes on by no more than a day at a time. When the clock
is further ahead than that (somebody set it, or ICONet was off for long), nothing becomes due until it has stayed ahead
for a day of running. It never goes back; while the clock does, nothing becomes due either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, insert, or_, select, update

from groupware import clock
from groupware.retention_tables import retention_watch

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

LEAP = 24 * 3600 * clock.MICROSECONDS
"""By how much the clock may be ahead without a doubt: dates are never taken earlier than that by a wrong clock."""
QUARANTINE = 24 * 3600.0
"""Seconds of running for which a clock that is further ahead has to stay so."""
LEASE = 300 * clock.MICROSECONDS
_w = retention_watch.c
_READ = select(_w.counted, _w.stayed, _w.scoured).where(_w.id == 1)
_FIRST = insert(retention_watch)
_KEEP = (
    update(retention_watch)
    .where(_w.id == 1)
    .values(counted=bindparam("to", type_=BigInteger), stayed=bindparam("for_"))
)
_SCOURED = update(retention_watch).where(_w.id == 1).values(scoured=bindparam("at"))
_LEASE = (
    update(retention_watch)
    .where(
        _w.id == 1,
        or_(
            _w.owner == bindparam("me"),
            _w.lease_until < bindparam("at"),
            _w.lease_until > bindparam("beyond"),
        ),
    )
    .values(owner=bindparam("me"), lease_until=bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of time: up to when dates count, how long the clock has stayed ahead, the last scouring."""

    counted: int
    stayed: float
    scoured: int

    def limit(self, now: int) -> int:
        """What is due up to here may be erased."""
        return min(now, self.counted)

    def doubts(self, now: int) -> bool:
        """Whether the clock is too far ahead to be believed yet."""
        return now > self.counted + LEAP

    def after(self, now: int, seconds: float) -> Watch:
        """What is known when the clock says `now`, and ICONet has run for some seconds since the last look."""
        if not self.doubts(now):
            return Watch(max(self.counted, now), 0.0, self.scoured)
        stayed = self.stayed + seconds
        return Watch(now, 0.0, self.scoured) if stayed >= QUARANTINE else Watch(self.counted, stayed, self.scoured)


def read(snapshot: Snapshot) -> Watch | None:
    """What is known; None before the first beat."""
    row = snapshot.connection.execute(_READ).first()
    return None if row is None else Watch(*row)


def beat(tx: Tx, seconds: float, *, trust: bool = False) -> Watch:
    """Take the clock in. With `trust` somebody has looked at it, and says that it is right."""
    known = read(tx)
    if known is None:
        tx.connection.execute(_FIRST, {"id": 1, "counted": tx.now})
        return Watch(tx.now, 0.0, 0)
    new = Watch(tx.now, 0.0, known.scoured) if trust else known.after(tx.now, seconds)
    tx.connection.execute(_KEEP, {"to": new.counted, "for_": new.stayed})
    return new


def lease(tx: Tx, me: str) -> bool:
    """Take or renew the lease: one process at a time erases. One of days was taken by a wrong clock."""
    values = {"me": me, "at": tx.now, "until": tx.now + LEASE, "beyond": tx.now + LEAP}
    return tx.connection.execute(_LEASE, values).rowcount == 1


def scoured(tx: Tx) -> None:
    """The database is about to be scoured."""
    tx.connection.execute(_SCOURED, {"at": tx.now})
