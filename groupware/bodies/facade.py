"""The keeping of bodies as doors call it: each call is one transaction, and asks the monitor in it.

`by` is who acts; None is the operator on the command line, who is put on record as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.bodies import keeping, looking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.histories import Line
    from groupware.bodies.looking import BodyLine
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Store


class Bodies:
    """For one store. What a caller doesn't govern is NotFound or Forbidden, told alike at every door."""

    def __init__(self, store: Store, monitor: Monitor) -> None:
        self._store = store
        self._monitor = monitor

    async def governed(self, by: Caller | None) -> Sequence[BodyLine]:
        """See looking.governed."""
        return await self._store.read(lambda s: looking.governed(s, self._monitor, by))

    async def one(self, by: Caller | None, code: str) -> tuple[BodyLine, Sequence[Line]]:
        """See looking.one."""
        return await self._store.read(lambda s: looking.one(s, self._monitor, by, code))

    async def add(self, by: Caller | None, code: str, name: str, kind: str, authority: str = "") -> int:
        """See keeping.add."""
        return await self._store.run(lambda tx: keeping.add(tx, self._monitor, by, code, name, kind, authority))

    async def rename(self, by: Caller | None, code: str, name: str, seen: int | None = None) -> int:
        """See keeping.rename."""
        return await self._store.run(lambda tx: keeping.rename(tx, self._monitor, by, code, name, seen))

    async def put_under(self, code: str, authority: str) -> None:
        """See keeping.put_under."""
        await self._store.run(lambda tx: keeping.put_under(tx, code, authority))

    async def suspend(self, by: Caller | None, code: str, seen: int | None = None) -> int:
        """See keeping.suspend."""
        return await self._store.run(lambda tx: keeping.suspend(tx, self._monitor, by, code, seen, suspended=True))

    async def resume(self, by: Caller | None, code: str, seen: int | None = None) -> int:
        """Let them in again; as `suspend`."""
        return await self._store.run(lambda tx: keeping.suspend(tx, self._monitor, by, code, seen, suspended=False))
