"""Every page of the portal in Chromium: the table of routes says which there are, and one without a visit fails.

Each is seen by somebody for whom it is full, in light, in dark and on a telephone, judged by axe-core and by what
tests/browser.py says beside it, by the keyboard alone, and once more without scripts. Every template is shown by it.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b32decode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from browser import Watched, faults_of, out_of_reach, window
from full_town import furnish
from meeting_world import ROOM
from provider_world import Tool
from starlette.routing import Match, Route
from web_site import PASSWORD

from connectors.web.app import PAGES, make_app
from connectors.web.cookies import STEP
from connectors.web.visit import nowhere
from directory import totp
from groupware import clock
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from playwright.async_api import Browser, Page
    from web_site import Opened, Site

    Act = Callable[[Page], Awaitable[object]]

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]
NOBODY = ""
VISITS = """
anna  /
clara /
anna  /rooms/return
anna  /rooms/return/new
anna  /posts/{html}
anna  /posts/{thread}
anna  /posts/{thread}/reply
anna  /posts/{thread}/why
anna  /posts/{thread}/acknowledge
bruno /posts/{thread}/acknowledge
anna  /acknowledge
clara /acknowledge
anna  /rooms/return/why
anna  /why
anna  /why?item=nothing
anna  /posts/{thread}/withdraw
dora  /posts/{thread}/mark
dora  /letter?id=letter@client.test
otto  /drafts
anna  /drafts
anna  /drafts/{draft}
dora  /drafts/{draft}
otto  /unconfirmed
otto  /unconfirmed/{unconfirmed}
clara /releases
otto  /releases
anna  /releases
otto  /releases/1
anna  /releases/1
anna  /releases/2
anna  /posts/{html}/release
dora  /posts/{thread}/release
dora  /moderation
dora  /moderation/{held}
anna  /resources
anna  /resources/{room}
anna  /resources/{room}?month={month}
clara /sessions
clara /directory
clara /directory?q=a
clara /directory?q=zzz
clara /directory/people/anna
clara /directory/bodies/aa
clara /directory/bodies/aa/u
clara /directory/contact-points
clara /directory/contact-points?body=AA
clara /directory/liaison-officers
clara /duties
dora  /duties
clara /duties/role?login=anna
clara /duties/held/anna
clara /duties/hand-over
clara /duties/appoint
clara /duties/off-board
clara /duties/take-back/lars
clara /duties/off-boarded/lars
clara /directory/contact-points/new
clara /directory/contact-points/1
clara /directory/liaison-officers/new
clara /directory/liaison-officers/1
clara /account
dora  /account
clara /account/password
clara /account/app
dora  /account/app
clara /account/passkeys
clara /account/app-passwords
clara /account/terms
clara /account/confirm?next=/
clara /account/programs
dora  /account/programs
clara /account/set-up
clara /account/contact
clara /administration/areas
clara /administration/areas/new
clara /administration/areas/return
clara /administration/areas/return/rooms/new
clara /administration/rooms/return
clara /administration/rooms/return-charter
clara /administration/rooms/return/access
clara /administration/bodies
clara /administration/bodies/new
clara /administration/bodies/cc
clara /people
clara /people?words=zzz
clara /people/new
clara /people/entry/anna
clara /people/entry/dora
clara /people/entry/leif
clara /people/entry/lena
clara /people/entry/lars
clara /people/resets
clara /people/units
clara /people/units/visa
clara /people/import
clara /people/review
clara /people/programs
emil  /audit
emil  /audit?login=nobody
emil  /audit/posts/1
emil  /audit/holds
emil  /audit/holds/1
emil  /audit/erasures
emil  /audit/erasures/{erased}
emil  /audit/why
emil  /audit/why?login=anna&item=return&what=enter
emil  /audit/why?login=bruno&item=return&what=enter
emil  /audit/glass
emil  /audit/glass/1
clara /oidc/authorize?{wish}
clara /oidc/authorize?client_id=none
clara /oidc/logout
clara /nothing
- /sign-in
- /sign-in/second
- /join/{link}
- /join/unknown
"""
"""Who sees which page; "-" is nobody yet."""
NO_PAGES = {
    "/rooms/{code}/posts": "anna /rooms/return/posts",
    "/rooms/{code}/live": "",
    "/posts/{token}/source": "anna /posts/{html}/source",
    "/letter/source": "dora /letter/source?id=letter@client.test",
    "/posts/{token}/files/{part}": "anna /posts/{html}/files/2",
    "/directory/found": "anna /directory/found?q=a",
    "/directory/officials": "anna /directory/officials?q=a&whose=all",
    "/directory/people/{login}/card.vcf": "anna /directory/people/anna/card.vcf",
    "/directory/everybody.vcf": "anna /directory/everybody.vcf",
    "/directory/everybody.ldif": "anna /directory/everybody.ldif",
    "/people/export.csv": "clara /people/export.csv",
    "/account/audit.jsonl": "clara /account/audit.jsonl",
    "/releases/{number}/package": "anna /releases/2/package",
    "/static/{version}/{name}": "",
    "/.well-known/carddav": "anna /.well-known/carddav",
    "/dav": "anna /dav",
    "/dav/{path:path}": "anna /dav/clara/",
    "/.well-known/openid-configuration": "anna /.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server": "anna /.well-known/oauth-authorization-server",
    "/oidc/jwks": "anna /oidc/jwks",
    "/oidc/userinfo": "anna /oidc/userinfo",
    "/.well-known/autoconfig/mail/config-v1.1.xml": "anna /.well-known/autoconfig/mail/config-v1.1.xml",
    "/mail/config-v1.1.xml": "anna /mail/config-v1.1.xml",
    "/.well-known/matrix/client": "anna /.well-known/matrix/client",
    "/sign-in/with/{body}": "",
    "/sign-in/from/{body}": "",
}
"""What answers GET and is no page: files, pieces of pages, programs' questions; and how one is asked for, if it can."""
WHOLE = re.compile("<!doctype html>|<h1|<main")
WRONG = """
dora  /posts/{thread}/mark
dora  /moderation/{held}
otto  /unconfirmed/{unconfirmed}
anna  /drafts/{draft}
anna  /posts/{html}/release
anna  /rooms/return/new
clara /people/new
clara /people/units
clara /people/units/visa
clara /people/import
clara /people/entry/anna
clara /account/password
clara /account/app-passwords
clara /account/set-up
clara /duties/role
clara /duties/hand-over
clara /duties/appoint
clara /duties/off-board
clara /duties/take-back/emil
clara /directory/contact-points/new
clara /directory/liaison-officers/new
clara /administration/areas/new
clara /administration/bodies/new
clara /administration/bodies/cc
clara /administration/areas/return/rooms/new
clara /administration/rooms/return/access
otto  /releases/1
emil  /audit/holds
emil  /audit/holds/1
emil  /audit/glass
- /join/{link}
- /sign-in
"""
"""Forms that are handed in with nothing in them."""
EMPTIED = """() => {
    const post = "form[method=post]";
    const form = document.querySelector(`main ${post}.stack`) || document.querySelector(`main ${post}`);
    form.noValidate = true;
    for (const each of form.querySelectorAll("input:not([type=hidden]), textarea"))
        if (each.type === "checkbox") each.checked = false; else if (each.type !== "radio") each.value = "";
    const no = form.querySelector("button[value=refuse], button[value=no]");
    form.requestSubmit(no || form.querySelector("button:not([type=button])"));
}"""
LINKS = (
    "[...document.links].filter((each) => each.origin === location.origin).map((each) => each.pathname + each.search)"
)
FORMS = "[...document.forms].map((each) => [each.method, new URL(each.action).pathname])"
SCRIPTED = "[...document.querySelectorAll('button[type=button]')].filter((each) => each.checkVisibility()).length"


