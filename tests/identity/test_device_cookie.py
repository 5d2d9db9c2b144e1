"""The cookie that tells a browser from a stranger's: given to whoever signed in, bound to host and name, and no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from web_site import PASSWORD, send

from connectors.web import cookies
from groupware import standing

if TYPE_CHECKING:
    from web_site import Site

    from groupware.password_gate import Standing
    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
NEW = "an entirely different phrase"


async def place(site: Site, name: str, device: str) -> int:
    number, groupware = site.town.people[name], site.groupware

    def query(snapshot: Snapshot) -> Standing:
        return standing.of(snapshot, groupware.server_key, name, number, "192.0.2.7", device)

    return (await groupware.store.read(query)).place


async def test_a_browser_that_signed_in_is_known_for_that_name_and_opens_nothing(site: Site) -> None:
    await site.with_password("anna")
    browser = await site.client()
    answer = await send(browser, "/sign-in", login="anna", password=PASSWORD)
    (told,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{cookies.DEVICE}=")]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", f"Max-Age={cookies.A_YEAR}"} <= set(told.split("; "))
    assert "Domain" not in told
    device = browser.cookies[cookies.DEVICE]
    assert (await place(site, "anna", device), await place(site, "bruno", device)) == (0, 2)
    stranger = await site.client()
    stranger.cookies.set(cookies.DEVICE, device)
    assert (await stranger.get("/account")).status_code == 303
    wrong = await send(await site.client(), "/sign-in", login="anna", password="wrong")
    assert cookies.DEVICE not in wrong.headers.get("set-cookie", "")


async def test_a_new_password_leaves_known_only_the_browser_that_set_it(site: Site) -> None:
    await site.with_password("anna")
    here, there = await site.client(), await site.client()
    for browser in (here, there):
        await send(browser, "/sign-in", login="anna", password=PASSWORD)
    answer = await send(here, "/account/password", old=PASSWORD, password=NEW, again=NEW)
    assert answer.headers["location"] == "/account?done=password"
    devices = here.cookies[cookies.DEVICE], there.cookies[cookies.DEVICE]
    assert [await place(site, "anna", device) for device in devices] == [0, 2]
