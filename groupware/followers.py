"""Followers: each reads the log behind its own cursor, in an order that skips nothing, and acts once.

A step is one transaction: take or renew the lease, read the next events, act, move the cursor. What the handler writes
through its Tx happens exactly once. What has to leave the house is written as a row here and sent later, at least once,
with the event's id as the key by which the other side drops repeats.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, bindparam, insert, literal, or_, select, update

from groupware import clock, tables
from groupware.errors import IconetError
from groupware.events import Event, EventKind
from groupware.steadily import steadily
from groupware.store import Snapshot, Store, Tx
from groupware.store.dialect import behind, settled_below

Place = tuple[int, int]
Handler = Callable[[Tx, Sequence[Event]], int | None]
SLICE = 200
LEASE = 10.0
logger = logging.getLogger(__name__)

_f, _e = tables.follower.c, tables.event.c
_REGISTERED = select(_f.name).where(_f.name == bindparam("follower"))
_REGISTER = insert(tables.follower)
_LEASE = (
    update(tables.follower)
    .where(_f.name == bindparam("follower"), or_(_f.owner == bindparam("me"), _f.lease_until < bindparam("at")))
    .values(owner=bindparam("me"), lease_until=bindparam("until"))
)
_RELEASE = (
    update(tables.follower)
    .where(_f.name == bindparam("follower"), _f.owner == bindparam("me"))
    .values(owner="", lease_until=0)
)
_MOVE = (
    update(tables.follower)
    .where(_f.name == bindparam("follower"))
    .values(txid=bindparam("to_txid"), event=bindparam("to_event"))
)
_HEAD = select(_e.txid, _e.id).where(_e.txid < settled_below()).order_by(_e.txid.desc(), _e.id.desc()).limit(literal(1))
_PLACE = select(_f.txid, _f.event).where(_f.name == bindparam("follower"))
_BEHIND = behind(_e.txid, _e.id, bindparam("txid", type_=BigInteger), bindparam("event", type_=BigInteger))
_NEXT = (
    select(_e.txid, _e.id, _e.kind, _e.subject, _e.room, _e.at)
    .where(_BEHIND, _e.txid < settled_below(), _e.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(_e.txid, _e.id)
    .limit(bindparam("most"))
)
_OLDEST = (
    select(_e.at)
    .where(_BEHIND, _e.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(_e.txid, _e.id)
    .limit(literal(1))
)


@dataclass(eq=False, slots=True)
class Follower:
    """One copy of a follower: `name` is shared with the other copies, `me` is its own, `lease` is in seconds.

    `gather` is how many seconds it waits for more to come before it acts: for what is better said once of many.
    It hears of the `kinds` that it acts on; what else is in the log is passed over once, and leaves its cursor where
    it is.

    The handler runs within a transaction: quickly, without files or network, asking the monitor again for whom it acts.
    It returns on how many of the events it acted when it leaves the last of them for the next transaction.
    """

    store: Store
    name: str
    me: str
    kinds: tuple[EventKind, ...]
    handler: Handler
    lease: float = LEASE
    gather: float = 0.0
    _seen: Place = field(default=(0, 0), init=False)
    """Up to here nothing is left for it in the log."""

    async def run(self) -> None:
        """Follow until cancelled; then let go of the lease, so that another copy needn't wait for its end."""
        try:
            await steadily(self.store, f"follower {self.name}", self.step)
        finally:
            await asyncio.shield(self._let_go())

    async def step(self) -> int:
        """Act on one slice of events and return their number; 0 as well when another copy has the lease."""
        seen = await self.store.read(self._look)
        if seen is not None:
            self._seen = seen
            return 0
        if self.gather:
            await asyncio.sleep(self.gather)
        return await self.store.run(self._act)

    async def _let_go(self) -> None:
        try:
            await self.store.run(self._release)
        except IconetError as error:
            logger.warning("follower %s keeps its lease: %s", self.name, error)

    def _look(self, snapshot: Snapshot) -> Place | None:
        """None when there is something to do; else the end of the log, behind which there may be something later."""
        if self._next(snapshot, most=1):
            return None
        head = snapshot.first(_HEAD, {})
        return (head.txid, head.id) if head is not None else (0, 0)

    def _act(self, tx: Tx) -> int:
        self._register(tx)
        if not self._take_lease(tx):
            return 0
        events = self._next(tx, SLICE)
        if not events:
            return 0
        done = self.handler(tx, events) or len(events)
        last = events[done - 1]
        tx.change(_MOVE, {"follower": self.name, "to_txid": last.txid, "to_event": last.id})
        return done

    def _next(self, snapshot: Snapshot, most: int) -> list[Event]:
        txid, number = max(_place(snapshot, self.name), self._seen)
        values = {"txid": txid, "event": number, "most": most, "kinds": [kind.value for kind in self.kinds]}
        return [Event(*row) for row in snapshot.connection.execute(_NEXT, values)]

    def _register(self, tx: Tx) -> None:
        """Make the cursor, at the log's beginning, if this is the first step ever."""
        if tx.first(_REGISTERED, {"follower": self.name}) is None:
            tx.connection.execute(_REGISTER, {"name": self.name})

    def _take_lease(self, tx: Tx) -> bool:
        until = tx.now + int(self.lease * clock.MICROSECONDS)
        values = {"follower": self.name, "me": self.me, "at": tx.now, "until": until}
        return tx.change(_LEASE, values) == 1

    def _release(self, tx: Tx) -> None:
        tx.connection.execute(_RELEASE, {"follower": self.name, "me": self.me})


def lag(snapshot: Snapshot, follower: Follower) -> int:
    """The age, in microseconds, of the oldest event that the follower has not acted on; 0 if there is none.

    Events count that wait for an older transaction to end: one held open anywhere in a PostgreSQL cluster stops all
    followers, and only this tells of it.
    """
    txid, number = _place(snapshot, follower.name)
    kinds = [kind.value for kind in follower.kinds]
    oldest = snapshot.connection.scalar(_OLDEST, {"txid": txid, "event": number, "kinds": kinds})
    return 0 if oldest is None else max(0, snapshot.now - oldest)


def _place(snapshot: Snapshot, name: str) -> Place:
    row = snapshot.first(_PLACE, {"follower": name})
    return (row.txid, row.event) if row is not None else (0, 0)
