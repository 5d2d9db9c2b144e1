"""The log of who did what: kept, shown to be whole, and shown to those who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.audit import note
from groupware.audit.keeping import Keeping, given_away
from groupware.audit.keys import signing_key
from groupware.audit.sealing import Sealing
from groupware.audit.verifying import verify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.audit.verifying import Verified
    from groupware.store import Store

CHECKPOINTS = "checkpoints"


class Audit:
    """For one store. Checkpoints go to `outside`, a folder; without one, to the store's own directory."""

    def __init__(self, store: Store, domain: str, outside: Path | None = None) -> None:
        self._store = store
        self._origin = f"{domain}/audit"
        self._key = signing_key(store.directory)
        self._outside = outside or store.directory / CHECKPOINTS
        self._keeping = Keeping(store, Sealing(self._origin, self._key), self._outside)

    async def run(self) -> None:
        """Keep the log, until cancelled."""
        await self._keeping.run()

    async def seal(self) -> None:
        """Take in what was committed, and sign what the log has become."""
        await self._keeping.seal()
        await self._keeping.check()

    @property
    def key(self) -> str:
        """By which anybody checks the log's checkpoints (signed-note)."""
        return note.public_text(self._origin, self._key.public_key())

    async def verify(self, kept: Sequence[str] = ()) -> Verified:
        """Go through the whole log; `kept` are checkpoints from elsewhere, beside those in the folder.

        Raises note.BadNoteError for one that this log never signed.
        """
        lying = [text for _, text in given_away(self._outside)]
        return await verify(self._store, self._origin, self._key.public_key(), [*lying, *kept])
