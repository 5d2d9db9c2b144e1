"""A program's session and a browser's: neither token opens what the other is for, and both end with their owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from web_site import SESSION, send

from directory import sessions
from policies.vocabulary import Door

if TYPE_CHECKING:
    import httpx
    from web_site import Site

pytestmark = pytest.mark.anyio


async def made(site: Site, name: str) -> str:
    """The token of a session for a program."""
    page = await send(await site.client(name), "/people/programs")
    found = re.search(r'value="([\w-]{43})"', page.text)
    assert found
    return found[1]


async def asked(site: Site, token: str) -> httpx.Response:
    client = await site.client()
    return await client.get("/api/people", headers={"Authorization": f"Bearer {token}"})


async def test_a_browsers_session_is_no_bearer_token(kept: Site) -> None:
    answer = await asked(kept, await kept.session("clara"))
    assert (answer.status_code, answer.json()["error"]) == (401, "sign-in")


async def test_a_programs_session_is_no_cookie(kept: Site) -> None:
    token = await made(kept, "clara")
    assert (await asked(kept, token)).status_code == 200
    browser = await kept.client()
    browser.cookies.set(SESSION, token)
    for path in ("/", "/account", "/people", "/rooms/return/live", "/oidc/authorize"):
        assert (await browser.get(path)).headers.get("location", "/sign-in").startswith("/sign-in"), path
    assert (await kept.groupware.web_sessions.resume(token)) is None


async def test_it_is_listed_and_ended_among_the_others(kept: Site) -> None:
    token = await made(kept, "clara")
    client = await kept.client("clara")
    assert "A program, for the API" in (await client.get("/sessions")).text
    digest = kept.groupware.web_sessions.digest(token).hex()
    assert (await send(client, "/sessions", session=digest)).status_code == 303
    assert (await asked(kept, token)).status_code == 401


async def test_it_ends_with_the_password_and_with_the_office(kept: Site) -> None:
    token, own = await made(kept, "clara"), await kept.session("clara")
    clara, digest = kept.town.people["clara"], kept.groupware.web_sessions.digest(own)
    await kept.groupware.store.run(lambda tx: sessions.revoke_others(tx.connection, clara, digest))
    assert (await asked(kept, token)).status_code == 401
    another = await made(kept, "clara")
    assert len(await kept.groupware.web_sessions.of(kept.town.caller("clara", Door.PORTAL))) > 1
    await kept.off_board("clara")
    assert (await asked(kept, another)).status_code == 401
