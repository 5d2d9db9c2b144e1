"""One connection as octets: a bounded buffer on the way in, a deadline on the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.channel import Flow

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLObject

BLOCK = 16 << 10
"""Octets taken from the socket at a time; `asyncio.StreamReader` takes 256 KiB whatever its limit."""


class Channel(Flow, asyncio.BufferedProtocol):
    """A `Source` for `CommandReader`, and the way out. `accept` is called once with each new one.

    Make it with `loop.create_server(lambda: Channel(accept), ..., ssl=context)`.
    """

    def __init__(self, accept: Callable[[Channel], None]) -> None:
        super().__init__(accept)
        self._block = memoryview(bytearray(BLOCK))  # a view: TLS fills slices of it, and a bytearray's are copies

    @property
    def tls(self) -> SSLObject | None:
        """What TLS agreed on, None without it."""
        found: SSLObject | None = self.transport.get_extra_info("ssl_object")
        return found

    def get_buffer(self, _: int) -> memoryview:
        """Called by the loop: where the next octets go."""
        return self._block

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the loop: so many came."""
        self._took(self._block[:nbytes])

    async def read(self, n: int, /) -> bytes:
        """Up to `n` octets as soon as there are some; none at the end. May be cancelled without loss."""
        while not (self._unread or self._ended):
            self._readable.clear()
            await self._readable.wait()
        octets = bytes(self._unread[:n])
        del self._unread[:n]
        self._resume()
        return octets

    def close(self) -> None:
        """Send what is written, then close."""
        self.transport.close()
