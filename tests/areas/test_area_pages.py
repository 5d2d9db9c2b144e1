from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from area_world import admin, run_by_admin_and_managers
from browser import window
from web_site import send

from directory import roles
from directory.roles import Grant
from groupware.areas.rooms import Settings
from groupware.events import EventKind
from groupware.web_sessions import Start
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from browser import Axe
    from playwright.async_api import Browser
    from web_site import Opened, Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ROOMS = "/administration/rooms"


@pytest.fixture
async def site(open_site: Opened) -> Site:
    opened: Site = await open_site()
    await opened.groupware.store.run(lambda tx: run_by_admin_and_managers(tx, opened.town))
    return opened


async def test_an_area_is_founded_and_a_room_opened_and_filled_without_javascript(
    chromium: Browser, site: Site
) -> None:
    """By keyboard: Tab leads to each field, Enter sends."""
    clara = await window(chromium, site, "clara", java_script_enabled=False)
    page = await clara.page("/administration/areas")
    await page.get_by_role("link", name="Found an area").press("Enter")
    await page.get_by_label("Code", exact=True).fill("visas")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Visas and borders")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/administration/areas/visas")
    await page.get_by_label("Unit", exact=True).select_option("bb/u")
    await page.get_by_role("button", name="Add the unit").press("Enter")
    await page.get_by_role("link", name="Open a room").press("Enter")
    await page.get_by_label("Code", exact=True).fill("visas")
    await page.get_by_label("Name", exact=True).fill("Visas")
    await page.get_by_role("button", name="Open the room").press("Enter")
    await page.get_by_role("link", name="Give access").press("Enter")
    await page.get_by_label("Who", exact=True).select_option("body:bb")
    await page.get_by_label("Reason").fill("All of Borland works on visas")
    await page.get_by_role("button", name="Give access").press("Enter")
    await page.wait_for_url("**/administration/rooms/visas?done=given#access")
    text = await page.inner_text("main")
    assert "All officials of Borland may read, from" in text
    assert "2 officials" in text
    assert "Read: 2 officials of 1 body" in text
    clara.clean()
    bruno = await site.client("bruno")
    assert "/rooms/visas" in (await bruno.get("/")).text
    await page.get_by_role("button", name=re.compile("^End.*All officials of Borland")).press("Enter")
    await page.wait_for_url("**?done=ended#access")
    assert "/rooms/visas" not in (await bruno.get("/")).text


async def test_pages_are_accessible(chromium: Browser, site: Site, axe: Axe) -> None:
    areas = site.groupware.areas
    await areas.open_room(admin(site.town), "return", "return-charter", Settings("Charter flights", "aa/u"), "return")
    token = await site.publish("anna", "A flight")
    clara = await window(chromium, site, "clara", bypass_csp=True)
    for path, name in {
        "/administration/areas": "areas-tree",
        "/administration/areas/new": "areas-found",
        "/administration/areas/return": "areas-area",
        "/administration/areas/return/rooms/new": "areas-room-new",
        f"{ROOMS}/return/access": "areas-access",
        f"{ROOMS}/return": "areas-room",
    }.items():
        await axe(await clara.page(path), name)
    anna = await window(chromium, site, "anna", bypass_csp=True)
    await axe(await anna.page(f"/posts/{token}/withdraw"), "withdraw")


async def test_a_form_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(site: Site) -> None:
    clara = await site.client("clara")
    path = "/administration/areas/return/rooms/new"
    fields = {"name": "Flights", "owner": "aa/u", "marking": "2", "handling": "0", "retention": "standard"}
    answer = await send(clara, path, code="Return!", patience="24", **fields)
    assert answer.status_code == 422
    assert 'id="code-problem"' in answer.text
    assert 'value="Flights"' in answer.text
    taken = await send(clara, path, code="return", patience="24", **fields)
    assert (taken.status_code, 'id="code-problem"' in taken.text) == (409, True)
    hours = await send(clara, path, code="flights", patience="-1", **fields)
    assert (hours.status_code, 'id="patience-problem"' in hours.text) == (422, True)


async def test_two_admins_who_edit_one_room(site: Site) -> None:
    clara, anna = await site.client("clara"), await site.client("anna")
    fields = {"owner": "aa/u", "marking": "2", "handling": "0", "retention": "standard", "patience": "24"}
    first = await send(clara, f"{ROOMS}/return", name="Returns", version="1", **fields)
    second = await send(anna, f"{ROOMS}/return", name="Return flights", version="1", **fields)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Somebody else has changed this meanwhile" in second.text
    assert 'value="Return flights"' in second.text
    assert "Set now: Returns" in second.text


async def test_others_find_nothing_there(site: Site) -> None:
    """Otto manages a room of the other area."""
    otto = await site.client("otto")
    assert "/administration/areas" in (await otto.get("/account")).text
    for path in (f"{ROOMS}/CODE", "/administration/areas/CODE", f"{ROOMS}/CODE/access"):
        hidden = await otto.get(path.replace("CODE", "return"))
        assert (hidden.status_code, hidden.text) == (404, (await otto.get(path.replace("CODE", "nothing"))).text)
    await site.lose_rights("otto")
    assert "/administration/areas" not in (await otto.get("/account")).text
    assert (await otto.get("/administration/areas")).status_code == 404


async def test_a_post_is_withdrawn_and_gone_for_all(site: Site) -> None:
    token = await site.publish("anna", "A mistake")
    anna, bruno = await site.client("anna"), await site.client("bruno")
    assert f"/posts/{token}/withdraw" in (await anna.get(f"/posts/{token}")).text
    assert f"/posts/{token}/withdraw" not in (await bruno.get(f"/posts/{token}")).text
    assert (await bruno.get(f"/posts/{token}/withdraw")).status_code == 404
    done = await send(anna, f"/posts/{token}/withdraw", reason="It named somebody")
    assert done.headers["location"] == "/?withdrawn=1"
    for client in (anna, bruno):
        assert (await client.get(f"/posts/{token}")).status_code == 404
        assert "A mistake" not in (await client.get("/rooms/return")).text


async def test_who_speaks_for_its_owner_withdraws_it_in_the_portal_and_by_program(site: Site) -> None:
    tokens = [await site.publish("dora", words) for words in ("A mistake", "Another")]
    anna, bruno = await site.client("anna"), await site.client("bruno")
    assert f"/posts/{tokens[0]}/withdraw" not in (await anna.get(f"/posts/{tokens[0]}")).text

    def speak(tx: Tx) -> None:
        for name, body in (("anna", 1), ("bruno", 2)):
            roles.grant(tx.connection, Grant(site.town.people[name], Role.CONTACT_POINT, body, reason="test"))
            tx.record(EventKind.RIGHTS_CHANGED, site.town.people[name])

    await site.groupware.store.run(speak)
    assert f"/posts/{tokens[0]}/withdraw" in (await anna.get(f"/posts/{tokens[0]}")).text
    assert f"/posts/{tokens[0]}/withdraw" not in (await bruno.get(f"/posts/{tokens[0]}")).text
    assert (await send(anna, f"/posts/{tokens[0]}/withdraw", reason="Ours")).status_code == 303
    name = (await site.groupware.post(site.town.caller("anna", Door.API), tokens[1])).message_id.strip("<>")
    program = await site.client()
    del program.headers["Sec-Fetch-Site"]
    program.headers["Authorization"] = f"Bearer {await site.session('anna', Start(program=True))}"
    answer = await program.post(f"/api/posts/{name}/withdraw", json={"reason": "Ours, too"})
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    for token in tokens:
        assert (await bruno.get(f"/posts/{token}")).status_code == 404
