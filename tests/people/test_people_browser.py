"""Keeping people in a real browser: by keyboard, without scripts; tests/web/test_every_page.py has axe judge each page.

With ICONET_SCREENSHOTS=DIR the pictures are kept there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import window

if TYPE_CHECKING:
    from pathlib import Path

    from browser import Axe
    from playwright.async_api import Browser
    from web_site import Site

pytestmark = pytest.mark.anyio


async def test_an_official_is_added_and_invited_by_keyboard_without_scripts(chromium: Browser, kept: Site) -> None:
    clara = await window(chromium, kept, "clara", java_script_enabled=False)
    page = await clara.page("/people/new")
    await page.get_by_label("Login").focus()
    for text in ("nina", "Nina Nova", "Nina", "Nova", "Adviser"):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    await page.keyboard.type("\N{EN DASH} V")
    await page.get_by_label("Telephone", exact=True).focus()
    await page.keyboard.type("call me")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="A telephone number is like").press("Enter")
    await page.get_by_label("Telephone", exact=True).fill("+32 2 555 01")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Make a sign-in link").press("Enter")
    assert "/join/" in await page.get_by_label("Link").input_value()
    clara.complaints = [each for each in clara.complaints if "422" not in each]
    clara.clean()


async def test_a_file_is_looked_through_and_applied(chromium: Browser, kept: Site, axe: Axe, tmp_path: Path) -> None:
    clara = await window(chromium, kept, "clara", bypass_csp=True)
    page = await clara.page("/people/import")
    for name, text in (
        ("wrong", "login,name,unit\nnina,=1+1,visa\nanna,Anna Other,u\n"),
        ("right", "login,name,unit\nnina,Nina Nova,visa\nanna,Anna Other,u\n"),
    ):
        file = tmp_path / f"{name}.csv"
        file.write_text(text)
        await page.goto(f"{kept.url}/people/import")
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_role("button", name="Show what would change").click()
        await axe(page, f"people-difference-{name}")
    await page.get_by_role("button", name="Make these changes").click()
    assert "1 added, 1 changed" in await page.get_by_role("status").inner_text()
