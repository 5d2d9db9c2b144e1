"""What doors and the command line call about retention: each call is a use case of this package, in one transaction."""

from __future__ import annotations

import asyncio
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from groupware.followers import Follower
from groupware.retention import classes, dates, erasing, errands, holds, homeserver, looking, watch
from groupware.retention.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.retention.classes import RetentionClass
    from groupware.retention.errands import Pending
    from groupware.retention.holds import LegalHold, What
    from groupware.retention.homeserver import Forgettable
    from groupware.retention.looking import Proof
    from groupware.retention.worker import Done
    from groupware.store import Snapshot, Store


class Retention:
    """For one store. `run` until cancelled fixes dates, and erases what is due."""

    def __init__(self, store: Store, monitor: Monitor, me: str) -> None:
        self._store = store
        self._monitor = monitor
        self._dates = Follower(store, dates.NAME, me, dates.KINDS, dates.follow)
        self._worker = Worker(store, me)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._dates.run())
            tasks.create_task(self._worker.run())

    # ---- security officers

    async def place(self, caller: Caller, kind: What, name: str, reason: str) -> Sequence[int]:
        """See holds.place."""
        return await self._store.run(lambda tx: holds.place(tx, self._monitor, caller, kind, name, reason))

    async def lift(self, caller: Caller, number: int, reason: str) -> None:
        """See holds.lift."""
        await self._store.run(lambda tx: holds.lift(tx, self._monitor, caller, number, reason))

    async def holds(self, caller: Caller) -> Sequence[LegalHold]:
        """See holds.holds."""
        return await self._store.read(lambda snapshot: holds.holds(snapshot, self._monitor, caller))

    async def hold(self, caller: Caller, number: int) -> LegalHold:
        """See holds.one."""
        return await self._store.read(lambda snapshot: holds.one(snapshot, self._monitor, caller, number))

    async def proofs(self, caller: Caller, before: int = looking.LAST) -> Sequence[Proof]:
        """See looking.proofs."""
        return await self._store.read(lambda snapshot: looking.proofs(snapshot, self._monitor, caller, before))

    async def proof(self, caller: Caller, post: int) -> Proof:
        """See looking.proof."""
        return await self._store.read(lambda snapshot: looking.proof(snapshot, self._monitor, caller, post))

    # ---- the operator, who sees numbers and no contents

    async def classes(self) -> Sequence[RetentionClass]:
        """All classes, with how many posts have a date by each."""
        return await self._store.read(classes.classes)

    async def set_class(self, name: str, length: str, *, existing: bool = False) -> int:
        """See classes.set_class; of `existing` posts with a date of this class, how many that got another."""
        await self._dated()
        await self._store.run(lambda tx: classes.set_class(tx, name, length))
        changed, after = 0, 0
        while existing and (found := await self._store.run(partial(classes.count_anew, name=name, after=after))):
            changed, after = changed + len(found), found[-1]
        return changed

    async def due(self) -> Mapping[str, int]:
        """How many posts are due, how many of those a hold keeps, and how many erasures are at which stage."""
        await self._dated()

        def query(snapshot: Snapshot) -> Mapping[str, int]:
            known = watch.read(snapshot)
            due, kept = erasing.numbers(snapshot, snapshot.now)
            doubts = known is not None and known.doubts(snapshot.now)
            return {"due": due, "on-hold": kept, "clock-doubted": int(doubts), **looking.stages(snapshot)}

        return await self._store.read(query)

    async def erase(self, *, trust_clock: bool = False) -> Done:
        """Erase all that is due now, without waiting for the worker. See Worker.now."""
        await self._dated()
        return await self._worker.now(trust=trust_clock)

    async def troubled(self) -> Sequence[Pending]:
        """See errands.troubled."""
        return await self._store.read(errands.troubled)

    async def all_proofs(self) -> AsyncIterator[Proof]:
        """Every erasure, newest first."""
        before = looking.LAST
        while found := await self._store.read(lambda snapshot, before=before: looking.all_proofs(snapshot, before)):  # type: ignore[misc] # a lambda's default
            for each in found:
                yield each
            before = found[-1].post

    async def _dated(self) -> None:
        """Whatever was published so far has its date."""
        while await self._dates.step():
            pass

    # ---- the homeserver

    async def to_forget(self) -> Forgettable:
        """What it has to forget."""
        return await self._store.read(homeserver.due)

    async def forgotten(self, what: Forgettable, left: Mapping[str, str] = MappingProxyType({})) -> None:
        """It has, but for what is `left`, by id, and why."""
        await self._store.run(lambda tx: homeserver.forgotten(tx, what, left))
