"""Acknowledgements as doors call them: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import to_acknowledge
from groupware.acknowledging import looking, mail, saying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.acknowledging.looking import Awaiting, Ledger
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.posting import Submission
    from groupware.store import Store


class Acknowledging:
    """For one store."""

    def __init__(self, store: Store, monitor: Monitor) -> None:
        self._store = store
        self._monitor = monitor

    async def acknowledge(self, caller: Caller, name: str) -> int:
        """See saying.acknowledge: by a post's token or Message-ID."""
        return await self._store.run(lambda tx: saying.acknowledge(tx, self._monitor, caller, name))

    async def take(self, what: Submission) -> None:
        """See mail.take."""
        await self._store.run(lambda tx: mail.take(tx, self._monitor, what))

    async def ledger(self, caller: Caller, name: str) -> Ledger:
        """See looking.ledger."""
        return await self._store.read(lambda snapshot: looking.ledger(snapshot, self._monitor, caller, name))

    async def awaiting(self, caller: Caller) -> Sequence[Awaiting]:
        """See looking.awaiting."""
        return await self._store.read(lambda snapshot: looking.awaiting(snapshot, self._monitor, caller))

    async def count(self, caller: Caller) -> int:
        """See to_acknowledge.count."""
        return await self._store.read(lambda snapshot: to_acknowledge.count(snapshot, self._monitor, caller))
