"""Secrecy at rest, as the operator and the house see it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from groupware import clock, sealed_periods
from groupware.errors import NotFound, Refused
from groupware.retention import watch
from groupware.sealing.seals import month
from groupware.secrecy import ending
from groupware.secrecy.burying import bury
from groupware.secrecy.sealing_anew import REST, SealingAnew
from groupware.secrecy.turning import Turning, left
from groupware.steadily import steadily

if TYPE_CHECKING:
    from groupware.sealing.keys import KeyFolder, KeyState
    from groupware.store import Snapshot, Store, Tx

BACKUP = "backup-"
LOOK_AGAIN = 60.0
"""Seconds after which it is looked whether another process destroyed a key, or a backup's key is due to go."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Period:
    """A key, by the name of its period."""

    period: str
    state: KeyState


@dataclass(frozen=True, slots=True)
class Status:
    """What is sealed: `clear` contents are not."""

    sealing: bool
    clear: int
    periods: tuple[Period, ...]


class Secrecy:
    """For one store; keys of backups go so many days after their month has ended."""

    def __init__(self, store: Store, days: int = 90) -> None:
        self._store = store
        self._days = days
        self._turning = Turning(store)
        self._sealing_anew = SealingAnew(store)
        self._buried: frozenset[str] = frozenset()
        self._told = False

    @property
    def folder(self) -> KeyFolder:
        """The key folder. Raises Refused without one."""
        if self._store.seals.folder is None:
            raise Refused("no-secrecy", "no key folder is set: see [secrecy] in the settings")
        return self._store.seals.folder

    async def run(self) -> None:
        """Seal what is in clear, withdraw what is gone, until cancelled; a lost key is told of and ends nothing."""
        if self._store.seals.folder is not None:
            await steadily(self._store, "secrecy", self._round)

    async def _round(self) -> bool:
        """Another is taken at once after it."""
        if not self._told:
            await self._tell()
            self._told = True
        await self.tend()
        await asyncio.sleep(LOOK_AGAIN)
        return True

    async def tend(self) -> None:
        """One round of it."""
        self._store.seals.forget()
        await self.bury()
        self.expire(await self._store.read(_counted))
        if await self._store.read(ending.from_ahead):
            await self._store.run(ending.set_right)
        await self.end_spent()
        await self._sealing_anew.all()
        while await self._turning.step():  # noqa: ASYNC110 -- a rest between slices of work
            await asyncio.sleep(REST)

    async def bury(self) -> int:
        """Withdraw the posts whose keys were destroyed, here or where this was backed up; how many those were."""
        gone = self.folder.destroyed()
        if gone == self._buried:
            return 0
        found = await bury(self._store, (name for name in gone if not name.startswith(BACKUP)))
        self._buried = gone
        return found

    def backup_key(self, now: int) -> tuple[str, bytes]:
        """The key of this month's backups, and its name. Raises KeyAway."""
        name = f"{BACKUP}{month(now)}"
        return name, self.folder.make(name)

    def expire(self, counted: int) -> list[str]:
        """Destroy the keys of backups that are kept no longer, and say which.

        Dates count up to `counted` only: a clock that leapt ahead must not end what nothing brings back.
        """
        due = [name for name in self.folder.names() if name.startswith(BACKUP) and self._is_due(name, counted)]
        for name in due:
            self.folder.destroy(name)
            logger.info("key-destroyed: %s", name)
        return due

    async def waiting(self) -> dict[str, int]:
        """Periods whose keys wait for a backup that is begun now or later, and since when: none without backups."""
        return await self._store.read(sealed_periods.emptied) if self._any_backup else {}

    async def end_spent(self) -> list[str]:
        """Destroy the keys of past periods of which nothing is left, and say which. Raises OSError."""
        names = [name for name in self.folder.names() if not name.startswith(BACKUP)]
        backups = self._any_backup
        due = await self._store.read(lambda snapshot: ending.spent(snapshot, names, backups=backups))
        gone = [name for name in due if await self._store.run(partial(ending.end, period=name))]
        for name in gone:
            await self._forget(name)
            logger.info("key-destroyed: %s", name)
        return gone

    async def status(self) -> Status:
        """What is sealed, and what has become of each key."""
        folder = self.folder
        known = await self._store.read(lambda snapshot: sealed_periods.states(snapshot, folder))
        there = {name: folder.state(name) for name in (*folder.names(), *folder.destroyed())}
        periods = tuple(Period(name, state) for name, state in sorted({**there, **dict(known)}.items()))
        return Status(self._store.seals.sealing, await self._store.read(left), periods)

    async def rotate(self) -> int:
        """Wrap all keys by a new master key; how many that were. Raises KeyAway."""
        number = await asyncio.to_thread(self.folder.rotate)
        await self._store.run(lambda tx: ending.on_record(tx, "rotate", "master"))
        return number

    async def destroy(self, period: str) -> int:
        """Destroy the key of a period for good: what lies under it is gone, here and in every backup.

        How many posts were withdrawn by that. It goes on record first. Raises NotFound for a period without a key, and
        Refused(on-hold) while a legal hold keeps a post that lies under it.
        """
        if period not in self.folder.names():
            raise NotFound(period)
        await self._store.run(lambda tx: _destroy(tx, period))
        await self._forget(period)
        return await self.bury()

    @property
    def _any_backup(self) -> bool:
        """Whether there may be one that can be read, and that has anything under a period's key."""
        return self._store.seals.used and any(name.startswith(BACKUP) for name in self.folder.names())

    async def _forget(self, period: str) -> None:
        await asyncio.to_thread(self.folder.destroy, period)
        self._store.seals.forget()

    def _is_due(self, name: str, now: int) -> bool:
        first = datetime.strptime(name.removeprefix(BACKUP), "%Y-%m").replace(tzinfo=UTC)
        ended = (first + timedelta(days=32)).replace(day=1)
        return now >= int((ended + timedelta(days=self._days)).timestamp()) * clock.MICROSECONDS

    async def _tell(self) -> None:
        folder = self.folder
        for fault in await self._store.read(lambda snapshot: list(sealed_periods.faults(snapshot, folder))):
            logger.error("secrecy: %s", fault)


def _counted(snapshot: Snapshot) -> int:
    """Up to when the clock is believed (groupware/retention/watch.py); 0 before it was looked at."""
    known = watch.read(snapshot)
    return 0 if known is None else known.limit(snapshot.now)


def _destroy(tx: Tx, period: str) -> None:
    post = ending.on_hold(tx, period)
    if post:
        raise Refused("on-hold", f"post {post} lies under the key of {period}, and a legal hold keeps it")
    ending.on_record(tx, "destroy", period)
    sealed_periods.end(tx, period)
