"""What the homeserver tells of its rooms comes here: Application Service API, pushing events. It repeats until 200."""

from __future__ import annotations

import asyncio
import hmac
import logging
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

LARGEST = 50 * 1024 * 1024
"""Octets: the homeserver sends up to a hundred events of 64 KiB and what else there is."""
log = logging.getLogger("iconet.matrix")


class Transactions:
    """A server on loopback for one homeserver, which proves itself by `token`; `take` gets each transaction's events.

    `troubled` is called when one couldn't be taken: the homeserver then waits, and wants to be woken.
    """

    def __init__(
        self,
        token: str,
        take: Callable[[str, Sequence[Mapping[str, Any]]], Awaitable[None]],
        troubled: Callable[[], None],
    ) -> None:
        self._token = token
        self._take = take
        self._troubled = troubled
        self.turn = asyncio.Lock()
        """Held while events have their effect."""
        self._runner: web.AppRunner | None = None

    async def listen(self) -> int:
        """The port. OSError without one."""
        app = web.Application(client_max_size=LARGEST, middlewares=[self._known])
        app.add_routes(
            [
                web.put("/_matrix/app/v1/transactions/{name}", self._put),
                web.get("/_matrix/app/v1/users/{user}", _nothing),
                web.get("/_matrix/app/v1/rooms/{alias}", _nothing),
                web.post("/_matrix/app/v1/ping", _pong),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Take no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _known(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Application Service API, authorization: the homeserver's token, or nothing."""
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return _error(403, "M_FORBIDDEN")
        return await handler(request)

    async def _put(self, request: web.Request) -> web.Response:
        events = await _events(request)
        if events is None:
            return _error(400, "M_BAD_JSON")
        async with self.turn:
            try:
                await self._take(request.match_info["name"], events)
            except Exception:  # whatever it was, the homeserver keeps the events and repeats
                log.exception("transaction-not-taken")
                self._troubled()
                return _error(503, "M_UNKNOWN")
        return web.json_response({})


async def _events(request: web.Request) -> Sequence[Mapping[str, Any]] | None:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError):
        return None
    events = body.get("events") if isinstance(body, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else None


async def _nothing(_request: web.Request) -> web.Response:
    """Accounts and rooms are made before anybody can ask for them."""
    return _error(404, "M_NOT_FOUND")


async def _pong(_request: web.Request) -> web.Response:
    return web.json_response({})


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"errcode": code}, status=status)
