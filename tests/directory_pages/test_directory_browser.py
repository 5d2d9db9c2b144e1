"""The directory in a real browser: as one types, by the keyboard alone, without scripts, and for everybody's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import window

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page
    from web_site import Site

pytestmark = pytest.mark.anyio
PAGES = {
    "directory": "/directory",
    "directory-found": "/directory?q=a",
    "person": "/directory/people/anna",
    "unit": "/directory/bodies/aa/u",
    "body": "/directory/bodies/aa",
    "contact-points": "/directory/contact-points?body=AA",
    "liaison-officers": "/directory/liaison-officers",
}


async def test_what_is_typed_is_found_and_told(chromium: Browser, furnished: Site) -> None:
    clara = await window(chromium, furnished, "clara")
    page = await clara.page("/directory")
    await page.get_by_label("Name, unit, state or mail address").press_sequentially("anst", delay=20)
    await page.get_by_role("link", name="Anna Ånström").wait_for()
    status = page.get_by_role("status")
    assert await status.inner_text() == "1 person, 0 units, 0 states and institutions found."
    assert page.url.endswith("?q=anst")
    assert not await page.get_by_role("heading", name="Who takes part").is_visible()
    await page.get_by_label("Name, unit, state or mail address").fill("zzz")
    await page.get_by_text("Nothing found for “zzz”.").wait_for()
    assert await status.count() == 1
    await page.get_by_label("Name, unit, state or mail address").fill("")
    await page.get_by_role("heading", name="Who takes part").wait_for()
    clara.clean()


async def test_who_was_signed_out_meanwhile_is_led_to_the_sign_in(chromium: Browser, furnished: Site) -> None:
    clara = await window(chromium, furnished, "clara")
    page = await clara.page("/directory")
    await clara.context.clear_cookies()
    await page.get_by_label("Name, unit, state or mail address").fill("anna")
    await page.get_by_role("heading", name="Sign in").wait_for()


async def test_everything_works_without_scripts_and_by_the_keyboard_alone(chromium: Browser, furnished: Site) -> None:
    clara = await window(chromium, furnished, "clara", java_script_enabled=False)
    page = await clara.page("/directory")
    await reach(page, "q")
    await page.keyboard.type("anstr")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Anna Ånström").wait_for()
    await page.get_by_role("link", name="Anna Ånström").press("Enter")
    await page.get_by_role("heading", name="Anna Ånström", level=1).wait_for()
    await page.get_by_role("link", name="Unit A").first.press("Enter")
    await page.get_by_role("heading", name="Unit A", level=1).wait_for()
    await page.get_by_role("link", name="Aland").first.press("Enter")
    await page.get_by_role("heading", name="Contact points").wait_for()
    await page.goto(f"{furnished.url}/directory/contact-points")
    await page.get_by_label("State or institution").press("A")
    await page.get_by_label("About").select_option("return")
    await page.get_by_role("button", name="Show").press("Enter")
    await page.get_by_role("heading", name="1 contact point").wait_for()
    clara.clean()


async def reach(page: Page, name: str) -> None:
    """Press Tab until the field with this id has the focus."""
    for _ in range(15):
        await page.keyboard.press("Tab")
        if await page.locator(f"#{name}:focus").count():
            return
    raise AssertionError(name)


async def test_pages_live_within_our_content_policy(chromium: Browser, furnished: Site) -> None:
    clara = await window(chromium, furnished, "clara")
    for path in PAGES.values():
        await (await clara.page(path)).close()
    clara.clean()
