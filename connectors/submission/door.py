"""Where officials hand in mail: SMTP submission over implicit TLS (RFC 6409, RFC 8314 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.house import Address
from connectors.listener import Bounds, Listener
from connectors.submission import limits
from connectors.submission.session import Session
from connectors.submission.shared import Shared
from policies.vocabulary import Door

if TYPE_CHECKING:
    from ssl import SSLContext

    from connectors.house import House
    from connectors.settings import Listen


BACKLOG = 1000


class SubmissionDoor:
    """Makes a session for each client."""

    def __init__(self, house: House) -> None:
        self._certificate = house.certificate
        self._shared = Shared(house)
        self._listener: Listener | None = None
        house.groupware.duties.closings.door(Door.SUBMISSION)

    async def start(self, listen: Listen) -> Address:
        """See Door."""
        return await self.serve(listen, server_context(self._certificate))

    async def serve(self, listen: Listen, context: SSLContext | None) -> Address:
        """The same with another context, or, to measure, without TLS."""
        bounds = Bounds(within=limits.HANDSHAKE_WITHIN, closing=limits.CLOSED_WITHIN)
        self._listener = Listener(lambda: Session(self._shared), context, bounds)
        port = await self._listener.open(listen.host, listen.port, BACKLOG)
        return Address(listen.host, port, "implicit" if context else "none")

    async def stop(self) -> None:
        """See Door. Messages under way are received and answered."""
        if self._listener is not None:
            await self._listener.close()
        self._shared.stop()
        try:
            await self._shared.empty.wait()
        finally:
            self._shared.abort()
