"""The portal in a real browser: the whole path by hand, with scripts and without, in light, in dark, on a telephone.

With ICONET_SCREENSHOTS=DIR the pictures are kept there.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING

import pytest
from browser import window
from web_site import PASSWORD

from groupware import clock
from groupware.moderation import Word

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from web_site import Site

pytestmark = pytest.mark.anyio


async def test_the_whole_path_by_hand(chromium: Browser, site: Site) -> None:
    await site.with_password("anna")
    anna = await window(chromium, site)
    page = await anna.page("/rooms/return")
    await page.get_by_label("Login or mail address").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="New post").click()
    await page.get_by_label("Subject").fill("Charter flight to Tirana")
    await page.get_by_label("Text").fill("Dear colleagues,\n\nthe flight leaves on Monday.")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Awaits moderation, no. 1").wait_for()

    bruno, dora = await window(chromium, site, "bruno"), await window(chromium, site, "dora")
    room = await bruno.page("/rooms/return")
    await site.streaming()
    assert await room.get_by_text("Charter flight").count() == 0
    judge = await dora.page("/moderation")
    await judge.get_by_role("link", name="Charter flight to Tirana").click()
    await judge.get_by_text("the flight leaves on Monday").wait_for()
    await judge.get_by_role("button", name="Approve and publish").click()
    await judge.get_by_text("The post is published.").wait_for()
    await room.get_by_role("link", name="Charter flight to Tirana").click()
    await room.get_by_text("the flight leaves on Monday").wait_for()
    for watched in (anna, bruno, dora):
        watched.clean()


async def test_an_open_room_shows_a_new_post_within_half_a_second(chromium: Browser, site: Site) -> None:
    bruno = await window(chromium, site, "bruno")
    page = await bruno.page("/rooms/return")
    await site.streaming()
    dora, took = site.town.caller("dora"), []
    for number in range(3):
        await site.post("anna", f"Seen at once {number}")
        token = await site.held()
        shown = asyncio.create_task(page.get_by_role("link", name=f"Seen at once {number}").wait_for())
        began = clock.monotonic()
        await site.groupware.decide(dora, token, Word.APPROVE)
        await shown
        took.append(clock.monotonic() - began)
    assert statistics.median(took) < 0.5
    await site.lose_rights("bruno")
    await page.get_by_role("heading", name="Not Found").wait_for()
    bruno.strangers.clear()
    assert all("404" in complaint for complaint in bruno.complaints)


async def test_everything_works_without_scripts(chromium: Browser, site: Site) -> None:
    token = await site.publish("dora", "A question")
    clara = await window(chromium, site, "clara", java_script_enabled=False)
    page = await clara.page("/")
    await page.get_by_role("link", name="Return", exact=True).click()
    await page.get_by_role("link", name="A question").click()
    await page.get_by_role("link", name="Reply").click()
    await page.get_by_label("Text").fill("An answer.")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Awaits moderation, no. 1").wait_for()
    dora = await window(chromium, site, "dora", java_script_enabled=False)
    judge = await dora.page("/moderation")
    await judge.get_by_role("link", name="Re: A question").click()
    await judge.get_by_label("Reason").fill("Not the place for it.")
    await judge.get_by_role("button", name="Refuse").click()
    await judge.get_by_text("The post is refused").wait_for()
    await page.reload()
    await page.get_by_text("Reason: Not the place for it.").wait_for()
    await page.goto(f"{site.url}/posts/{token}/why")
    await page.get_by_text("your unit is competent for what the post concerns").wait_for()
    await page.goto(f"{site.url}/sessions")
    await page.get_by_role("button", name="Sign out").first.click()
    await page.get_by_role("heading", name="Sign in").wait_for()
    clara.clean()


async def test_the_keyboard_reaches_everything_and_the_skip_link_is_first(chromium: Browser, site: Site) -> None:
    await site.publish("dora", "Reached by keys")
    clara = await window(chromium, site, "clara")
    page = await clara.page("/rooms/return")
    reached = []
    for _ in range(24):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
        ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid", reached
        if reached[-1] == "Reached by keys":
            break
    assert reached[0] == "Skip to main content"
    assert reached[-1] == "Reached by keys"
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Reached by keys", level=1).wait_for()


async def test_a_stricter_post_marks_an_open_page(chromium: Browser, site: Site) -> None:
    clara = await window(chromium, site, "clara")
    page = await clara.page("/rooms/return")
    await site.streaming()
    await page.locator("#level", has_text="TLP:AMBER").wait_for()
    await site.post("dora", "[TLP:RED] Names")
    await page.locator("#level", has_text="TLP:RED").wait_for()
    assert await page.locator("#level").count() == 1
    clara.clean()
