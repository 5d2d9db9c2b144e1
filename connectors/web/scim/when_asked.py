"""SCIM's place at the web door, taken by what stands behind it when somebody asks for the first time.

Its libraries take more than a second of CPU to load, which is a quarter of a start; most houses have no use for them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from connectors.web.portal import Portal


class WhenAsked:
    """ASGI for everything below `place.PATH`."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._app: ASGIApp | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, the first ones once all is loaded; others at the door don't wait for that."""
        app = self._app or await self._loaded()
        await app(scope, receive, send)

    async def _loaded(self) -> ASGIApp:
        async with self._turn:
            if self._app is None:
                self._app = await asyncio.to_thread(_load, self._portal)
            return self._app


def _load(portal: Portal) -> ASGIApp:
    from connectors.web.scim.app import ScimApp  # noqa: PLC0415 -- the point of this module

    return ScimApp(portal)
