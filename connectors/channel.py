"""One client's connection as every door of lines or messages has it: what waits on the way in, and on the way out.

What comes is kept by each door's own channel, in the way that suits its protocol.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_UNREAD = 64 << 10
"""Octets that wait to be read before the socket is left alone; so what is pipelined is bounded too."""
MOST_UNWRITTEN = 256 << 10


class Flow(asyncio.BaseProtocol):
    """Called by the loop. `accept` is called once with the door's own channel, when the client has come."""

    def __init__(self, accept: Callable[[Any], None]) -> None:
        self._accept = accept
        self._unread = bytearray()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._ended = False
        self._paused = False
        self._transport: asyncio.Transport | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """What carries it."""
        if self._transport is None:
            raise ConnectionResetError("Not connected")
        return self._transport

    @property
    def peer(self) -> str:
        """The client's address, for limits and failed logins."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The client has come."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(MOST_UNWRITTEN)
        self._accept(self)

    def eof_received(self) -> None:
        """Nothing more will come. What is written is still sent, then the loop closes."""
        self._ended = True
        self._readable.set()

    def connection_lost(self, _: Exception | None) -> None:
        """Neither will anything be taken."""
        self._ended = True
        self._readable.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The client doesn't take what is written."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._writable.set()

    def _took(self, octets: bytes | memoryview) -> None:
        """Keep what came, and leave the socket alone when that is enough for now."""
        self._unread += octets
        self._readable.set()
        if len(self._unread) >= MOST_UNREAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def _resume(self, most: int = 0) -> None:
        """Read on, once less waits than is enough, and `most` more."""
        if self._paused and not self._ended and len(self._unread) < MOST_UNREAD + most:
            self._paused = False
            self.transport.resume_reading()

    def write(self, octets: bytes) -> None:
        """Send without waiting; follow it with `drain` before more is made."""
        self.transport.write(octets)

    async def drain(self, seconds: float) -> None:
        """Wait until the client has taken enough.

        After `seconds` it is cut off: `TimeoutError`; if it has gone: `ConnectionResetError`.
        """
        if not self._writable.is_set() and not self.transport.is_closing():
            try:
                async with asyncio.timeout(seconds):
                    await self._writable.wait()
            except TimeoutError:
                self.transport.abort()
                raise
        if self.transport.is_closing():
            raise ConnectionResetError("Connection lost")
