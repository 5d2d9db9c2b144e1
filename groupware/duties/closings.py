"""The report of an off-boarding: when each door had nothing open any more of who left.

A door says that it is there by `door`; what keeps its sessions in groupware.live needs to say no more, anything else
gives a closer. Other processes on the same store are asked through `elsewhere`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware import clock

if TYPE_CHECKING:
    from groupware.live import Live

PATIENCE = 10.0
"""Seconds in which a door must have said so."""
SILENT = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """Who left, and when (microseconds)."""

    official: int
    login: str
    at: int


@dataclass(frozen=True, slots=True)
class Closing:
    """A door had so many sessions of who left, and none from `at` on (microseconds; SILENT: it didn't say so)."""

    door: str
    sessions: int
    at: int


Closer = Callable[[Gone], Awaitable[tuple[int, int]]]
"""Waits until nothing is open any more: how many sessions there were, and when the last ended (microseconds)."""
Elsewhere = Callable[[Gone], Awaitable[Sequence[Closing]]]


async def nobodys(gone: Gone) -> tuple[int, int]:
    """A closer for a door at which no official signs in, only a body's own machine: who left had nothing open."""
    return 0, gone.at


class Closings:
    """The doors of this process, and how to ask those of others."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._doors: dict[str, Closer] = {}
        self._elsewhere: list[Elsewhere] = []

    def door(self, name: str, closer: Closer | None = None) -> None:
        """There is a door of this name; without a closer its sessions are those in groupware.live."""
        self._doors[name] = closer or self._of_live(name)

    @property
    def names(self) -> frozenset[str]:
        """The doors of this process."""
        return frozenset(self._doors)

    def elsewhere(self, ask: Elsewhere) -> None:
        """There may be other processes."""
        self._elsewhere.append(ask)

    async def here(self, gone: Gone) -> list[Closing]:
        """What the doors of this process say, each within PATIENCE seconds."""
        return list(await asyncio.gather(*(self._ask(name, closer, gone) for name, closer in self._doors.items())))

    async def report(self, gone: Gone) -> list[Closing]:
        """The same of all processes."""
        found = await asyncio.gather(self.here(gone), *(ask(gone) for ask in self._elsewhere))
        return [closing for each in found for closing in each]

    @staticmethod
    async def _ask(name: str, closer: Closer, gone: Gone) -> Closing:
        try:
            async with asyncio.timeout(PATIENCE):
                sessions, at = await closer(gone)
        except TimeoutError:
            return Closing(name, 0, SILENT)
        return Closing(name, sessions, at or clock.now())

    def _of_live(self, name: str) -> Closer:
        async def closer(gone: Gone) -> tuple[int, int]:
            return await self._live.left(gone.official, name, gone.at)

        return closer
