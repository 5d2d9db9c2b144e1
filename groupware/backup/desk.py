"""Backups of one store, as the operator asks for them."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

from groupware import clock
from groupware.acts import Act, Happening
from groupware.audit.keys import signing_key
from groupware.backup import manifest, taking, told
from groupware.backup.again import again
from groupware.backup.manifest import BadBackupError
from groupware.backup.owned import owned
from groupware.backup.rebuilding import rebuild
from groupware.backup.since import Since
from groupware.backup.taking import Plan, Sealing, Wanted
from groupware.secrecy import ending
from groupware.secrecy.turning import left

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from groupware.audit.note import Checkpoint
    from groupware.backup.again import Done
    from groupware.backup.manifest import Manifest
    from groupware.backup.told import Reader
    from groupware.secrecy.desk import Secrecy
    from groupware.store import Store, Tx


class Backups:
    """For one store. `still` is the bridge's, while there is one: held, nothing passes between it and Matrix."""

    def __init__(self, store: Store, domain: str, secrecy: Secrecy) -> None:
        self._store, self._domain, self._secrecy = store, domain, secrecy
        self._since: Since | None = None
        self.still: Callable[[], AbstractAsyncContextManager[object]] = nullcontext

    async def take(self, target: Path, wanted: Wanted) -> AsyncIterator[str]:
        """See taking.take; the operator's act goes on record. Raises BadBackupError, OSError and KeyAway."""
        data = self._store.directory.resolve()
        plan = Plan(data, self._domain, wanted, self.still, await self._sealing())
        waiting = await self._secrecy.waiting()
        async for line in taking.take(plan, target):
            yield line
        done = await asyncio.to_thread(manifest.read, target)
        act = Act(Happening.CHANGED, 0, "", "take", "backup", done.identity, (), done.facts())
        await self._store.run(lambda tx: _done(tx, act, waiting))

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
        self._since = Since(self._store, path, self._domain, self._key)
        await self._since.run()

    def head(self) -> tuple[str, ...]:
        """The last line of what is remembered, for the log's checkpoints; nothing while nothing is."""
        return self._since.file.head if self._since is not None else ()

    @property
    def _key(self) -> Ed25519PrivateKey:
        return signing_key(self._store.directory)

    def told(self, octets: bytes, outside: Sequence[Checkpoint]) -> Reader:
        """What the file with these octets says of this network, as far as it and these checkpoints can be believed."""
        reader = told.Reader(self._domain, self._key.public_key())
        reader.feed(octets)
        reader.compare(outside)
        return reader

    async def again(self, backup: Manifest, since: Reader, outside: Sequence[Checkpoint]) -> Done:
        """See again.again."""
        return await again(self._store, backup, since, outside)

    async def rebuild(self) -> tuple[int, int]:
        """After a restore: how many subjects were read again, and how many posts are gone with their keys."""
        subjects = await rebuild(self._store)
        gone = await self._secrecy.bury() if self._store.seals.used else 0
        return subjects, gone


def _done(tx: Tx, act: Act, waiting: Mapping[str, int]) -> None:
    """What was sealed anew, or opened, before the backup began is in it: keys under which it had lain may go."""
    tx.acts.append(act)
    ending.covered(tx, waiting)
