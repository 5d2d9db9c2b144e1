"""Where officials hand in mail: SMTP submission over implicit TLS (RFC 6409, RFC 8314 3.3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.house import Address
from connectors.submission import limits
from connectors.submission.session import Session
from connectors.submission.shared import Shared
from policies.vocabulary import Door

if TYPE_CHECKING:
    from ssl import SSLContext

    from connectors.house import House
    from connectors.settings import Listen


class SubmissionDoor:
    """Makes a session for each client."""

    def __init__(self, house: House) -> None:
        self._certificate = house.certificate
        self._shared = Shared(house)
        self._server: asyncio.Server | None = None
        house.groupware.duties.closings.door(Door.SUBMISSION)

    async def start(self, listen: Listen) -> Address:
        """See Door."""
        return await self.serve(listen, server_context(self._certificate))

    async def serve(self, listen: Listen, context: SSLContext | None) -> Address:
        """The same with another context, or, to measure, without TLS."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Session(self._shared),
            listen.host,
            listen.port,
            ssl=context,
            ssl_handshake_timeout=limits.HANDSHAKE_WITHIN if context else None,
            ssl_shutdown_timeout=limits.CLOSED_WITHIN if context else None,
            backlog=256,
        )
        host, port = self._server.sockets[0].getsockname()[:2]
        return Address(host, port, "implicit" if context else "none")

    async def stop(self) -> None:
        """See Door. Messages under way are received and answered."""
        if self._server is not None:
            self._server.close()
        self._shared.stop()
        try:
            await self._shared.empty.wait()
        finally:
            self._shared.abort()