@pytest.fixture
async def site(open_site: Opened) -> Site:
    opened: Site = await open_site()
    await furnish(opened)
    return opened


class Walk:
    """Somebody's windows, and what stands for the names in a path."""

    def __init__(self, chromium: Browser, site: Site) -> None:
        self._chromium, self._site = chromium, site
        self._windows: dict[str, Watched] = {}
        self._pages: dict[str, Page] = {}
        self._names: dict[str, str] = {}

    async def begin(self) -> Walk:
        """Look up what the names stand for."""
        site, clara = self._site, self._site.town.caller("clara", Door.PORTAL, strong=True)
        link = await site.groupware.people.invite(clara, site.town.people["leif"])
        tool = Tool(await site.client(), await site.client(), "tool", "")
        self._names = {
            "html": await site.token_of("html@client.test"),
            "thread": await site.token_of("1@client.test"),
            "held": await site.held(),
            "draft": (await site.groupware.drafting.to_authorise(site.town.caller("anna")))[0].token,
            "unconfirmed": (await site.groupware.confirmation.waiting(site.town.caller("otto")))[0].token,
            "erased": str((await anext(site.groupware.retention.all_proofs())).post),
            "room": ROOM,
            "month": "2026-12",
            "link": link.path.removeprefix("/join/"),
            "wish": urlencode(tool.request()),
        }
        return self

    def path(self, text: str) -> str:
        return text.format_map(self._names)

    def listed(self, lines: str) -> Sequence[tuple[str, str]]:
        """(who, path) of each line."""
        pairs = (line.split() for line in lines.strip().splitlines())
        return [(NOBODY if who == "-" else who, self.path(path)) for who, path in pairs]

    async def window(self, who: str, lane: int, **options: object) -> Watched:
        key = f"{who} {lane} {options}"
        if key not in self._windows:
            made = self._windows[key] = await window(self._chromium, self._site, who, **options)
            if not who:
                entered = await self._site.groupware.identity.enter("clara", PASSWORD, "192.0.2.7", Start())
                await made.context.add_cookies(
                    [{"name": STEP, "value": entered.step, "url": self._site.url, "secure": True}]
                )
        return self._windows[key]

    async def go(self, who: str, path: str, lane: int = 0, **options: object) -> Page:
        """The page in a window of theirs, which is used again in the same lane."""
        key = f"{who} {lane} {options}"
        if key not in self._pages:
            self._pages[key] = await (await self.window(who, lane, **options)).context.new_page()
        page = self._pages[key]
        await page.set_viewport_size({"width": 1200, "height": 800})
        await page.emulate_media(color_scheme="light")
        await page.goto(self._site.url + path)
        return page

    def clean(self) -> None:
        for each in self._windows.values():
            each.complaints = [said for said in each.complaints if "status of 40" not in said]
            each.clean()


