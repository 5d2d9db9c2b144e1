"""Whatever ends a session or an office ends the tokens at once, and clients are told, however often it takes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from provider_world import answered
from sqlalchemy import select, update
from web_site import send

from connectors.house import House
from connectors.settings import Settings
from connectors.web.oidc.back_channel import tell_clients
from directory import bodies, officials
from directory.oidc_tables import oidc_logout
from directory.tables import official
from groupware import clock
from groupware.provider.claims import LOGOUT_EVENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from provider_world import Tool
    from web_site import Site

    from connectors.certificates import Certificate
    from groupware.store import Tx

    Tools = Callable[..., Awaitable[Tool]]

pytestmark = pytest.mark.anyio
SECOND = clock.MICROSECONDS


@dataclass
class Ear:
    """A client's end of the back channel; `answers` are the statuses with which it answers, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: web.Request) -> web.Response:
        status = self.answers.pop(0) if self.answers else 200
        form = await request.post()
        if status == 200:
            self.heard.append(str(form["logout_token"]))
        self.asked.set()
        return web.Response(status=status, headers={"Location": self.url} if status == 302 else {})

    async def next(self) -> None:
        async with asyncio.timeout(10):
            await self.asked.wait()
        self.asked.clear()


@asynccontextmanager
async def listening() -> AsyncIterator[Ear]:
    ear = Ear()
    application = web.Application()
    application.router.add_post("/logout", ear.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    ear.url = f"http://127.0.0.1:{runner.addresses[0][1]}/logout"
    try:
        yield ear
    finally:
        await runner.cleanup()


@pytest.fixture
async def ear(site: Site, certificate: Certificate, tmp_path: Any) -> AsyncIterator[Ear]:  # noqa: ANN401 -- a path
    async with listening() as heard:
        house = House(Settings(data=tmp_path), site.groupware, certificate)
        telling = asyncio.create_task(tell_clients(house))
        yield heard
        telling.cancel()
        await asyncio.wait([telling])


def change(site: Site, act: Callable[[Tx, int], object]) -> Awaitable[object]:
    return site.groupware.store.run(lambda tx: act(tx, site.town.people["anna"]))


async def off_board(site: Site, _anna: Tool) -> None:
    await site.off_board("anna")


async def suspend(site: Site, _anna: Tool) -> None:
    await change(site, lambda tx, number: officials.suspend(tx.connection, number))


async def suspend_body(site: Site, _anna: Tool) -> None:
    await change(site, lambda tx, number: bodies.suspend(tx.connection, officials.get(tx.connection, number).body))


async def end_by_date(site: Site, _anna: Tool) -> None:
    await change(
        site,
        lambda tx, number: tx.connection.execute(
            update(official).where(official.c.id == number).values(valid_until=tx.now)
        ),
    )


async def sign_out(_site: Site, anna: Tool) -> None:
    assert (await send(anna.browser, "/sign-out", "/")).status_code == 303


async def revoke(site: Site, anna: Tool) -> None:
    """From another session of hers."""
    caller = site.town.caller("anna")
    session = anna.browser.cookies["__Host-iconet"]
    digest = site.groupware.web_sessions.digest(session)
    assert await site.groupware.web_sessions.end_one(caller, digest)


ENDS = [off_board, suspend, suspend_body, end_by_date, sign_out, revoke]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_an_end_is_the_end_of_tokens_and_the_client_hears_of_it(
    site: Site, tool: Tools, ear: Ear, end: Callable[[Site, Tool], Awaitable[None]]
) -> None:
    anna = await tool(back_channel=ear.url)
    told = await anna.tokens()
    code = await anna.code()
    claims = (await anna.read(told["id_token"])).claims
    await end(site, anna)
    assert not await anna.active(told["access_token"])
    assert not await anna.active(told["refresh_token"])
    assert (await anna.userinfo(told["access_token"])).status_code == 401
    assert (await anna.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await anna.redeem(code)).json()["error"] == "invalid_grant"
    assert answered(await anna.authorize(prompt="none"))["error"] == "login_required"
    await ear.next()
    logout = await anna.read(ear.heard[0])
    assert logout.header["typ"] == "logout+jwt"
    assert {name: logout.claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: claims[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert logout.claims["events"] == {LOGOUT_EVENT: {}}
    assert logout.claims["exp"] - logout.claims["iat"] == 120
    assert "nonce" not in logout.claims


async def test_a_client_that_never_got_tokens_hears_nothing(site: Site, tool: Tools, ear: Ear) -> None:
    anna, other = await tool(back_channel=ear.url), await tool(name="other", back_channel=ear.url)
    await anna.code()
    await other.tokens()
    await site.off_board("anna")
    await ear.next()
    assert [(await other.read(token)).claims["aud"] for token in ear.heard] == ["other"]
    assert await states(site) == [("sent", 1)]


async def test_one_session_s_end_leaves_the_other_ones(site: Site, tool: Tools, ear: Ear) -> None:
    first = await tool(back_channel=ear.url)
    at_home, told = await first.tokens(), None
    first.browser = await site.client("anna")
    told = await first.tokens()
    await sign_out(site, first)
    await ear.next()
    assert (await first.read(ear.heard[0])).claims["sid"] == (await first.read(told["id_token"])).claims["sid"]
    assert await first.active(at_home["access_token"])


async def test_a_client_that_fails_is_told_again_later(site: Site, tool: Tools, ear: Ear) -> None:
    ear.answers += [503]
    anna = await tool(back_channel=ear.url)
    await anna.tokens()
    await site.off_board("anna")
    await ear.next()
    assert ear.heard == []
    site.clock.ahead += 3 * SECOND
    await ear.next()
    assert len(ear.heard) == 1
    assert await states(site) == [("sent", 2)]


@pytest.mark.parametrize("status", [400, 302, 404])
async def test_a_client_that_refuses_or_points_elsewhere_is_let_be(
    site: Site, tool: Tools, ear: Ear, status: int
) -> None:
    ear.answers += [status]
    anna = await tool(back_channel=ear.url)
    await anna.tokens()
    await site.off_board("anna")
    await ear.next()
    assert await states(site) == [("failed", 1)]
    assert ear.heard == []


async def test_what_nobody_hears_waits(site: Site, tool: Tools) -> None:
    """No server, and later one: the row outlives the sender."""
    anna = await tool(back_channel="http://127.0.0.1:1/logout")
    await anna.tokens()
    await site.off_board("anna")
    claimed = await site.groupware.provider.claim_logouts()
    assert await site.groupware.provider.claim_logouts() == []
    assert len(claimed) == 1
    site.clock.ahead += 61 * SECOND
    again = await site.groupware.provider.claim_logouts()
    assert [each.id for each, _ in again] == [each.id for each, _ in claimed]


async def states(site: Site) -> list[tuple[str, int]]:
    """Of the queue, once nothing is under way in it."""
    statement = select(oidc_logout.c.state, oidc_logout.c.attempts, oidc_logout.c.lease_until)
    async with asyncio.timeout(10):
        while True:
            rows = await site.groupware.store.read(lambda snapshot: snapshot.connection.execute(statement).all())
            if all(row.lease_until == 0 and row.attempts for row in rows):
                return [(row.state, row.attempts) for row in rows]
            await asyncio.sleep(0.01)
