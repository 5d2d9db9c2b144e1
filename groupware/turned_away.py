"""As whom somebody tried to sign in, and couldn't: on record a moment later, once an hour for each official and door.

An answer that waited for it would tell by its time that there is such a name; and names that nobody has are in the
process's log alone, or a guesser could fill the disk.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from groupware import acts
from groupware.errors import IconetError
from groupware.told import Told

if TYPE_CHECKING:
    from groupware.acts import Act
    from groupware.store import Store
    from policies.vocabulary import Door

BEHIND = 1.0
"""Seconds after the first of them at which they are written, together."""
MOST = 10_000
"""That wait while nothing can be written; the oldest go first."""
logger = logging.getLogger(__name__)


class TurnedAway:
    """For one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = Told()
        self._waiting: list[Act] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, official: int, door: Door) -> None:
        """Somebody showed a wrong secret as this official; 0 is nobody."""
        if not official or not self._told.is_new((official, door)):
            return
        self._waiting.append(acts.turned_away(official, door))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._behind())

    async def tell(self) -> None:
        """Put on record what waits."""
        told, self._waiting = self._waiting, []
        if not told:
            return
        try:
            await self._store.run(lambda tx: tx.acts.extend(told))
        except IconetError as error:
            self._waiting = [*told, *self._waiting][-MOST:]
            logger.error("%d wrong sign-ins are not on record yet: %s", len(self._waiting), error)  # noqa: TRY400 -- one line

    async def _behind(self) -> None:
        await asyncio.sleep(BEHIND)
        await self.tell()
