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
    "/contact-points",
    "/contact-points/1",
    "/contact-points/new",
    "/postings",
    "/postings/new",
    "/postings/1",
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
