"""What a client has sent and nobody has read yet: command lines and messages out of one bounded buffer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.submission.limits import COMMAND_LINE, PIPELINED

if TYPE_CHECKING:
    from collections.abc import Callable


class Inbox:
    """Filled by the transport, emptied by one session; `pause` and `resume` are the transport's reading."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause, self._resume = pause, resume
        self._octets = bytearray()
        self._searched = 0
        self._paused = False
        self._reader: asyncio.Future[None] | None = None

    def feed(self, octets: bytes) -> None:
        """More has come."""
        self._octets += octets
        if len(self._octets) > PIPELINED and not self._paused:
            self._paused = True
            self._pause()
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def ready(self) -> bool:
        """Whether `line` would return at once: then replies may wait for one another (RFC 2920 3.2)."""
        return self._octets.find(b"\n", self._searched) >= 0

    async def line(self) -> bytes | None:
        """The next line with its end; None for one that was too long, of which nothing is kept."""
        skipped = False
        while (end := self._octets.find(b"\n", self._searched)) < 0:
            self._searched = len(self._octets)
            if self._searched > COMMAND_LINE:
                skipped = True
                self._drop(self._searched)
            await self._more()
        line = bytes(self._octets[: end + 1])
        self._drop(end + 1)
        return None if skipped or len(line) > COMMAND_LINE else line

    async def some(self) -> bytes:
        """Everything that is there, as soon as there is something."""
        while not self._octets:
            await self._more()
        octets = bytes(self._octets)
        self._drop(len(octets))
        return octets

    def put_back(self, octets: bytes) -> None:
        """What `some` gave too much of."""
        self._octets[:0] = octets
        self._searched = 0

    def _drop(self, count: int) -> None:
        del self._octets[:count]
        self._searched = 0
        if self._paused and len(self._octets) <= PIPELINED:
            self._paused = False
            self._resume()

    async def _more(self) -> None:
        self._reader = asyncio.get_running_loop().create_future()
        try:
            await self._reader
        finally:
            self._reader = None
