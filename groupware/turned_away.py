"""As whom somebody tried to sign in, and couldn't: on record a moment later, once an hour for each official and door.

An answer that waited for it, or for whether there is such a name, would tell by its time that there is; and names that
nobody has aren't written down, or a guesser could fill the disk.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from directory import officials
from groupware import acts
from groupware.errors import IconetError
from groupware.told import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.acts import Act
    from groupware.store import Snapshot, Store
    from policies.vocabulary import Door

BEHIND = 1.0
"""Seconds after the first of them at which they are written, together."""
MOST = 10_000
"""That wait to be looked at or, while nothing can be written, to be written."""
logger = logging.getLogger(__name__)


class TurnedAway:
    """For one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = Told()
        self._tried: list[tuple[str, Door]] = []
        self._due: list[Act] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, name: str, door: Door) -> None:
        """Somebody showed a wrong secret under this name; it is as much work for one that nobody has."""
        if len(self._tried) < MOST:
            self._tried.append((name, door))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._behind())

    async def tell(self) -> None:
        """Put on record what waits."""
        tried, self._tried = list(dict.fromkeys(self._tried)), []
        try:
            found = await self._store.read(lambda snapshot: _known(snapshot, tried))
            self._due += [acts.turned_away(*each) for each in found if self._told.is_new(each)]
            await self._write()
        except IconetError as error:
            logger.error("%d wrong sign-ins are not on record yet: %s", len(self._due), error)  # noqa: TRY400 -- one line

    async def _write(self) -> None:
        self._due = self._due[-MOST:]
        due = tuple(self._due)
        if due:
            await self._store.run(lambda tx: tx.acts.extend(due))
            self._due = self._due[len(due) :]

    async def _behind(self) -> None:
        await asyncio.sleep(BEHIND)
        await self.tell()


def _known(snapshot: Snapshot, tried: Sequence[tuple[str, Door]]) -> list[tuple[int, Door]]:
    named = ((officials.by_name(snapshot.connection, name), door) for name, door in tried)
    return [(who.id, door) for who, door in named if who is not None]
