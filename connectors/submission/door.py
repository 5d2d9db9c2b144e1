"""Where officials hand in mail: SMTP submission over implicit TLS (RFC 6409, RFC 8314 3.3)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.house import Address
from connectors.submission import limits, replies
from connectors.submission.session import Session

if TYPE_CHECKING:
    from ssl import SSLContext

    from connectors.house import House
    from connectors.settings import Listen


class SubmissionDoor:
    """Counts its sessions and keeps what they share."""

    def __init__(self, house: House) -> None:
        settings = house.settings.submission
        self.groupware = house.groupware
        self.host = house.settings.host
        self.largest = settings.largest << 20
        self.large = asyncio.Semaphore(limits.LARGE_AT_ONCE)
        self._certificate = house.certificate
        self._most, self._most_of_one = settings.connections, settings.connections_of_one
        self._sessions: set[Session] = set()
        self._of: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()
        self._stopping = False
        self._server: asyncio.Server | None = None

    async def start(self, listen: Listen) -> Address:
        """See Door."""
        return await self.serve(listen, server_context(self._certificate))

    async def serve(self, listen: Listen, context: SSLContext | None) -> Address:
        """The same with another context, or, to measure, without TLS."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Session(self),
            listen.host,
            listen.port,
            ssl=context,
            ssl_handshake_timeout=limits.HANDSHAKE_WITHIN if context else None,
            backlog=256,
        )
        host, port = self._server.sockets[0].getsockname()[:2]
        return Address(host, port, "implicit" if context else "none")

    async def stop(self) -> None:
        """See Door. Messages under way are received and answered."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        for session in tuple(self._sessions):
            session.end(replies.STOPPING)
        try:
            await self._empty.wait()
        finally:
            for session in tuple(self._sessions):
                session.abort()

    def enter(self, session: Session) -> str:
        """Count a new session; the reply with which it has to end at once, or nothing."""
        self._sessions.add(session)
        self._of[session.peer] += 1
        self._empty.clear()
        if self._stopping:
            return replies.STOPPING
        many = len(self._sessions) > self._most or self._of[session.peer] > self._most_of_one
        return replies.TOO_MANY_CONNECTIONS if many else ""

    def leave(self, session: Session) -> None:
        """It is over."""
        self._sessions.discard(session)
        self._of[session.peer] -= 1
        if not self._of[session.peer]:
            del self._of[session.peer]
        if not self._sessions:
            self._empty.set()
