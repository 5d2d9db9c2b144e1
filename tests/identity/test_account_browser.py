"""The account's pages in a real browser, with Chromium's own virtual authenticator for passkeys."""

from __future__ import annotations

from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from browser import Watched, window
from sqlalchemy import delete
from web_site import PASSWORD, SESSION

from directory import invitations, totp
from directory.invitations import Purpose
from directory.tables import terms_acceptance
from groupware import clock
from policies.vocabulary import Door

if TYPE_CHECKING:
    from browser import Axe
    from playwright.async_api import Browser, CDPSession, Page
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
DAY = 24 * 3600 * 1_000_000


async def authenticator(watched: Watched, page: Page) -> CDPSession:
    """A security key in the browser's USB port that knows whose finger it feels."""
    devtools = await watched.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools


async def invite(site: Site, name: str, purpose: Purpose = Purpose.JOIN) -> str:
    def make(tx: Tx) -> str:
        number = site.town.people[name]
        return invitations.make(tx.connection, number, purpose, expires=tx.now + DAY, created_by=0, now=tx.now)

    return await site.groupware.store.run(make)


async def forget_terms(site: Site) -> None:
    await site.groupware.store.run(lambda tx: tx.connection.execute(delete(terms_acceptance)))


async def cookie(watched: Watched) -> str:
    found = [each["value"] for each in await watched.context.cookies() if each["name"] == SESSION]
    return found[0] if found else ""


async def test_a_newcomer_makes_a_passkey_and_signs_in_without_a_login(chromium: Browser, site: Site) -> None:
    await forget_terms(site)
    anna = await window(chromium, site)
    page = await anna.page("/sign-in")
    await authenticator(anna, page)
    await page.goto(f"{site.url}/join/{await invite(site, 'anna')}")
    await page.get_by_label("I have read the terms of use").check()
    await page.get_by_role("button", name="Make a passkey").click()
    await page.get_by_role("heading", name="All set").wait_for()
    assert await page.locator(".codes code").count() == 10
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_role("heading", name="Your account").wait_for()
    await page.get_by_text("You have none, and sign in with a passkey.").wait_for()
    caller = await site.groupware.web_sessions.resume(await cookie(anna))
    assert caller
    assert caller.login == "anna"
    (session,) = await site.groupware.web_sessions.of(caller)
    assert (session.means, session.device) == ("passkey", "Chrome on Linux")
    await page.goto(f"{site.url}/rooms/return")
    await page.get_by_role("heading", name="Return").wait_for()
    anna.clean()


async def test_a_passkey_beside_the_password_is_the_second_step_and_the_confirmation(
    chromium: Browser, site: Site
) -> None:
    await site.with_password("anna")
    anna = await window(chromium, site, "anna")
    page = await anna.page("/account/passkeys")
    await authenticator(anna, page)
    await page.get_by_label("Name, for you to know it by").fill("Office laptop")
    await page.get_by_role("button", name="Make the passkey").click()
    await page.get_by_role("heading", name="Keep these codes").wait_for()
    await page.get_by_role("link", name="I have them").click()
    await page.get_by_text("Office laptop").first.wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Login or mail address").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("heading", name="Second step").wait_for()
    assert not await cookie(anna), "the password alone opens nothing"
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_role("heading", name="Areas").wait_for()
    site.clock.ahead += 16 * 60 * 1_000_000
    await page.goto(f"{site.url}/account/app")
    await page.get_by_role("heading", name="Confirm that it is you").wait_for()
    anna.clean()