def routes(site: Site) -> dict[str, Route]:
    """What answers GET, by its path."""
    forms_only = {path for path, show, _ in PAGES if show is nowhere}
    found = [each for each in make_app(site.door._portal, site.door._scim)._app.routes if isinstance(each, Route)]  # type: ignore[attr-defined] # the guard stands outermost
    asked = [each for each in found if each.methods is None or "GET" in each.methods]
    return {each.path: each for each in asked if each.path not in forms_only}


def route_of(known: dict[str, Route], path: str) -> str:
    """Which of them a path is; "" for none."""
    scope = {"type": "http", "path": path.partition("?")[0], "method": "GET", "headers": []}
    return next((name for name, each in known.items() if each.matches(scope)[0] == Match.FULL), "")


async def test_every_route_has_a_visit(chromium: Browser, site: Site) -> None:
    walk, known = await Walk(chromium, site).begin(), routes(site)
    visited = {route_of(known, path) for _, path in walk.listed(VISITS)} - {""}
    assert visited | {*NO_PAGES} == {*known}
    for who, path in walk.listed("\n".join(filter(None, NO_PAGES.values()))):
        answer = await (await site.client(who)).get(path)
        assert answer.status_code in (200, 301, 401, 405), path
        assert not WHOLE.search(answer.text), path


async def test_every_page_is_for_everybody(chromium: Browser, site: Site) -> None:
    await _with_app(site)
    walk = await Walk(chromium, site).begin()
    visits = [*((look, who, path) for who, path in walk.listed(VISITS))]
    visits += [*((look_wrong, who, path) for who, path in walk.listed(WRONG))]
    found: dict[str, list[str]] = {}

    async def half(lane: int) -> None:
        for act, who, path in visits[lane::2]:
            page = await walk.go(who, path, lane, bypass_csp=True)
            found[f"{act.__name__} {path} ({who})"] = await act(page, path)

    await asyncio.gather(half(0), half(1))
    assert {path: faults for path, faults in found.items() if faults} == {}


async def look(page: Page, path: str) -> list[str]:
    """What is wrong with a page."""
    return [*await out_of_reach(page), *await faults_of(page, named(path))]


async def look_wrong(page: Page, path: str) -> list[str]:
    """What is wrong with the page that answers its empty form, which has to say that something is."""
    async with page.expect_navigation():
        await page.evaluate(EMPTIED)
    silent = [] if await page.get_by_role("alert").count() else ["says nothing is wrong"]
    return [*silent, *await faults_of(page, f"wrong-{named(path)}")]


async def act_all(walk: Walk, found: dict[str, list[str]]) -> None:
    """What forms answer with, other than a redirect."""
    for name, who, path, act in ACTS:
        page = await walk.go(who, walk.path(path), bypass_csp=True)
        async with page.expect_navigation():
            await act(page)
        found[name] = await faults_of(page, name)


async def _file(page: Page, text: str) -> None:
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.get_by_label("File").set_input_files([file])  # type: ignore[list-item] # a TypedDict of Playwright's
    await page.get_by_role("button", name="Show what would change").click()


async def _app_password(page: Page) -> None:
    await page.get_by_label("Name of the program or device").fill("Telephone")
    await page.get_by_label("Read mail (IMAP)").check()
    await page.get_by_role("button", name="Make it").click()


async def _set_up(page: Page) -> None:
    await page.get_by_label("Thunderbird or another mail program").check()
    await page.get_by_label("Name of the device").fill("Desk")
    await page.keyboard.press("Enter")


