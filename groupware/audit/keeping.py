"""Keeps the log: seals what was committed, some moments later, and gives checkpoints away to the outside.

A checkpoint is a file in a folder that can be another machine's, and a line of the process's own log: whoever rewrites
the database would have to rewrite those, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING

from groupware import clock
from groupware.audit.note import parse
from groupware.errors import IconetError
from groupware.installation import write_private
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from groupware.audit.sealing import Sealing
    from groupware.store import Store

SEAL_EVERY, CHECK_EVERY = 1.0, 300.0
"""Seconds between looks at what there is to seal, and between checkpoints."""
SUFFIX = ".note"
logger = logging.getLogger(__name__)


class Keeping:
    """For as long as the process runs; at its end all is sealed, and a checkpoint says so, and what `more` gives."""

    def __init__(self, store: Store, sealing: Sealing, outside: Path, more: Callable[[], tuple[str, ...]]) -> None:
        self._store, self._sealing, self._outside, self._more = store, sealing, outside, more
        self._checked = -CHECK_EVERY

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await steadily(self._store, "the keeping of the audit log", self._step)
        finally:
            await asyncio.shield(self._end())

    async def seal(self) -> None:
        """Take in all that was committed."""
        while await self._store.read(self._sealing.behind):
            await self._store.run(self._sealing.seal)

    async def check(self) -> None:
        """Give a checkpoint away, if the log has grown since the last one."""
        note = await self._store.run(partial(self._sealing.check, more=self._more()))
        if note is not None:
            await asyncio.to_thread(_give_away, self._outside, note)
            logger.info("checkpoint", extra={"note": note})
        self._checked = clock.monotonic()

    async def _step(self) -> bool:
        await asyncio.sleep(SEAL_EVERY)
        await self.seal()
        if clock.monotonic() - self._checked >= CHECK_EVERY:
            await self.check()
        return True

    async def _end(self) -> None:
        try:
            await self.seal()
            await self.check()
        except IconetError as error:
            logger.warning("the audit log is sealed at the next start: %s", error)


def given_away(outside: Path) -> Iterator[tuple[str, str]]:
    """The names and texts of the checkpoints that lie there."""
    for path in sorted(outside.glob(f"*{SUFFIX}")):
        yield path.name, path.read_text("utf-8", "replace")


def _give_away(outside: Path, note: str) -> None:
    """Of one size there may be two, after a restore: the one of what was lost stays."""
    outside.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = outside / f"{parse(note).size:020d}{SUFFIX}"
    if path.exists() and path.read_bytes() != note.encode():
        path = path.with_stem(f"{path.stem}-{hashlib.sha256(note.encode()).hexdigest()[:16]}")
    write_private(path, note.encode())
