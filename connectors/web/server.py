"""uvicorn as ICONet runs it: behind our listener and our TLS, without signal handlers, with bounds on what comes in."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.crowd import Places
from connectors.listener import Bounds, Listener

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from starlette.types import ASGIApp
    from uvicorn.server import ServerState

HEAD_MAX = 32 * 1024
"""Octets of a request line and header fields."""
HEAD_WITHIN = 10.0
"""Seconds from the opening of a connection, or the first octet of a later request, to the end of its header."""
BODY_WITHIN = 30.0
"""Seconds for a body to arrive; before that, the application has given up waiting and said so."""
CONNECTIONS_MAX, OF_ONE_NETWORK = 2_000, 1_000
REQUESTS_MAX = 2 * CONNECTIONS_MAX
"""Answers under way, with those whose clients have gone; uvicorn counts connections against it too."""
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 21\r\n\r\nToo many connections\n"
)
LINGER = 1.0
"""Seconds in which clients may take leave when the door closes."""
TICK = 1.0
"""Seconds between two values of the Date field."""


class Bounded(HttpToolsProtocol):
    """A connection whose requests are neither slow nor long in their headers, and one of so many from its network.

    uvicorn bounds none of these.
    """

    _head_size = 0
    _in_body = False
    _deadline: asyncio.TimerHandle | None = None

    def __init__(self, places: Places, config: uvicorn.Config, state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, state, app_state)
        self._places = places
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for the first request, if there is a place."""
        super().connection_made(transport)
        if self._places.take(self, self.client[0] if self.client else ""):
            self._within(HEAD_WITHIN)
        else:
            transport.write(FULL)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._no_deadline()
        self._places.leave(self)
        super().connection_lost(exc)
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        """Count the octets of a header; those of a body are the application's to count."""
        if self.transport.is_closing():  # TLS still hands over what came before its end
            return
        if not self._in_body:
            self._head_size += len(data)
            if self._deadline is None:
                self._within(HEAD_WITHIN)
        super().data_received(data)
        if self._head_size > HEAD_MAX:
            self.send_400_response("Request header fields too large.")

    def on_headers_complete(self) -> None:
        """The header is whole; what follows is a body, also where the answer doesn't wait for it."""
        self._in_body, self._head_size = True, 0
        self._within(BODY_WITHIN)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_body = False
        self._no_deadline()
        super().on_message_complete()

    def _within(self, seconds: float) -> None:
        self._no_deadline()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """One that says when it can be given connections, and stops without polling."""

    def __init__(self, app: ASGIApp, tls: ssl.SSLContext, grace: int) -> None:
        config: dict[str, Any] = {
            "http": "httptools",
            "ws": "none",
            "lifespan": "off",
            "log_config": None,
            "access_log": False,
            "server_header": False,
            "proxy_headers": False,
            "limit_concurrency": REQUESTS_MAX,
            "timeout_keep_alive": 30,
        }
        super().__init__(uvicorn.Config(app, ssl_context_factory=lambda _config, _default: tls, **config))
        self._tls = tls
        self._places = Places(CONNECTIONS_MAX, OF_ONE_NETWORK)
        self._grace = max(grace - LINGER, LINGER)
        self._listener: Listener | None = None
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: signals are the supervisor's."""
        yield

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Get ready, without a socket of uvicorn's, and tell."""
        await super().startup(sockets)
        self.ready.set()

    async def listen(self, host: str, port: int, backlog: int) -> int:
        """Take clients, once ready; the port. Raises OSError."""
        self._listener = Listener(self._connection, self._tls, Bounds(closing=LINGER))
        return await self._listener.open(host, port, backlog)

    def _connection(self) -> Bounded:
        """As uvicorn makes one."""
        return Bounded(self._places, self.config, self.server_state, self.lifespan.state)

    async def main_loop(self) -> None:
        """Keep the Date field right until asked to stop."""
        while not self.stopping.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self.stopping.wait()

    async def shutdown(self, sockets: list[Any] | None = None) -> None:  # noqa: ARG002 -- uvicorn's signature
        """Let answers under way end, say goodbye, and wait for nobody who doesn't answer."""
        if self._listener is not None:
            await self._listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(set(self.server_state.tasks), timeout=self._grace)
        leaving = [each for each in self.server_state.connections if isinstance(each, Bounded)]
        if leaving:
            await asyncio.wait([asyncio.ensure_future(each.lost.wait()) for each in leaving], timeout=LINGER)
        for connection in leaving:
            connection.transport.abort()
