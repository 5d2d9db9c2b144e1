"""The log of who did what: kept, shown to be whole, and shown to those who may see it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from groupware.audit import item, looking, note, subject
from groupware.audit.keeping import Keeping, given_away
from groupware.audit.keys import signing_key
from groupware.audit.sealing import Sealing
from groupware.audit.verifying import own, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path
    from typing import Any

    from groupware.audit.item import Item
    from groupware.audit.looking import Lines, Wanted
    from groupware.audit.note import Checkpoint
    from groupware.audit.verifying import Verified
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Store

CHECKPOINTS = "checkpoints"


class Audit:
    """For one store. Checkpoints go to `outside`, a folder; without one, to the store's own directory.

    They say what `more` gives at that moment, too (note.Checkpoint).
    """

    def __init__(
        self, store: Store, monitor: Monitor, domain: str, outside: Path | None, more: Callable[[], tuple[str, ...]]
    ) -> None:
        self._store, self._monitor = store, monitor
        self._origin = f"{domain}/audit"
        self._key = signing_key(store.directory)
        self._outside = outside or store.directory / CHECKPOINTS
        self._keeping = Keeping(store, Sealing(self._origin, self._key), self._outside, more)

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
        named = [(f"checkpoint {place} of those given", text) for place, text in enumerate(kept, 1)]
        return await verify(self._store, self._origin, self._key.public_key(), [*given_away(self._outside), *named])

    def outside(self) -> list[Checkpoint]:
        """The checkpoints of this log in the folder; what is none is passed over. Raises OSError."""
        found = []
        for name, text in given_away(self._outside):
            with suppress(note.BadNoteError):
                found.append(own(name, text, self._origin, self._key.public_key()))
        return found

    # ---- for security officers

    async def reads(self, caller: Caller) -> bool:
        """See looking.reads."""
        return await self._store.read(lambda snapshot: looking.reads(snapshot, self._monitor, caller))

    async def lines(self, caller: Caller, wanted: Wanted) -> Lines:
        """See looking.lines."""
        return await self._store.read(lambda snapshot: looking.lines(snapshot, self._monitor, caller, wanted))

    async def item(self, caller: Caller, number: int) -> Item:
        """See item.item."""
        return await self._store.read(lambda snapshot: item.item(snapshot, self._monitor, caller, number))

    # ---- for whom it is about

    async def about(self, official: int) -> AsyncIterator[dict[str, Any]]:
        """All records that name them, oldest first; for themselves, or for the operator who answers their request."""
        after = 0
        while found := await self._store.read(lambda snapshot, after=after: subject.about(snapshot, official, after)):  # type: ignore[misc] # a lambda's default
            for record in found:
                yield record
            after = found[-1]["id"]

    async def forget(self, official: int) -> bool:
        """See subject.forget."""
        return await self._store.run(lambda tx: subject.forget(tx, official))
