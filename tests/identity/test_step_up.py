"""Pages of administration ask for a fresh proof, and lose nothing that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import window
from starlette.responses import PlainTextResponse
from web_site import PASSWORD, TOKEN, send

from connectors.web import app
from connectors.web.step_up import elevated
from groupware.web_sessions import FRESH

if TYPE_CHECKING:
    from browser import Axe
    from playwright.async_api import Browser
    from starlette.responses import Response
    from web_site import Opened, Site

    from connectors.web.visit import Visit

pytestmark = pytest.mark.anyio


async def _form(visit: Visit) -> Response:
    return await visit.page("sessions.html", sessions=[], own=b"", ended="")


async def _taken(visit: Visit) -> Response:
    return PlainTextResponse(f"{sorted(visit.form.items())} {visit.fresh}")


@pytest.fixture
async def site(open_site: Opened, monkeypatch: pytest.MonkeyPatch) -> Site:
    """With a page of administration, and anna who can sign in; her proof is too old."""
    monkeypatch.setattr(app, "PAGES", (*app.PAGES, ("/admin/thing", elevated(_form), elevated(_taken))))
    opened: Site = await open_site()
    await opened.with_password("anna")
    return opened


async def test_a_fresh_session_is_asked_nothing(site: Site) -> None:
    anna = await site.client("anna")
    assert (await anna.get("/admin/thing")).status_code == 200
    answer = await send(anna, "/admin/thing", "/", title="Head of unit")
    assert "('title', 'Head of unit')" in answer.text


async def test_a_look_goes_by_way_of_the_question_and_comes_back(site: Site) -> None:
    anna = await site.client("anna")
    site.clock.ahead += FRESH
    asked = await anna.get("/admin/thing?page=2&q=%C3%A9")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/account/confirm?next=%2Fadmin%2Fthing%3Fpage%3D2%26q%3D%25C3%25A9",
    )
    wrong = await send(anna, asked.headers["location"], **{"proof-password": "wrong", "next": "/admin/thing?page=2"})
    assert (wrong.status_code, wrong.headers.get("location")) == (422, None)
    assert (await anna.get("/admin/thing")).status_code == 303
    right = await send(anna, asked.headers["location"], **{"proof-password": PASSWORD, "next": "/admin/thing?page=2"})
    assert (right.status_code, right.headers["location"]) == (303, "/admin/thing?page=2")
    assert (await anna.get("/admin/thing")).status_code == 200
    site.clock.ahead += FRESH
    assert (await anna.get("/admin/thing")).status_code == 303


async def test_a_form_that_comes_late_is_kept_through_the_question(site: Site) -> None:
    anna = await site.client("anna")
    found = TOKEN.search((await anna.get("/")).text)
    assert found
    site.clock.ahead += FRESH
    form = {"form_token": found[1], "title": 'Head "of" <unit>', "text": "one\r\ntwo"}
    asked = await anna.post("/admin/thing", data=form)
    assert asked.status_code == 401
    assert 'name="title" value="Head &#34;of&#34; &lt;unit&gt;"' in asked.text
    assert asked.text.count('name="form_token"') == 2, "the frame's and the question's"
    wrong = await anna.post("/admin/thing", data={**form, "proof-password": "wrong"})
    assert (wrong.status_code, 'name="title"' in wrong.text) == (422, True)
    done = await anna.post("/admin/thing", data={**form, "proof-password": PASSWORD})
    assert done.status_code == 200
    assert "proof-" not in done.text
    assert "('title', 'Head \"of\" <unit>')" in done.text
    assert done.text.endswith("True")


async def test_the_question_leads_nowhere_else(site: Site) -> None:
    anna = await site.client("anna")
    for after in ("//evil.test/", "https://evil.test/"):
        assert 'name="next" value="/"' in (await anna.get("/account/confirm", params={"next": after})).text
        done = await send(anna, "/account/confirm", **{"proof-password": PASSWORD, "next": after})
        assert done.headers["location"] == "/"


async def test_another_session_stays_as_it_is(site: Site) -> None:
    here, there = await site.client("anna"), await site.client("anna")
    site.clock.ahead += FRESH
    await send(here, "/account/confirm", **{"proof-password": PASSWORD, "next": "/"})
    assert (await here.get("/admin/thing")).status_code == 200
    assert (await there.get("/admin/thing")).status_code == 303


async def test_in_a_browser_without_scripts(chromium: Browser, site: Site, axe: Axe) -> None:
    anna = await window(chromium, site, "anna", java_script_enabled=False)
    site.clock.ahead += FRESH
    page = await anna.page("/admin/thing")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("heading", name="Where you are signed in").wait_for()
    anna.clean()
    watched = await window(chromium, site, "anna", bypass_csp=True)
    await axe(await watched.page("/account/confirm?next=/"), "confirm")
