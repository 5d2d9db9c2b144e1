"""The pages about duties in Chromium: accessible, and on a telephone too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import window

from directory import contact_points, officials, postings, roles
from directory.contact_points import ContactPoint, Hours
from directory.postings import Posting
from directory.roles import Grant
from groupware import clock
from groupware.duties.handing_over import Offer
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from browser import Axe
    from playwright.async_api import Browser
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
PATHS = (
    "/duties",
    "/duties/role",
    "/duties/held/anna",
    "/people/entry/anna",
    "/duties/hand-over",
    "/duties/appoint",
    "/duties/off-board",
    "/directory/contact-points",
    "/directory/contact-points/1",
    "/directory/contact-points/new",
    "/directory/liaison-officers",
    "/directory/liaison-officers/new",
    "/directory/liaison-officers/1",
    "/rooms/return/new",
)


async def test_pages_about_duties_are_accessible_and_fit(chromium: Browser, site: Site, axe: Axe) -> None:
    people = site.town.people

    def use_case(tx: Tx) -> None:
        connection, body = tx.connection, officials.get(tx.connection, people["clara"]).body
        for name, role, scope in (
            ("clara", Role.CONTACT_POINT, body),
            ("emil", Role.DEPUTY, body),
            ("anna", Access.SENDER, people["clara"]),
            ("clara", Access.SENDER, people["anna"]),
        ):
            roles.grant(connection, Grant(people[name], role, scope, reason="test"))
        hours = (Hours(0, 540, 1020),)
        point = ContactPoint(body, 0, people["clara"], "Europe/Oslo", (people["emil"],), hours)
        contact_points.add(connection, point)
        postings.add(connection, Posting(people["anna"], "TR", "Ankara", clock.now(), planned=True, duties="Documents"))

    await site.groupware.store.run(use_case)
    emil = site.town.caller("emil", Door.PORTAL, strong=True)
    await site.groupware.duties.offer(emil, Offer(people["emil"], people["clara"], note="All in order"))
    clara = await window(chromium, site, "clara", bypass_csp=True)
    for path in PATHS:
        page = await clara.page(path)
        await axe(page, path.strip("/").replace("/", "-"))
        await page.close()


async def test_names_are_offered_as_one_types(chromium: Browser, site: Site) -> None:
    clara = await window(chromium, site, "clara")
    page = await clara.page("/duties/role")
    await page.get_by_label("Official", exact=True).press_sequentially("brun", delay=20)
    await page.locator("#officials option[value='Bruno (bruno), Unit B, Borland']").wait_for(state="attached")
    assert await page.locator("#officials option").count() == 1
    clara.clean()


async def test_a_place_is_given_and_a_role_ended_without_scripts(chromium: Browser, site: Site) -> None:
    people = site.town.people

    def use_case(tx: Tx) -> None:
        body = officials.get(tx.connection, people["clara"]).body
        for name, role in (("clara", Role.CONTACT_POINT), ("emil", Role.DEPUTY)):
            roles.grant(tx.connection, Grant(people[name], role, body, reason="test"))

    await site.groupware.store.run(use_case)
    clara = await window(chromium, site, "clara", java_script_enabled=False)
    page = await clara.page("/directory/contact-points")
    await page.get_by_role("link", name="Add one for an area").click()
    await page.get_by_label("Area").select_option("Return")
    await page.get_by_label("Contact point", exact=True).fill("Anna (anna), Unit A")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("heading", name="Aland: Return").wait_for()
    page = await clara.page("/people/entry/emil")
    await page.get_by_role("link", name="Roles and access").click()
    await page.get_by_label("Reason to end Deputy contact point").fill("moves on")
    await page.get_by_role("button", name="End it as Deputy contact point").click()
    await page.get_by_text("It is ended.").wait_for()
    assert await page.get_by_role("cell", name="Deputy contact point", exact=True).count() == 0
    clara.clean()
