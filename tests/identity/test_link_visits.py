"""One-time links as they are met on the way: opened by what scans mail, passed on, opened again, too late."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from web_site import TOKEN, send

from directory import invitations
from directory.invitations import Purpose
from directory.tables import invitation

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
MINUTE = 60_000_000
GIVEN = {"accepts": "yes", "password": "a lamp on the ship", "again": "a lamp on the ship"}


async def link(site: Site, lasts: int = 60 * MINUTE) -> str:
    def make(tx: Tx) -> str:
        number = site.town.people["bruno"]
        return invitations.make(tx.connection, number, Purpose.JOIN, expires=tx.now + lasts, created_by=0, now=tx.now)

    return f"/join/{await site.groupware.store.run(make)}"


async def used(site: Site) -> int:
    return await site.groupware.store.read(lambda s: s.connection.execute(select(invitation.c.used)).scalar_one())


def plain(page: httpx.Response) -> str:
    """What a page says, without what differs from one showing to the next."""
    return re.sub(r'nonce="[^"]*"|value="[^"]*"', "", page.text)


async def test_whatever_scans_mail_may_open_it_as_often_as_it_likes(site: Site) -> None:
    path, scanner, bruno = await link(site), await site.client(), await site.client()
    for _ in range(3):
        seen = await scanner.get(path)
        assert (seen.status_code, "Bruno" in seen.text) == (200, True)
        assert (await scanner.head(path)).status_code in {200, 405}
    assert await used(site) == 0
    assert (await send(bruno, path, **GIVEN)).status_code == 200
    assert await used(site) != 0


async def test_what_sends_forms_that_it_was_not_shown_uses_nothing_up(site: Site) -> None:
    path, robot, bruno = await link(site), await site.client(), await site.client()
    assert (await robot.post(path, data=GIVEN)).status_code == 403
    assert (await robot.post(path, data={**GIVEN, "form_token": "0" * 64})).status_code == 403
    robot.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await send(robot, path, **GIVEN)).status_code == 403
    assert await used(site) == 0
    assert (await send(bruno, path, **GIVEN)).status_code == 200


async def test_of_two_who_have_it_the_first_uses_it_and_the_other_is_told_nothing(site: Site) -> None:
    path, bruno, other = await link(site), await site.client(), await site.client()
    shown = TOKEN.search((await other.get(path)).text)
    assert shown
    assert (await send(bruno, path, **GIVEN)).status_code == 200
    late = await other.post(path, data={"form_token": shown[1], **GIVEN, "password": "another lamp on it"})
    never = await other.get("/join/" + "x" * 43)
    again = await other.get(path)
    assert {page.status_code for page in (late, never, again)} == {404}
    assert plain(late) == plain(never) == plain(again)
    assert "Bruno" not in late.text


@pytest.mark.parametrize("late", [-5 * MINUTE, 0, 5 * MINUTE])
async def test_it_ends_to_the_moment_by_the_servers_clock(site: Site, late: int) -> None:
    path, bruno = await link(site), await site.client()
    shown = TOKEN.search((await bruno.get(path)).text)
    assert shown
    site.clock.ahead = 60 * MINUTE + late
    answer = await bruno.post(path, data={"form_token": shown[1], **GIVEN})
    assert answer.status_code == (200 if late < 0 else 404)


async def test_no_page_of_it_is_kept_or_tells_another_site_of_it(site: Site) -> None:
    path, bruno = await link(site), await site.client()
    for page in (await bruno.get(path), await bruno.get("/join/nonsense")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
        assert not re.search(r'(?:src|href)="https?://', page.text)
