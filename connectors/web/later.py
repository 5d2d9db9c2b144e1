"""A part of the web door that takes long to load, and that many who run ICONet never use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send


class Later:
    """ASGI: what `make` makes, in a thread, at the first request or when it is begun before."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._making: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once it is there."""
        made = await asyncio.shield(self.begin())
        await made(scope, receive, send)

    def begin(self) -> asyncio.Task[ASGIApp]:
        """Have it made, if it isn't yet."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        return self._making
