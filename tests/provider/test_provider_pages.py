"""What an official sees on the way to a client, and back."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from provider_world import CALLBACK, Tool, answered
from sqlalchemy import delete
from web_site import PASSWORD, SESSION, TOKEN

from directory import officials
from directory.tables import terms_acceptance
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx
    from web_site import Site

    from groupware.store import Tx

    Tools = Callable[..., Awaitable[Tool]]

pytestmark = pytest.mark.anyio
SECOND = clock.MICROSECONDS
ONWARD = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')
QUERY = re.compile(r'name="query" value="([^"]+)"')
BACK = "https://tool.test/bye"


async def sign_in(browser: httpx.AsyncClient, place: str, who: str = "anna") -> httpx.Response:
    """Fill in the sign-in page that a redirect leads to, and go where it goes on."""
    page = await browser.get(place)
    after = re.search(r'name="next" value="([^"]*)"', page.text)
    token = TOKEN.search(page.text)
    assert after
    assert token
    form = {"form_token": token[1], "next": html.unescape(after[1]), "login": who, "password": PASSWORD}
    answer = await browser.post("/sign-in", data=form)
    assert answer.status_code == 200, answer.text
    return await browser.get(gone_to(answer))


def gone_to(page: httpx.Response) -> str:
    """Where a page goes on to by itself."""
    found = ONWARD.search(page.text)
    assert found, page.text
    return html.unescape(found[1])


def as_answered(page: httpx.Response) -> httpx.Response:
    """A page that goes on to a client, as if it were the redirect that it stands for."""
    page.headers["location"] = gone_to(page)
    page.status_code = 303
    return page


async def test_whoever_is_not_signed_in_signs_in_and_comes_back(site: Site, tool: Tools) -> None:
    await site.with_password("anna")
    anna = await tool("")
    first = await anna.authorize(login_hint="anna@iconet.test")
    assert first.headers["location"].startswith("/sign-in?next=%2Foidc%2Fauthorize%3F")
    assert 'value="anna@iconet.test"' in (await anna.browser.get(first.headers["location"])).text
    said = answered(await sign_in(anna.browser, first.headers["location"]))
    assert (await anna.redeem(said["code"])).status_code == 200
    assert said["state"] == "a state"


async def test_nothing_is_shown_where_nothing_may_be(site: Site, tool: Tools) -> None:
    nobody, anna = await tool(""), await tool(name="other", first_party=False)
    assert answered(await nobody.authorize(prompt="none"))["error"] == "login_required"
    assert answered(await anna.authorize(prompt="none"))["error"] == "consent_required"
    signed_in = Tool(await site.client("anna"), nobody.wire, nobody.name, nobody.secret)
    assert "code" in answered(await signed_in.authorize(prompt="none"))
    site.clock.ahead = 100 * SECOND
    assert answered(await signed_in.authorize(prompt="none", max_age="99"))["error"] == "login_required"
    assert "code" in answered(await signed_in.authorize(prompt="none", max_age="1000"))


@pytest.mark.parametrize("changed", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}])
async def test_a_client_may_want_a_fresh_sign_in_and_gets_it_once(
    site: Site, tool: Tools, changed: dict[str, str]
) -> None:
    await site.with_password("anna")
    anna = await tool()
    before = (await anna.read((await anna.tokens())["id_token"])).claims["auth_time"]
    site.clock.ahead = 90 * SECOND
    place = (await anna.authorize(**changed)).headers["location"]
    assert place.startswith("/sign-in?")
    told = (await anna.redeem(answered(await sign_in(anna.browser, place))["code"])).json()
    assert (await anna.read(told["id_token"])).claims["auth_time"] >= before + 90


async def test_signing_in_again_keeps_what_was_signed_on_to(site: Site, tool: Tools) -> None:
    await site.with_password("anna")
    anna = await tool()
    told = await anna.tokens()
    await sign_in(anna.browser, (await anna.authorize(prompt="login")).headers["location"])
    assert await anna.active(told["access_token"])
    site.clock.ahead = 31 * 60 * SECOND
    await sign_in(anna.browser, (await anna.authorize()).headers["location"])
    assert (await anna.refresh(told["refresh_token"])).status_code == 200


async def test_somebody_else_signing_in_ends_what_the_first_one_had(site: Site, tool: Tools) -> None:
    await site.with_password("bruno")
    anna = await tool()
    told = await anna.tokens()
    await sign_in(anna.browser, (await anna.authorize(prompt="login")).headers["location"], "bruno")
    assert not await anna.active(told["access_token"])


async def test_a_hint_asks_for_one_person(site: Site, tool: Tools) -> None:
    anna = await tool()
    hint = (await anna.tokens())["id_token"]
    bruno = Tool(await site.client("bruno"), anna.wire, anna.name, anna.secret)
    assert "code" in answered(await anna.authorize(id_token_hint=hint))
    assert answered(await bruno.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"


async def test_consent_is_asked_once_and_remembered(tool: Tools) -> None:
    anna = await tool(first_party=False)
    page = await anna.authorize()
    assert page.status_code == 200
    assert "The tool" in page.text
    assert "Your mail address" in page.text
    assert "code" in answered(as_answered(await consent(anna, page, "allow")))
    assert "code" in answered(await anna.authorize())
    assert "code" in answered(await anna.authorize(scope="openid"))
    assert (await anna.authorize(prompt="consent")).status_code == 200


async def test_a_wider_scope_is_asked_for_again(tool: Tools) -> None:
    anna = await tool(first_party=False)
    await consent(anna, await anna.authorize(scope="openid"), "allow")
    assert "code" in answered(await anna.authorize(scope="openid"))
    assert (await anna.authorize(scope="openid email")).status_code == 200


async def test_who_refuses_gives_nothing(tool: Tools) -> None:
    anna = await tool(first_party=False)
    said = answered(as_answered(await consent(anna, await anna.authorize(), "refuse")))
    assert said["error"] == "access_denied"
    assert (await anna.authorize()).status_code == 200


async def test_consent_can_t_be_given_by_another_page(tool: Tools) -> None:
    anna = await tool(first_party=False)
    page = await anna.authorize()
    query = html.unescape(QUERY.search(page.text)[1])  # type: ignore[index] # no match is a failure, too
    answer = await anna.browser.post("/oidc/consent", data={"query": query, "decision": "allow"})
    assert answer.status_code == 403
    foreign = await consent(anna, page, "allow", **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


async def test_a_changed_query_sends_nobody_elsewhere(tool: Tools) -> None:
    anna = await tool(first_party=False)
    page = await anna.authorize()
    found = QUERY.search(page.text)
    token = TOKEN.search(page.text)
    assert found
    assert token
    query = html.unescape(found[1]).replace("tool.test", "evil.test")
    form = {"form_token": token[1], "query": query, "decision": "allow"}
    answer = await anna.browser.post("/oidc/consent", data=form)
    assert answer.status_code == 400
    assert "evil.test" not in answer.text


async def consent(anna: Tool, page: httpx.Response, decision: str, **headers: str) -> httpx.Response:
    found, token = QUERY.search(page.text), TOKEN.search(page.text)
    assert found
    assert token
    form = {"form_token": token[1], "query": html.unescape(found[1]), "decision": decision}
    return await anna.browser.post("/oidc/consent", data=form, headers=headers)


async def test_whoever_has_not_accepted_the_terms_does_so_first(site: Site, tool: Tools) -> None:
    def add(tx: Tx) -> int:
        anna = officials.get(tx.connection, site.town.people["anna"])
        return officials.add(tx.connection, replace(anna, id=0, login="nina", address="nina@iconet.test"))

    site.town.people["nina"] = await site.groupware.store.run(add)
    nina = await tool("nina")
    assert answered(await nina.authorize(prompt="none"))["error"] == "interaction_required"
    place = (await nina.authorize()).headers["location"]
    assert place.startswith("/account/terms?next=%2Foidc%2Fauthorize%3F")
    page = await nina.browser.get(place)
    fields = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in fields.items()}
    answer = await nina.browser.post("/account/terms", data={**form, "accepts": "yes"})
    assert "code" in answered(await nina.browser.get(gone_to(answer)))


async def test_consent_waits_for_the_terms_too(site: Site, tool: Tools) -> None:
    anna = await tool(first_party=False)
    page = await anna.authorize()
    await site.groupware.store.run(lambda tx: tx.connection.execute(delete(terms_acceptance)))
    answer = await consent(anna, page, "allow")
    assert answer.headers["location"].startswith("/account/terms")


# ---- signing out


async def test_a_client_that_knows_who_it_was_signs_them_out_at_once(tool: Tools) -> None:
    anna = await tool(returns=(BACK,))
    told = await anna.tokens()
    query = {"id_token_hint": told["id_token"], "post_logout_redirect_uri": BACK, "state": "s t"}
    answer = await anna.browser.get("/oidc/logout", params=query)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BACK}?state=s+t")
    assert not await anna.active(told["access_token"])
    assert (await anna.browser.get("/")).status_code == 303


async def test_others_have_to_ask(site: Site, tool: Tools) -> None:
    anna = await tool(returns=(BACK,))
    told = await anna.tokens()
    query = {"client_id": "tool", "post_logout_redirect_uri": BACK}
    page = await anna.browser.get("/oidc/logout", params=query)
    assert page.status_code == 200
    assert await anna.active(told["access_token"])
    found, token = QUERY.search(page.text), TOKEN.search(page.text)
    assert found
    assert token
    form = {"form_token": token[1], "query": html.unescape(found[1])}
    gone = await anna.browser.post("/oidc/sign-out", data=form)
    assert gone_to(gone) == BACK
    assert gone.headers["set-cookie"].startswith(f'{SESSION}=""; expires=')
    assert not await anna.active(told["access_token"])
    bruno = await site.client("bruno")
    hint = {"id_token_hint": told["id_token"]}
    assert "Sign out of ICONet?" in (await bruno.get("/oidc/logout", params=hint)).text


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "tool", "post_logout_redirect_uri": "https://evil.test/"},
        {"post_logout_redirect_uri": BACK},
        {"client_id": "nobody", "post_logout_redirect_uri": BACK},
        {"client_id": "tool", "post_logout_redirect_uri": CALLBACK},
        {"id_token_hint": "e30.e30.e30"},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."},
    ],
)
async def test_signing_out_sends_nobody_elsewhere(tool: Tools, query: dict[str, str]) -> None:
    anna = await tool(returns=(BACK,))
    answer = await anna.browser.get("/oidc/logout", params=query)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await anna.browser.get("/")).status_code == 200
