"""One connection as messages: a bounded buffer on the way in, a deadline on the way out, and TLS begun midway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.channel import MOST_UNWRITTEN, Flow
from connectors.ldap import message
from connectors.ldap.ber import BadBer
from connectors.ldap.limits import MAX_UNBOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext


class Channel(Flow, asyncio.Protocol):
    """Messages of one client. `accept` is called once, when it has come.

    Make it with `loop.create_server(lambda: Channel(accept), ...)`. `most` is the largest message that is read.
    """

    def __init__(self, accept: Callable[[Channel], None]) -> None:
        super().__init__(accept)
        self.most = MAX_UNBOUND
        self.at_once: Callable[[bytes], int] | None = None
        """What is asked first about octets that nothing waits before; it says how many of them it has dealt with."""
        self._called = False

    @property
    def encrypted(self) -> bool:
        """Whether TLS is on."""
        return self.transport.get_extra_info("ssl_object") is not None

    @property
    def pending(self) -> bool:
        """Whether octets came that nobody has read."""
        return bool(self._unread)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self.at_once is not None and not self._unread and self._writable.is_set():
            data = data[self.at_once(data) :]
        if data:
            self._took(data)

    def call(self) -> None:
        """Have `messages` return, though nothing came."""
        self._called = True
        self._readable.set()

    async def messages(self) -> list[bytes]:
        """All whole messages that are there: one at least, if not called. EOFError at the end, BadBer for none."""
        while not (found := self.ready()) and not self._called:
            if self._ended:
                raise EOFError
            self._resume(self.most)
            self._readable.clear()
            await self._readable.wait()
        self._called = False
        self._resume(self.most)
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
