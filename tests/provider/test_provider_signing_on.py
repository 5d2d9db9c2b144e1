"""What a client gets when everything is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from provider_world import CALLBACK, answered, challenge
from web_site import SESSION

from groupware import clock
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from provider_world import Tool
    from web_site import Site

    Tools = Callable[..., Awaitable[Tool]]

pytestmark = pytest.mark.anyio


async def test_the_metadata_says_what_there_is(site: Site) -> None:
    browser = await site.client()
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        told = (await browser.get(path)).json()
        assert told["issuer"] == site.url
        assert told["response_types_supported"] == ["code"]
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert all(str(told[name]).startswith(f"{site.url}/oidc/") for name in told if name.endswith("_endpoint"))
    keys = (await browser.get("/oidc/jwks")).json()["keys"]
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    assert not {"d", "p", "q", "k"} & {name for key in keys for name in key}


async def test_a_code_becomes_an_id_token_and_claims(site: Site, tool: Tools) -> None:
    anna = await tool()
    said = answered(await anna.authorize())
    assert said["state"] == "a state"
    assert said["iss"] == site.url
    answer = await anna.redeem(said["code"])
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    token = await anna.read(told["id_token"])
    claims = token.claims
    now = clock.now() // clock.MICROSECONDS
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (site.url, "tool", "n-once")
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - now) < 60
    assert claims["auth_time"] <= claims["iat"]
    assert claims["amr"] == ["pwd"]
    assert claims["at_hash"] == challenge(told["access_token"])[:21] + claims["at_hash"][21]
    person = (await anna.userinfo(told["access_token"])).json()
    assert person == {
        "sub": claims["sub"],
        "name": "Anna",
        "preferred_username": "anna",
        "email": "anna@iconet.test",
    }


async def test_a_client_may_want_the_other_algorithm(tool: Tools) -> None:
    anna = await tool(algorithm="RS256")
    token = await anna.read((await anna.tokens())["id_token"], "RS256")
    assert token.header["alg"] == "RS256"


async def test_claims_follow_the_scope(tool: Tools) -> None:
    anna = await tool()
    told = (await anna.redeem(await anna.code(scope="openid phone made-up"))).json()
    assert told["scope"] == "openid"
    assert set((await anna.userinfo(told["access_token"])).json()) == {"sub"}


async def test_who_somebody_is_stays_the_same_everywhere(tool: Tools) -> None:
    subjects = set()
    for name in ("tool", "other"):
        anna = await tool(name=name)
        subjects |= {(await anna.read((await anna.tokens())["id_token"])).claims["sub"] for _ in range(2)}
    assert len(subjects) == 1


async def test_a_refresh_token_brings_new_tokens_of_the_same_sign_on(tool: Tools) -> None:
    anna = await tool()
    first = await anna.tokens()
    second = (await anna.refresh(first["refresh_token"], scope="openid")).json()
    assert second["scope"] == "openid"
    assert second["refresh_token"] != first["refresh_token"]
    before, after = [(await anna.read(each["id_token"])).claims for each in (first, second)]
    assert [before[name] == after[name] for name in ("sub", "sid", "auth_time", "aud")] == [True] * 4
    assert "nonce" not in after


async def test_a_narrower_token_tells_no_more_than_it_was_asked_for(tool: Tools) -> None:
    anna = await tool()
    first = await anna.tokens()
    second = (await anna.refresh(first["refresh_token"], scope="openid")).json()
    assert {"email", "name"} <= set((await anna.userinfo(first["access_token"])).json())
    assert set((await anna.userinfo(second["access_token"])).json()) == {"sub"}
    introspected = await anna.post("/oidc/introspect", token=second["access_token"])
    assert introspected.json()["scope"] == "openid"
    third = (await anna.refresh(second["refresh_token"])).json()
    assert third["scope"] == first["scope"]
    assert "email" in (await anna.userinfo(third["access_token"])).json()


async def test_a_public_client_needs_no_secret(tool: Tools) -> None:
    anna = await tool(public=True)
    assert anna.secret == ""
    assert (await anna.tokens())["token_type"] == "Bearer"


async def test_the_secret_may_come_in_the_form(tool: Tools) -> None:
    anna = await tool()
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": anna.verifier}
    proof = {"client_id": "tool", "client_secret": anna.secret}
    answer = await anna.wire.post("/oidc/token", data={**form, **proof, "code": await anna.code()})
    assert answer.status_code == 200


async def test_introspection_tells_what_a_token_is_for(site: Site, tool: Tools) -> None:
    anna = await tool()
    told = await anna.tokens()
    said = (await anna.post("/oidc/introspect", token=told["access_token"])).json()
    assert (said["active"], said["client_id"], said["username"], said["iss"]) == (True, "tool", "anna", site.url)
    assert await anna.active(told["refresh_token"])


async def test_a_revoked_token_is_gone_and_a_refresh_token_takes_all_along(tool: Tools) -> None:
    anna = await tool()
    told = await anna.tokens()
    assert (await anna.post("/oidc/revoke", token=told["access_token"])).status_code == 200
    assert not await anna.active(told["access_token"])
    assert await anna.active(told["refresh_token"])
    again = (await anna.refresh(told["refresh_token"])).json()
    assert (await anna.post("/oidc/revoke", token=again["refresh_token"])).status_code == 200
    assert not await anna.active(again["access_token"])
    assert (await anna.post("/oidc/revoke", token="never given")).status_code == 200


async def test_a_form_from_the_client_s_page_is_asked_again_as_a_query(tool: Tools) -> None:
    anna = await tool()
    foreign = {"Sec-Fetch-Site": "cross-site"}
    again = await anna.browser.post("/oidc/authorize", data=anna.request(), headers=foreign)
    assert again.status_code == 303
    assert "code" in answered(await anna.browser.get(again.headers["location"]))


async def test_keys_are_shown_before_they_sign_and_after(site: Site, tool: Tools) -> None:
    anna = await tool()
    first = (await anna.read((await anna.tokens())["id_token"])).header["kid"]
    site.clock.ahead = 89 * 24 * 3600 * clock.MICROSECONDS + 60 * clock.MICROSECONDS
    anna.browser = await site.client("anna")
    assert (await anna.read((await anna.tokens())["id_token"])).header["kid"] == first
    shown = {key["kid"] for key in (await anna.wire.get("/oidc/jwks")).json()["keys"]}
    assert len(shown) == 4
    site.clock.ahead += 25 * 3600 * clock.MICROSECONDS
    anna.browser = await site.client("anna")
    second = (await anna.read((await anna.tokens())["id_token"])).header["kid"]
    assert second != first
    assert {first, second} <= {key["kid"] for key in (await anna.wire.get("/oidc/jwks")).json()["keys"]}
    site.clock.ahead += 31 * 24 * 3600 * clock.MICROSECONDS
    assert first not in {key["kid"] for key in (await anna.wire.get("/oidc/jwks")).json()["keys"]}


async def test_keys_that_are_replaced_sign_nothing_any_more(site: Site, tool: Tools) -> None:
    anna = await tool()
    await anna.tokens()
    before = {key["kid"] for key in (await anna.wire.get("/oidc/jwks")).json()["keys"]}
    await site.groupware.provider.replace_keys()
    after = {key["kid"] for key in (await anna.wire.get("/oidc/jwks")).json()["keys"]}
    assert len(after) == 2
    assert not before & after
    assert (await anna.read((await anna.tokens())["id_token"])).header["kid"] in after


@pytest.mark.parametrize(
    ("means", "amr", "acr"),
    [
        ("password", ["pwd"], "password"),
        ("password and code", ["pwd", "otp", "mfa"], "strong"),
        ("password and recovery code", ["pwd", "otp", "mfa"], "strong"),
        ("passkey", ["pop", "mfa"], "strong"),
        ("account of aa", [], "national-account"),
    ],
)
async def test_a_client_is_told_how_somebody_signed_in(
    site: Site, tool: Tools, means: str, amr: list[str], acr: str
) -> None:
    anna = await tool("")
    caller = site.town.caller("anna", Door.PORTAL, strong=True)
    session = await site.groupware.web_sessions.begin(caller, Start(means=means))
    anna.browser.cookies.set(SESSION, session)
    claims = (await anna.read((await anna.tokens())["id_token"])).claims
    assert (claims["amr"], claims["acr"]) == (amr, f"urn:iconet:acr:{acr}")
