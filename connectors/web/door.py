"""The web door: the portal and its API on one HTTPS port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.house import Address
from connectors.web.app import make_app
from connectors.web.later import Later
from connectors.web.portal import make_portal
from connectors.web.server import Server
from groupware.duties.closings import nobodys
from policies.vocabulary import Door

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.house import House
    from connectors.settings import Listen

BACKLOG = 512
SCIM = "scim"
"""A door for machines: no official signs in there."""


class WebDoor:
    """One listening port of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._portal = make_portal(house)
        tls = server_context(house.certificate, alpn=["http/1.1"])
        self._scim = Later(self._make_scim)
        self._server = Server(make_app(self._portal, self._scim), tls, house.settings.stop_seconds)
        self._serving: asyncio.Task[None] | None = None
        for name in (Door.PORTAL, Door.API, Door.CARDDAV):
            house.groupware.duties.closings.door(name)
        house.groupware.duties.closings.door(SCIM, nobodys)

    async def start(self, listen: Listen) -> Address:
        """Wait for clients; OSError when the port can't be had."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[]), name="web")
        started = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({started, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            started.cancel()
            self._serving.result()
        port = await self._server.listen(listen.host, listen.port, BACKLOG)
        if await self._house.groupware.provisioning.tokens():
            self._scim.begin()  # while other doors open
        self._house.addresses["web"] = Address(listen.host, port)
        return self._house.addresses["web"]

    def _make_scim(self) -> ASGIApp:
        from connectors.web.scim.app import ScimApp  # noqa: PLC0415 -- a second and 30 MiB; see Later

        return ScimApp(self._portal)

    async def stop(self) -> None:
        """End live pages, let answers under way end, close."""
        self._portal.streams.close()
        self._server.stopping.set()
        if self._serving is not None:
            await self._serving
        self._portal.workers.close()
