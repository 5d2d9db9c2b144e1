"""One connection as octets: a bounded buffer on the way in, a deadline on the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLObject

BLOCK = 16 << 10
"""Octets taken from the socket at a time; `asyncio.StreamReader` takes 256 KiB whatever its limit."""
MOST_UNREAD = 64 << 10
"""Octets that wait to be read before the socket is left alone; so pipelined commands are bounded too."""
MOST_UNWRITTEN = 256 << 10


class Channel(asyncio.BufferedProtocol):
    """A `Source` for `CommandReader`, and the way out. `accept` is called once with each new one.

    Make it with `loop.create_server(lambda: Channel(accept), ..., ssl=context)`.
    """

    def __init__(self, accept: Callable[[Channel], None]) -> None:
        self._accept = accept
        self._block = memoryview(bytearray(BLOCK))  # a view: TLS fills slices of it, and a bytearray's are copies
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
        """The client's address, for limits and the log."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    @property
    def tls(self) -> SSLObject | None:
        """What TLS agreed on, None without it."""
        found: SSLObject | None = self.transport.get_extra_info("ssl_object")
        return found

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(MOST_UNWRITTEN)
        self._accept(self)

    def get_buffer(self, _: int) -> memoryview:
        """Called by the loop: where the next octets go."""
        return self._block

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the loop: so many came."""
        self._unread += self._block[:nbytes]
        self._readable.set()
        if len(self._unread) >= MOST_UNREAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Called by the loop: nothing more will come. What is written is still sent, then the loop closes."""
        self._ended = True
        self._readable.set()

    def connection_lost(self, _: Exception | None) -> None:
        """Called by the loop."""
        self._ended = True
        self._readable.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """Called by the loop: the client doesn't take what is written."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called by the loop."""
        self._writable.set()

    async def read(self, n: int, /) -> bytes:
        """Up to `n` octets as soon as there are some; none at the end. May be cancelled without loss."""
        while not (self._unread or self._ended):
            self._readable.clear()
            await self._readable.wait()
        octets = bytes(self._unread[:n])
        del self._unread[:n]
        self._resume()
        return octets

    def _resume(self) -> None:
        if self._paused and len(self._unread) < MOST_UNREAD and not self._ended:
            self._paused = False
            self.transport.resume_reading()

    def write(self, octets: bytes) -> None:
        """Send without waiting; follow it with `drain` before more is made."""
        self.transport.write(octets)

    async def drain(self, seconds: float) -> None:
        """Wait until the client has taken enough.

        After `seconds` it is cut off: `TimeoutError`; if it has gone: `ConnectionResetError`.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._writable.wait()
        except TimeoutError:
            self.transport.abort()
            raise
        if self.transport.is_closing():
            raise ConnectionResetError("Connection lost")

    def close(self) -> None:
        """Send what is written, then close."""
        self.transport.close()
