"""A rest of the bridge: what it does ends, and nothing begins, while somebody looks at both sides at one moment."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

PATIENCE = 20.0
"""Seconds in which what is under way must end: the homeserver may be slow, or away."""


class Stillness:
    """Counts what is under way; who wants rest holds the turn, so that two don't wait for each other."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._acting = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[None]:
        """Held by whatever passes something on."""
        async with self._turn:
            self._acting += 1
            self._at_rest.clear()
        try:
            yield
        finally:
            self._acting -= 1
            if not self._acting:
                self._at_rest.set()

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Nothing is under way while this is held. Raises Fault when that can't be had."""
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._at_rest.wait()
            except TimeoutError as error:
                raise Fault("the Matrix bridge doesn't come to rest; try again later") from error
            yield

    def quietly(self, step: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        """The same step, which waits while there is rest."""

        async def act() -> bool:
            async with self.acting():
                return await step()

        return act
