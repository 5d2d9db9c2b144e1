"""A real browser for the tests of pages, and what every page has to pass in it.

A conftest.py of any area of tests takes what it needs:

    from browser import axe, chromium
    from web_site import certificate, open_site, site

and a test says

    async def test_the_pages_of_units(chromium: Browser, site: Site, axe: Axe) -> None:
        anna = await window(chromium, site, "anna", bypass_csp=True)
        await axe(await anna.page("/units"), "units")

`axe(page, name)` asserts that axe-core finds nothing (all rules in light; contrast in dark; sizes on a telephone) and
that nothing is wider than the window. With ICONET_SCREENSHOTS=DIR it keeps DIR/NAME-VIEW.png of each view: look.
axe needs `bypass_csp`; a window without it and `clean()` test that a page lives within our Content-Security-Policy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.async_api import ViewportSize, async_playwright
from web_site import SESSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page
    from web_site import Site

Axe = Callable[["Page", str], Awaitable[None]]
AXE = (Path(__file__).parent / "web" / "vendor" / "axe-4.14.1.min.js").read_text()
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, TELEPHONE = ViewportSize(width=1200, height=800), ViewportSize(width=390, height=844)
EVERYTHING: dict[str, Any] = {}
COLOURS: dict[str, Any] = {"runOnly": ["color-contrast"]}
SIZES: dict[str, Any] = {"runOnly": ["target-size", "region", "scrollable-region-focusable"]}
VIEWS: dict[str, tuple[Literal["light", "dark"], ViewportSize, dict[str, Any]]] = {
    "light": ("light", DESK, EVERYTHING),
    "dark": ("dark", DESK, COLOURS),
    "telephone": ("light", TELEPHONE, SIZES),
}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        assert not os.environ.get("CI"), "chromium is not installed"
        pytest.skip("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


class Watched:
    """A browser's window, and what it complained of or asked others for."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self._url = site.url
        context.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on(
            "request", lambda asked: None if asked.url.startswith(self._url) else self.strangers.append(asked.url)
        )

    async def page(self, path: str) -> Page:
        page = await self.context.new_page()
        await page.goto(self._url + path)
        return page

    def clean(self) -> None:
        assert self.complaints == []
        assert self.strangers == []


async def window(chromium: Browser, site: Site, name: str = "", **options: Any) -> Watched:  # noqa: ANN401 -- Playwright's
    context = await chromium.new_context(ignore_https_errors=True, locale="en-GB", **options)
    context.set_default_timeout(5_000)
    site.exits.push_async_callback(context.close)
    if name:
        await context.add_cookies(
            [{"name": SESSION, "value": await site.session(name), "url": site.url, "secure": True}]
        )
    return Watched(context, site)


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Assert that a page is accessible and fits, in light, in dark and on a telephone."""
    return judged


async def judged(page: Page, name: str) -> None:
    await page.evaluate(AXE)
    for view, (scheme, size, rules) in VIEWS.items():
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(size)
        assert not await page.evaluate(WIDE), (name, view)
        found = await page.evaluate("rules => axe.run(rules)", rules)
        faults = [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]
        assert faults == [], (name, view)
        if "ICONET_SCREENSHOTS" in os.environ:
            await page.screenshot(path=Path(os.environ["ICONET_SCREENSHOTS"], f"{name}-{view}.png"), full_page=True)
