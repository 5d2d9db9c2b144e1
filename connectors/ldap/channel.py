"""One connection as messages: a bounded buffer on the way in, a deadline on the way out, and TLS begun midway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from connectors.ldap import message
from connectors.ldap.ber import BadBer
from connectors.ldap.limits import MAX_UNBOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

MOST_UNREAD = 64 << 10
"""Octets that wait to be read before the socket is left alone; so pipelined requests are bounded too."""
MOST_UNWRITTEN = 256 << 10


class Channel(asyncio.Protocol):
    """Messages of one client. `accept` is called once, when it has come.

    Make it with `loop.create_server(lambda: Channel(accept), ...)`. `most` is the largest message that is read.
    """

    def __init__(self, accept: Callable[[Channel], None]) -> None:
        self.most = MAX_UNBOUND
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

    @property
    def encrypted(self) -> bool:
        """Whether TLS is on."""
        return self.transport.get_extra_info("ssl_object") is not None

    @property
    def pending(self) -> bool:
        """Whether octets came that nobody has read."""
        return bool(self._unread)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(MOST_UNWRITTEN)
        self._accept(self)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._unread += data
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

    async def messages(self) -> list[bytes]:
        """All whole messages that are there, at least one. EOFError at the end, BadBer for what is none."""
        while not (found := self.ready()):
            if self._ended:
                raise EOFError
            self._resume()
            self._readable.clear()
            await self._readable.wait()
        self._resume()
        return found

    def ready(self) -> list[bytes]:
        """The whole messages that are there now. Raises BadBer if what comes first is none."""
        found: list[bytes] = []
        at, unread = 0, self._unread
        try:
            while 0 < (end := message.frame_end(unread, at, self.most)) <= len(unread):
                found.append(bytes(unread[at:end]))
                at = end
        except BadBer:
            if not found:
                raise
        del unread[:at]
        return found

    def _resume(self) -> None:
        if self._paused and not self._ended and len(self._unread) < MOST_UNREAD + self.most:
            self._paused = False
            self.transport.resume_reading()

    def write(self, octets: bytes) -> None:
        """Send without waiting; follow it with `drain` before more is made."""
        self.transport.write(octets)

    async def drain(self, seconds: float) -> None:
        """Wait until the client has taken enough.

        After `seconds` it is cut off: `TimeoutError`; if it has gone: `ConnectionResetError`.
        """
        if not self._writable.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._writable.wait()
            except TimeoutError:
                self.transport.abort()
                raise
        if self.transport.is_closing():
            raise ConnectionResetError("Connection lost")

    async def start_tls(self, context: SSLContext, last: bytes, seconds: float) -> None:
        """Send the last octets in clear, then go on in TLS (RFC 4511 4.14.1)."""
        self.transport.set_write_buffer_limits(0)
        self.write(last)
        await self.drain(seconds)
        began = await asyncio.get_running_loop().start_tls(
            self.transport, self, context, server_side=True, ssl_handshake_timeout=seconds
        )
        if began is None:
            raise ConnectionResetError("Connection lost")
        self._transport = began
        began.set_write_buffer_limits(MOST_UNWRITTEN)

    def close(self, seconds: float) -> None:
        """Send what is written, for which the client has some time, then close."""
        if self._transport is None or self._transport.is_closing():
            return
        waiting = self._transport.get_write_buffer_size()
        self._transport.close()
        if waiting:
            asyncio.get_running_loop().call_later(seconds, self._transport.abort)