async def test_an_authenticator_app_by_hand_without_scripts(chromium: Browser, site: Site) -> None:
    await site.with_password("anna")
    anna = await window(chromium, site, java_script_enabled=False)
    page = await anna.page("/account")
    await sign_in(page)
    await page.get_by_role("link", name="Set one up").click()
    secret = b32decode((await page.locator("#app-key").inner_text()).replace(" ", ""))
    await page.get_by_label("Code that the app shows now").fill("000000")
    await page.get_by_role("button", name="Set up").click()
    await page.get_by_text("That isn't the code that the app shows now.").first.wait_for()
    assert b32decode((await page.locator("#app-key").inner_text()).replace(" ", "")) == secret, "the picture stays"
    await page.get_by_label("Code that the app shows now").fill(totp.code(secret, clock.now() // totp.STEP))
    await page.get_by_role("button", name="Set up").click()
    await page.get_by_role("heading", name="Keep these codes").wait_for()
    spare = await page.locator(".codes code").first.inner_text()
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page)
    await page.get_by_role("heading", name="Second step").wait_for()
    assert await page.get_by_role("button", name="Use a passkey").count() == 0
    await page.get_by_label("Code from your authenticator app").fill(spare)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Areas").wait_for()
    assert all("422" in complaint for complaint in anna.complaints)
    assert anna.strangers == []


async def sign_in(page: Page) -> None:
    await page.get_by_label("Login or mail address").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_an_app_password_is_made_shown_once_used_and_revoked(chromium: Browser, site: Site) -> None:
    anna = await window(chromium, site, "anna")
    page = await anna.page("/account/app-passwords")
    await page.get_by_role("button", name="Make it").click()
    assert await page.get_by_role("heading", name="Copy it now").count() == 0, "the browser asks for the name"
    await page.get_by_label("Name of the program or device").fill("Thunderbird")
    await page.get_by_role("button", name="Make it").click()
    await page.get_by_text("Choose at least one door.").first.wait_for()
    await page.get_by_label("Read mail (IMAP)").check()
    await page.get_by_role("button", name="Make it").click()
    made = await page.locator("#app-password").inner_text()
    caller = await site.groupware.sign_in.check(Door.IMAP, "anna", made, "::1")
    assert caller.app_password
    await page.get_by_role("link", name="I have it").click()
    await page.get_by_role("row", name="Thunderbird").get_by_text("Read mail (IMAP)").wait_for()
    assert made not in await page.content()
    await page.get_by_role("button", name="Revoke Thunderbird").click()
    await page.get_by_text("The app password is revoked.").wait_for()
    assert all("422" in complaint for complaint in anna.complaints)
    assert anna.strangers == []


async def test_every_page_of_the_account_is_accessible(chromium: Browser, site: Site, axe: Axe) -> None:
    await site.with_password("anna")
    anna = await window(chromium, site, "anna", bypass_csp=True)
    page = await anna.page("/account")
    await axe(page, "account")
    await authenticator(anna, page)
    for path in ("password", "app", "passkeys", "app-passwords", "terms", "confirm"):
        await page.goto(f"{site.url}/account/{path}")
        await axe(page, f"account-{path}")
    await page.goto(f"{site.url}/account/passkeys")
    await page.get_by_role("button", name="Make the passkey").click()
    await page.get_by_role("heading", name="Keep these codes").wait_for()
    await axe(page, "account-codes")
    await page.goto(f"{site.url}/account/app-passwords")
    await page.get_by_label("Name of the program or device").fill("Thunderbird on the office laptop")
    await page.get_by_label("Send mail (SMTP)").check()
    await page.get_by_label("Read mail (IMAP)").check()
    await page.get_by_role("button", name="Make it").click()
    await axe(page, "account-app-password")
    for path in ("/account/app-passwords", "/account", "/sessions"):
        await page.goto(site.url + path)
        await axe(page, f"full{path.replace('/', '-')}")
    await page.goto(f"{site.url}/account/password")
    await page.get_by_label("Present password").fill("x")
    await page.get_by_role("button", name="Change the password").click()
    await axe(page, "account-password-wrong")


async def test_the_pages_before_the_portal_are_accessible(chromium: Browser, site: Site, axe: Axe) -> None:
    await site.with_password("anna")
    await forget_terms(site)
    anna = await window(chromium, site, "anna", bypass_csp=True)
    page = await anna.page("/rooms/return")
    await page.get_by_role("heading", name="Terms of use").wait_for()
    assert await page.get_by_role("navigation").count() == 0
    await axe(page, "terms")
    await page.get_by_label("I have read the terms of use").check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("heading", name="Return").wait_for()
    nobody = await window(chromium, site, bypass_csp=True)
    page = await nobody.page(f"/join/{await invite(site, 'bruno')}")
    await axe(page, "join")
    await page.get_by_role("button", name="Set the password").click()
    await axe(page, "join-wrong")
    await page.goto(f"{site.url}/join/unknown")
    await axe(page, "dead-link")
    await site.groupware.identity.keep_app(*await app_of(site, "anna"))
    await page.goto(f"{site.url}/sign-in")
    await axe(page, "sign-in-passkey")
    await sign_in(page)
    await page.get_by_role("heading", name="Second step").wait_for()
    await axe(page, "second-step")


async def app_of(site: Site, name: str) -> tuple[object, str, str]:
    caller = site.town.caller(name, Door.PORTAL, strong=True)
    offered = site.groupware.identity.offer_app(caller)
    secret = b32decode(offered.spelled.replace(" ", ""))
    return caller, offered.sealed, totp.code(secret, clock.now() // totp.STEP)
