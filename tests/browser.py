"""A real browser for the tests of pages, and what every page has to pass in it.

A conftest.py of any area of tests takes what it needs:

    from browser import axe, chromium
    from web_site import certificate, open_site, site

and a test says

    async def test_the_pages_of_units(chromium: Browser, site: Site, axe: Axe) -> None:
        anna = await window(chromium, site, "anna", bypass_csp=True)
        await axe(await anna.page("/units"), "units")

`axe(page, name)` asserts that axe-core finds nothing (all rules in light; contrast in dark; sizes on a telephone), that
nothing is wider than the window, and what PLAIN says: one heading, a title, tables and fields that are named.
`out_of_reach(page)` says what Tab alone doesn't reach, and what doesn't show that it has the focus.
With ICONET_SCREENSHOTS=DIR DIR/NAME-VIEW.png is kept of each view: look. axe needs `bypass_csp`; a window without it
and `clean()` test that a page lives within our Content-Security-Policy.
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
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS: dict[str, Any] = {"runOnly": ["color-contrast"]}
SIZES: dict[str, Any] = {"runOnly": ["target-size", "region", "scrollable-region-focusable"]}
VIEWS: dict[str, tuple[Literal["light", "dark"], ViewportSize, dict[str, Any]]] = {
    "light": ("light", DESK, EVERYTHING),
    "dark": ("dark", DESK, COLOURS),
    "telephone": ("light", TELEPHONE, SIZES),
}
PLAIN = """() => {
    const faults = [], all = (what) => [...document.querySelectorAll(what)];
    const named = (ids) => ids.split(/\\s+/).every((id) => document.getElementById(id)?.textContent.trim());
    if (all("h1").length !== 1 || !all("h1")[0].textContent.trim()) faults.push("not one heading");
    if (!/^\\S.* \\u2013 ICONet$/.test(document.title)) faults.push("no title: " + document.title);
    for (const name of ["aria-labelledby", "aria-describedby"])
        for (const each of all(`[${name}]`))
            if (!each.hidden && !each.getAttribute(name).split(/\\s+/).every((id) => document.getElementById(id)))
                faults.push(name + " of nothing: " + each.outerHTML);
    for (const each of all("table"))
        if (!each.caption?.textContent.trim()) faults.push("no caption: " + each.outerHTML.slice(0, 200));
    for (const each of all("button, .button"))
        if (getComputedStyle(each).whiteSpace !== "nowrap") faults.push("may break: " + each.outerHTML);
    for (const each of all("td"))
        if (getComputedStyle(each).overflowWrap === "anywhere") faults.push("words break: " + each.outerHTML);
    for (const each of all("input:not([type=hidden]), select, textarea"))
        if (![...each.labels].some((label) => label.textContent.trim())) faults.push("no label: " + each.outerHTML);
    for (const each of all("[aria-invalid]"))
        if (!named(each.getAttribute("aria-describedby") || "nothing")) faults.push("no words: " + each.outerHTML);
    const ids = all("[id]").map((each) => each.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) < at))) faults.push("twice: " + id);
    return faults;
}"""
"""What is wrong with a page that no rule of axe-core tells."""
WATCH = """() => {
    const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const free = (each) => each.checkVisibility({visibilityProperty: true}) && !each.matches(":disabled");
    window.unreached = new Set([...document.querySelectorAll(usable)].filter(free)), window.ringless = new Set();
    document.addEventListener("focusin", ({target}) => {
        const style = getComputedStyle(target);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) window.ringless.add(target);
        for (const each of [...window.unreached])
            if (each === target || (each.type === "radio" && each.name === target.name)) window.unreached.delete(each);
    });
    return window.unreached.size;
}"""
UNREACHED = "[...window.unreached].map((each) => each.outerHTML)"
RINGLESS = "[...window.ringless].map((each) => each.outerHTML)"
AROUND = 6
"""Times that Tab is pressed for each thing: a field for a date has several places within it."""
JUDGED = """async (rules) => {
    const root = document.documentElement, wide = root.scrollWidth > root.clientWidth;
    const {violations} = await axe.run(rules);
    const told = violations.map(({id, nodes}) => id + ": " + nodes.map((node) => node.html).join(", "));
    return wide ? ["wider than the window", ...told] : told;
}"""
"""What is wrong in one view; told in short, as a whole answer of axe-core's takes longer to bring here than to find."""


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
        assert self.complaints == [], self.complaints
        assert self.strangers == []


async def window(chromium: Browser, site: Site, name: str = "", **options: Any) -> Watched:  # noqa: ANN401 -- Playwright's
    context = await chromium.new_context(ignore_https_errors=True, locale="en-GB", **options)
    context.set_default_timeout(5_000)
    if options.get("bypass_csp"):
        await context.add_init_script(AXE)  # once a window: it has 570 kB, and each page would be sent it
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


async def out_of_reach(page: Page) -> list[str]:
    """What Tab alone doesn't reach, and what doesn't show that it has the focus."""
    there = await page.evaluate(WATCH)
    left: list[str] = []
    for _ in range(AROUND):
        for _ in range(there):
            await page.keyboard.press("Tab")
        if not (left := await page.evaluate(UNREACHED)):
            break
    unseen = await page.evaluate(RINGLESS)
    return [*(f"out of reach: {each}" for each in left), *(f"focus unseen: {each}" for each in unseen)]


async def faults_of(page: Page, name: str) -> list[str]:
    """What axe-core and PLAIN say against a page, and the views in which it is too wide."""
    faults: list[str] = await page.evaluate(PLAIN)
    for view, (scheme, size, rules) in VIEWS.items():
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(size)
        faults += [f"{view}: {each}" for each in await page.evaluate(JUDGED, rules)]
        if "ICONET_SCREENSHOTS" in os.environ:
            await page.screenshot(path=Path(os.environ["ICONET_SCREENSHOTS"], f"{name}-{view}.png"), full_page=True)
    return faults


async def judged(page: Page, name: str) -> None:
    assert await faults_of(page, name) == [], name