async def _leave(page: Page) -> None:
    for field in ("login", "again"):
        await page.locator(f"#{field}").fill("lena")
    await page.get_by_label("Reason").fill("Left the ministry")
    await page.locator("main form button").first.click()


async def _signed_out(page: Page) -> None:
    await page.get_by_label("Text").fill("A long text that isn't lost")
    await page.get_by_label("Subject").fill("Seats")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Send").click()


async def _join(page: Page) -> None:
    await page.get_by_label("I have read").check()
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("The same again").fill(PASSWORD)
    await page.get_by_role("button", name="Set the password").click()


async def _leaving(page: Page) -> None:
    """The other site has nothing to show, so that the page before it stays."""
    await page.context.route("https://tool.test/**", lambda route: route.fulfill(status=204))
    await page.get_by_role("button", name="Sign in to The tool").click()


def _press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name).first.click()


ACTS: tuple[tuple[str, str, str, Act], ...] = (
    (
        "difference-wrong",
        "clara",
        "/people/import",
        lambda page: _file(page, "login,name,unit\nnina,=1+1,\nanna,B,u\n"),
    ),
    ("difference", "clara", "/people/import", lambda page: _file(page, "login,name,unit\nnina,Nina,visa\nanna,B,u\n")),
    ("joined", "", "/join/{link}", _join),
    ("opened-by-glass", "emil", "/audit/glass/1", _press("Open and put on record")),
    ("link", "clara", "/people/entry/lin", _press("Make a sign-in link")),
    ("release", "clara", "/people/resets", _press("Release")),
    ("program", "clara", "/people/programs", _press("Make a session")),
    ("app-password", "clara", "/account/app-passwords", _app_password),
    ("codes", "clara", "/account", _press("Make ten new ones")),
    ("set-up", "clara", "/account/set-up", _set_up),
    ("off-boarded", "clara", "/duties/off-board", _leave),
    ("leaving", "clara", "/oidc/authorize?{wish}", _leaving),
    ("signed-out", "anna", "/rooms/return/new", _signed_out),
)
"""A name for what is shown then, who acts, where, and how."""


async def test_what_forms_answer_is_for_everybody_and_every_template_is_shown(chromium: Browser, site: Site) -> None:
    await _with_app(site)
    walk, found = await Walk(chromium, site).begin(), dict[str, list[str]]()
    await act_all(walk, found)
    assert {name: faults for name, faults in found.items() if faults} == {}
    clients = {who: await site.client(who) for who, _ in walk.listed(VISITS)}
    for who, path in walk.listed(VISITS):
        await (clients[who].get(path) if who else walk.go(who, path, bypass_csp=True))
    templates = site.door._portal.templates
    shown = {name for _, name in templates.cache or {}}
    assert set(templates.list_templates()) - shown == set()


async def test_every_page_works_without_scripts_and_leads_somewhere(chromium: Browser, site: Site) -> None:
    """The same heading, no button that needs a script, links and forms that something answers; nobody else is asked."""
    await _with_app(site)
    walk, links, forms = await Walk(chromium, site).begin(), set[tuple[str, str]](), set[tuple[str, str]]()
    for who, path in walk.listed(VISITS):
        page = await walk.go(who, path, java_script_enabled=False)
        assert await page.locator("h1").count() == 1, path
        assert await page.evaluate(SCRIPTED) == 0, path
        links |= {(who, each) for each in await page.evaluate(LINKS) if each != path}
        forms |= {tuple(each) for each in await page.evaluate(FORMS)}
    walk.clean()
    clients = {who: await site.client(who) for who in {who for who, _ in links}}
    answers = {(who, path): (await clients[who].get(path)).status_code for who, path in sorted(links)}
    assert {link: status for link, status in answers.items() if status not in (200, 303)} == {}
    served = make_app(site.door._portal, site.door._scim)._app.routes  # type: ignore[attr-defined] # the guard stands outermost
    dead = [form for form in forms if not any(_serves(each, *form) for each in served)]
    assert dead == []


def _serves(route: Route, method: str, path: str) -> bool:
    return route.matches({"type": "http", "path": path, "method": method.upper(), "headers": []})[0] == Match.FULL


async def _with_app(site: Site) -> None:
    """Give clara an authenticator app."""
    clara = site.town.caller("clara", Door.PORTAL, strong=True)
    offered = site.groupware.identity.offer_app(clara)
    secret = b32decode(offered.spelled.replace(" ", ""))
    await site.groupware.identity.keep_app(clara, offered.sealed, totp.code(secret, clock.now() // totp.STEP))


def named(path: str) -> str:
    """A file's name for it."""
    return re.sub(r"[^a-z0-9]+", "-", path.partition("?")[0].strip("/").lower())[:60] or "areas"
