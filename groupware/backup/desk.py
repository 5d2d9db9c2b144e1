"""Backups of one store, as the operator asks for them."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

from groupware import clock, sealed_periods
from groupware.acts import Act, Happening
from groupware.backup import manifest, taking
from groupware.backup.again import again
from groupware.backup.manifest import BadBackupError
from groupware.backup.owned import owned
from groupware.backup.rebuilding import rebuild
from groupware.backup.since import Since
from groupware.backup.taking import Plan, Sealing, Wanted
from groupware.secrecy.turning import left

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from groupware.backup.again import Done
    from groupware.backup.manifest import Manifest
    from groupware.backup.since import Line
    from groupware.secrecy.desk import Secrecy
    from groupware.store import Store, Tx


class Backups:
    """For one store. `still` is the bridge's, while there is one: held, nothing passes between it and Matrix."""

    def __init__(self, store: Store, domain: str, secrecy: Secrecy) -> None:
        self._store, self._domain, self._secrecy = store, domain, secrecy
        self.still: Callable[[], AbstractAsyncContextManager[object]] = nullcontext

    async def take(self, target: Path, wanted: Wanted) -> AsyncIterator[str]:
        """See taking.take; the operator's act goes on record. Raises BadBackupError, OSError and KeyAway."""
        data = self._store.directory.resolve()
        emptied = await self._store.read(sealed_periods.emptied) if self._store.seals.sealing else {}
        plan = Plan(data, self._domain, wanted, self.still, await self._sealing())
        async for line in taking.take(plan, target):
            yield line
        done = await asyncio.to_thread(manifest.read, target)
        act = Act(Happening.CHANGED, 0, "", "take", "backup", done.identity, (), done.facts())
        await self._store.run(lambda tx: _done(tx, act, emptied))

    async def _sealing(self) -> Sealing | None:
        """None where nothing is kept secret. Raises BadBackupError and KeyAway."""
        if not self._store.seals.sealing:
            return None
        number = await self._store.read(left, survey=True)
        if number:
            raise BadBackupError(f"{number} contents are still in clear; wait until they are sealed")
        folder = self._secrecy.folder
        return Sealing(*self._secrecy.backup_key(clock.now()), self._store.seals, lambda: owned(self._store, folder))

    def clear(self) -> None:
        """See taking.clear."""
        taking.clear(self._store.directory.resolve())

    async def remember(self, path: Path) -> None:
        """See Since.run."""
        await Since(self._store, path, self._domain).run()

    async def again(self, backup: Manifest, lines: Sequence[Line]) -> Done:
        """See again.again; `lines` are what since.Since wrote down."""
        return await again(self._store, backup, lines)

    async def rebuild(self) -> tuple[int, int]:
        """After a restore: how many subjects were read again, and how many posts are gone with their keys."""
        subjects = await rebuild(self._store)
        gone = await self._secrecy.bury() if self._store.seals.used else 0
        return subjects, gone


def _done(tx: Tx, act: Act, emptied: Mapping[str, int]) -> None:
    """What was sealed anew before the backup began is in it: keys under which it had lain may go."""
    tx.acts.append(act)
    sealed_periods.covered(tx, emptied)
