"""Tells clients that somebody is gone (OIDC Back-Channel Logout 2.5), as soon as it is so, until they have heard it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from groupware.errors import IconetError

if TYPE_CHECKING:
    from connectors.house import House
    from groupware.provider.logging_out import Logout
    from groupware.provider.provider import Provider

WITHIN = aiohttp.ClientTimeout(total=15.0)
"""Less than the lease (groupware.provider.logging_out.LEASE), so that nobody else sends it meanwhile."""
LONGEST_REST = 1.0
"""Seconds: a hint may be lost, and terms of office end without one."""
SHORTEST_REST = 0.05
"""Seconds: hints come with every commit, of which there may be many."""
AGAIN = frozenset({408, 425, 429})
"""Beside 5xx: what the client may take later."""
log = logging.getLogger("iconet.oidc")


async def tell_clients(house: House) -> None:
    """Tell until cancelled. Certificates are checked, redirects not followed, and answers not read."""
    trust = ssl.create_default_context()
    if house.certificate.authority:
        trust.load_verify_locations(house.certificate.authority)
    connector = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(connector=connector, timeout=WITHIN) as session:
        while True:
            hint = house.groupware.store.next_hint()
            if not await _step(house.groupware.provider, session):
                await _rest(hint)


async def _rest(hint: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_REST):
            await hint.wait()
    await asyncio.sleep(SHORTEST_REST)


async def _step(provider: Provider, session: aiohttp.ClientSession) -> bool:
    """Tell those who are due; False if that is nobody, or if the store is in trouble."""
    try:
        claimed = await provider.claim_logouts()
        await asyncio.gather(*(_tell(provider, session, logout, token) for logout, token in claimed))
    except IconetError as error:
        log.warning("logouts-in-trouble", extra={"cause": str(error)})
        return False
    return bool(claimed)


async def _tell(provider: Provider, session: aiohttp.ClientSession, logout: Logout, token: str) -> None:
    form = {"logout_token": token}
    try:
        async with session.post(logout.client.back_channel, data=form, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one
        await _failed(provider, logout, type(error).__name__, temporary=True)
        return
    if status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        log.info("client-told", extra={"iconet_client": logout.client.name, "logout": logout.id})
        await provider.logout_sent(logout, str(status))
    else:
        again = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in AGAIN
        await _failed(provider, logout, str(status), temporary=again)


async def _failed(provider: Provider, logout: Logout, reply: str, *, temporary: bool) -> None:
    said = {"iconet_client": logout.client.name, "logout": logout.id, "reply": reply, "temporary": temporary}
    log.warning("client-not-told", extra=said)
    await provider.logout_failed(logout, reply, temporary=temporary)
