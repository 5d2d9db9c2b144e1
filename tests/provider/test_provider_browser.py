"""The way to another site and back in a real browser, whose rules about forms and cookies are its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from aiohttp import web
from browser import window
from provider_world import Tool, client
from web_site import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from browser import Axe
    from playwright.async_api import Browser
    from web_site import Site

    Tools = Callable[..., Awaitable[Tool]]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def callback() -> AsyncIterator[tuple[str, asyncio.Queue[dict[str, str]]]]:
    """A client's page, and what it was called with."""
    called: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def page(request: web.Request) -> web.Response:
        called.put_nowait(dict(request.query))
        return web.Response(text="<title>The tool</title><h1>Welcome</h1>", content_type="text/html")

    application = web.Application()
    application.router.add_get("/callback", page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/callback", called
    await runner.cleanup()


async def test_signing_in_and_consenting_leads_back_to_the_client(
    site: Site, chromium: Browser, callback: tuple[str, asyncio.Queue[dict[str, str]]]
) -> None:
    place, called = callback
    made = client(redirects=(place,), first_party=False)
    secret = await site.groupware.provider.add_client(made)
    tool = Tool(await site.client(), await site.client(), made.name, secret)
    await site.with_password("anna")
    anna = await window(chromium, site)
    page = await anna.page(f"/oidc/authorize?{urlencode(tool.request(redirect_uri=place))}")
    await page.get_by_label("Login or mail address").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign in to The tool").click()
    await page.get_by_role("heading", name="Welcome").wait_for()
    said = await called.get()
    assert (await tool.redeem(said["code"], redirect_uri=place)).status_code == 200
    assert [each for each in anna.complaints if "favicon" not in each and "404" not in each] == []


async def test_signing_in_alone_leads_back_to_a_first_party(
    site: Site, chromium: Browser, callback: tuple[str, asyncio.Queue[dict[str, str]]]
) -> None:
    place, called = callback
    await site.groupware.provider.add_client(made := client(redirects=(place,)))
    tool = Tool(await site.client(), await site.client(), made.name, "")
    await site.with_password("anna")
    anna = await window(chromium, site)
    page = await anna.page(f"/oidc/authorize?{urlencode(tool.request(redirect_uri=place))}")
    await page.get_by_label("Login or mail address").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Welcome").wait_for()
    assert "code" in await called.get()


async def test_the_pages_are_for_everybody(site: Site, tool: Tools, chromium: Browser, axe: Axe) -> None:
    anna = await tool(first_party=False)
    shown = await window(chromium, site, "anna", bypass_csp=True)
    await axe(await shown.page(f"/oidc/authorize?{urlencode(anna.request())}"), "consent")
    await axe(await shown.page("/account/programs"), "programs-none")
    await axe(await shown.page("/oidc/logout"), "oidc-sign-out")
    first = Tool(anna.browser, anna.wire, "first", await site.groupware.provider.add_client(client("first")))
    await first.tokens()
    await axe(await shown.page("/account/programs"), "programs")
