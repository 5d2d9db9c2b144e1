"""The work that goes on by itself: what is due is erased, scoured from the database, and looked for.

All that has been done and is still to do stands in rows, so whatever interrupts it, it goes on from there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from groupware import clock, content
from groupware.retention import erasing, verifying, watch
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.retention.seeking import Sought
    from groupware.retention.watch import Watch
    from groupware.store import Snapshot, Store

BEAT = 600.0
"""Seconds after which the clock is taken in again, while nothing is due."""
SCOUR_AFTER = 3600 * clock.MICROSECONDS
"""To write the database anew takes some seconds a gigabyte, during which nothing else is written: once an hour."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one run came to. `doubts`: the clock is too far ahead to be believed yet."""

    erased: int
    verified: int
    doubts: bool


@dataclass(frozen=True, slots=True)
class Round:
    """Posts erased, and dates that were looked at: there may be more as long as there were any."""

    erased: int
    looked: int


@dataclass(frozen=True, slots=True)
class _Todo:
    """What there is to do now."""

    watch: Watch | None
    due: bool
    files: bool
    scour: bool
    verify: bool

    @property
    def any(self) -> bool:
        return self.due or self.files or self.scour or self.verify


class Worker:
    """One process's; `me` names it among others, of which one at a time works."""

    def __init__(self, store: Store, me: str) -> None:
        self._store = store
        self._me = me
        self._beaten = float("-inf")

    async def run(self) -> None:
        """Until cancelled."""
        await steadily(self._store, "retention", self.step)

    async def step(self) -> int:
        """Do what is due now; 0 when that is nothing, or another process does it."""
        todo = await self._store.read(self._look)
        beats = todo.watch is None or clock.monotonic() - self._beaten >= BEAT
        if not beats and not todo.any:
            return 0
        if beats:
            await self.beat()
        if not todo.any or not await self._store.run(lambda tx: watch.lease(tx, self._me)):
            return 0
        return (await self._erase()).looked + await self._finish(scour=todo.scour)

    async def now(self, *, trust: bool = False) -> Done:
        """All that is due, at once, and what it left in the database: for the operator who wants to see it done."""
        known = await self.beat(trust=trust)
        await self._store.run(verifying.again)
        await self._store.run(lambda tx: watch.lease(tx, self._me))
        erased = 0
        while (step := await self._erase()).looked:
            erased += step.erased
        verified = await self._finish(scour=True)
        return Done(erased, verified, known.doubts(clock.now()))

    async def again(self, tokens: Sequence[str]) -> int:
        """See erasing.erase_again; with files, and what it left in the database."""
        erased = 0
        for start in range(0, len(tokens), erasing.AT_ONCE):
            some = tokens[start : start + erasing.AT_ONCE]
            erased += await self._store.run(lambda tx, some=some: erasing.erase_again(tx, self._store.directory, some))  # type: ignore[misc] # a lambda's default
        if erased:
            await self.beat()
            await self._unlink()
            await self._finish(scour=True)
        return erased

    async def beat(self, *, trust: bool = False) -> Watch:
        """Take the clock in."""
        before, self._beaten = self._beaten, clock.monotonic()
        seconds = self._beaten - before if before > 0 else 0.0
        return await self._store.run(partial(watch.beat, seconds=seconds, trust=trust))

    def _look(self, snapshot: Snapshot) -> _Todo:
        known = watch.read(snapshot)
        if known is None:
            return _Todo(None, due=False, files=False, scour=False, verify=False)
        # what came due since the last beat is, unless the clock leapt: the next beat tells
        up_to = snapshot.now if not known.doubts(snapshot.now) else known.counted
        rests = -watch.LEAP <= snapshot.now - known.scoured < SCOUR_AFTER  # much later than now: by a wrong clock
        scour = not rests and verifying.to_scour(snapshot, snapshot.now)
        return _Todo(
            known,
            due=erasing.is_due(snapshot, up_to),
            files=bool(verifying.files(snapshot)),
            scour=scour,
            verify=verifying.to_verify(snapshot),
        )

    async def _erase(self) -> Round:
        """The next posts, and their files; no transaction is long, for others write meanwhile."""
        known, run = await self.beat(), self._store.run
        looked = await run(erasing.let_go) + await run(lambda tx: erasing.keep(tx, known.limit(tx.now)))
        sought = await self._store.read(lambda snapshot: erasing.next_due(snapshot, known.limit(snapshot.now)))
        while await self._store.read(lambda snapshot: sought.go_on(snapshot, self._store.directory)):
            pass
        erased = await self._erase_sought(known, sought)
        await self._unlink()
        return Round(erased, looked + len(sought.about))

    async def _erase_sought(self, known: Watch, sought: Sought) -> int:
        erased, posts, where = 0, list(sought.about), self._store.directory
        for start in range(0, len(posts), erasing.AT_ONCE):
            some = posts[start : start + erasing.AT_ONCE]
            erased += await self._store.run(
                lambda tx, some=some: erasing.erase(tx, where, known.limit(tx.now), sought, some)  # type: ignore[misc] # a lambda's default
            )
        return erased

    async def _unlink(self) -> None:
        while names := await self._store.read(verifying.files):
            why = await asyncio.to_thread(verifying.unlink, self._store.directory / content.FOLDER, names)
            await self._store.run(partial(verifying.unlinked, names=names, why=why))

    async def _finish(self, *, scour: bool) -> int:
        """Scour the database, if it is time; then look at all whose errands are done."""
        if scour:
            began = await self._store.run(lambda tx: tx.now)
            if await self._store.read(lambda snapshot: verifying.to_scour(snapshot, began)):
                await self._store.run(watch.scoured)  # before it, so that a failure isn't tried again at once
                free = await self._store.scour()
                while await self._store.run(lambda tx: verifying.scoured(tx, began, free)):
                    pass
        verified, folder = 0, self._store.directory / content.FOLDER
        while some := await self._store.run(lambda tx: verifying.verify(tx, folder)):
            verified += some
        return verified
