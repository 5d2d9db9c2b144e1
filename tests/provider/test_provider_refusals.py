"""What a client, or somebody who plays one, is refused, and in which words."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from provider_world import CALLBACK, Tool, answered, challenge, client
from town import DOMAIN

from groupware import clock
from groupware.errors import Conflict, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from web_site import Site

    Tools = Callable[..., Awaitable[Tool]]

pytestmark = pytest.mark.anyio
SECOND = clock.MICROSECONDS


# ---- nobody is sent anywhere unless the client and its place are right


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.test/callback",
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK.upper(),
        "https://tool.test:443/callback",
        "https://tool.test/callback/../other",
        "//tool.test/callback",
        None,
    ],
)
async def test_a_place_that_is_not_exactly_the_client_s_gets_nothing(tool: Tools, place: str | None) -> None:
    anna = await tool()
    answer = await anna.authorize(redirect_uri=place)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_an_unknown_client_gets_nothing_and_the_log_says_why(
    tool: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    anna = await tool()
    for name in ("nobody", "", "tool\n", "TOOL"):
        answer = await anna.authorize(client_id=name)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert f"authorization refused: no client is called {name!a}" in caplog.text


@pytest.mark.parametrize("name", ["redirect_uri", "client_id"])
async def test_two_places_or_clients_are_none(tool: Tools, name: str) -> None:
    anna = await tool()
    query = urlencode([*anna.request().items(), (name, anna.request()[name])])
    answer = await anna.browser.get(f"/oidc/authorize?{query}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sing"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1" * 400}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"request_uri": "https://tool.test/r"}, "request_uri_not_supported"),
        ({"id_token_hint": "e30.e30.e30"}, "invalid_request"),
        ({"nonce": "n" * 1001}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_told_to_the_client(tool: Tools, changed: dict[str, str | None], error: str) -> None:
    anna = await tool()
    said = answered(await anna.authorize(**changed))
    assert (said["error"], said["state"]) == (error, "a state")
    assert said["iss"].startswith("https://localhost:")
    assert "code" not in said


async def test_a_repeated_parameter_is_told_to_the_client(tool: Tools) -> None:
    anna = await tool()
    for name in ("scope", "nonce", "code_challenge"):
        query = urlencode([*anna.request().items(), (name, "again")])
        assert answered(await anna.browser.get(f"/oidc/authorize?{query}"))["error"] == "invalid_request"


async def test_what_is_much_too_large_is_no_request(tool: Tools) -> None:
    anna = await tool()
    assert (await anna.authorize(state="s" * 5000)).status_code == 400
    assert (await anna.authorize(**{f"more{number}": "x" for number in range(40)})).status_code == 400
    assert (await anna.post("/oidc/token", grant_type="g" * 600_000)).status_code == 413


# ---- codes


async def test_a_code_in_two_hands_ends_the_sign_on(tool: Tools) -> None:
    anna = await tool()
    code = await anna.code()
    told = (await anna.redeem(code)).json()
    again = await anna.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await anna.active(told["access_token"])
    assert (await anna.userinfo(told["access_token"])).status_code == 401
    assert (await anna.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 48},
        {"code_verifier": "short"},
        {"code_verifier": "é" * 48},
        {"redirect_uri": "https://tool.test/other"},
        {"code": "not-a-code"},
    ],
)
async def test_a_code_without_what_belongs_to_it_is_worth_nothing(tool: Tools, changed: dict[str, str]) -> None:
    anna = await tool(redirects=(CALLBACK, "https://tool.test/other"))
    code = await anna.code()
    answer = await anna.redeem(**{"code": code, **changed})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_the_challenge_itself_is_no_verifier(tool: Tools) -> None:
    anna = await tool()
    code = await anna.code()
    assert (await anna.redeem(code, code_verifier=challenge(anna.verifier))).json()["error"] == "invalid_grant"


async def test_a_code_is_good_for_a_minute(site: Site, tool: Tools) -> None:
    anna = await tool()
    code = await anna.code()
    site.clock.ahead = 61 * SECOND
    assert (await anna.redeem(code)).json()["error"] == "invalid_grant"


async def test_another_client_s_code_stays_that_one_s(tool: Tools) -> None:
    anna, other = await tool(), await tool(name="other")
    code = await anna.code()
    assert (await other.redeem(code, code_verifier=anna.verifier)).json()["error"] == "invalid_grant"
    assert (await anna.redeem(code)).status_code == 200


# ---- refresh tokens


async def test_a_refresh_token_used_twice_ends_the_sign_on(tool: Tools) -> None:
    anna = await tool()
    first = await anna.tokens()
    second = (await anna.refresh(first["refresh_token"])).json()
    assert (await anna.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await anna.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await anna.active(second["access_token"])


async def test_a_refresh_brings_no_more_scope_than_there_was(tool: Tools) -> None:
    anna = await tool()
    told = (await anna.redeem(await anna.code(scope="openid"))).json()
    assert (await anna.refresh(told["refresh_token"], scope="openid email")).json()["error"] == "invalid_grant"
    assert (await anna.refresh(told["refresh_token"])).status_code == 200


async def test_another_client_can_do_nothing_with_tokens(tool: Tools) -> None:
    anna, other = await tool(), await tool(name="other")
    told = await anna.tokens()
    assert (await other.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await other.active(told["access_token"])
    assert (await other.post("/oidc/revoke", token=told["refresh_token"])).status_code == 200
    assert await anna.active(told["refresh_token"])


async def test_only_clients_that_were_given_refresh_tokens_use_them(tool: Tools) -> None:
    anna = await tool(refreshes=False)
    told = await anna.tokens()
    assert "refresh_token" not in told
    assert (await anna.refresh(told["access_token"])).json()["error"] == "unauthorized_client"


async def test_an_access_token_lasts_ten_minutes_and_the_rest_as_long_as_the_session(site: Site, tool: Tools) -> None:
    anna = await tool()
    told = await anna.tokens()
    site.clock.ahead = 601 * SECOND
    assert not await anna.active(told["access_token"])
    told = (await anna.refresh(told["refresh_token"])).json()
    site.clock.ahead = 12 * 3600 * SECOND + SECOND
    assert (await anna.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("off", [-300 * SECOND, 300 * SECOND])
async def test_when_the_servers_clock_is_set_by_five_minutes_no_token_is_lost_or_lasts_longer(
    site: Site, tool: Tools, off: int
) -> None:
    anna = await tool()
    told, spare = await anna.tokens(), await anna.code()
    site.clock.ahead = off
    assert (await anna.redeem(spare)).status_code == (400 if off > 0 else 200)
    assert await anna.active(told["access_token"])
    again = (await anna.refresh(told["refresh_token"])).json()
    assert await anna.active(again["access_token"])
    site.clock.ahead = off + 601 * SECOND
    assert not await anna.active(again["access_token"])


async def test_a_client_whose_clock_is_five_minutes_fast_still_believes_an_id_token(tool: Tools) -> None:
    anna = await tool()
    claims = (await anna.read((await anna.tokens())["id_token"])).claims
    assert claims["exp"] - claims["iat"] > 300


async def test_a_refresh_token_is_no_access_token_and_the_other_way_round(tool: Tools) -> None:
    anna = await tool()
    told = await anna.tokens()
    assert (await anna.userinfo(told["refresh_token"])).status_code == 401
    assert (await anna.userinfo(told["id_token"])).status_code == 401
    assert (await anna.refresh(told["access_token"])).json()["error"] == "invalid_grant"


# ---- who the client is


async def test_a_client_proves_itself_in_one_way(tool: Tools) -> None:
    anna = await tool()
    form = {"grant_type": "authorization_code", "code": "c", "redirect_uri": CALLBACK, "code_verifier": "v" * 48}
    both = {**form, "client_id": "tool", "client_secret": anna.secret}
    answer = await anna.wire.post("/oidc/token", data=both, auth=("tool", anna.secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    other = await anna.wire.post("/oidc/token", data={**form, "client_id": "other"}, auth=("tool", anna.secret))
    assert (other.status_code, other.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "header",
    [
        "Basic !!!",
        "Basic dG9vbA==",
        "Bearer x",
        "Basic " + base64.b64encode(b"tool:\xff").decode(),
        "Basic " + "A" * 4000,
    ],
)
async def test_a_broken_proof_is_none(tool: Tools, header: str) -> None:
    anna = await tool()
    answer = await anna.wire.post("/oidc/token", data={"grant_type": "x"}, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_wrong_secret_and_an_unknown_client_are_answered_alike(tool: Tools) -> None:
    anna = await tool()
    answers = []
    for pair in (("tool", "wrong"), ("nobody", anna.secret), ("tool", "")):
        answer = await anna.wire.post("/oidc/token", data={"grant_type": "authorization_code"}, auth=pair)
        answers.append((answer.status_code, answer.json()))
    assert answers == [(401, {"error": "invalid_client"})] * 3


async def test_a_public_client_hears_nothing_about_tokens(tool: Tools) -> None:
    anna = await tool(public=True)
    told = await anna.tokens()
    assert (await anna.post("/oidc/introspect", token=told["access_token"])).json()["error"] == "invalid_client"
    assert (await anna.wire.post("/oidc/token", data={"client_id": "tool", "client_secret": "x"})).status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "anna", "password": "p"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"code": "c"}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
    ],
)
async def test_the_token_endpoint_names_what_is_wrong(tool: Tools, form: dict[str, str], error: str) -> None:
    anna = await tool()
    answer = await anna.post("/oidc/token", **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_token_endpoint_takes_one_of_each_and_only_forms(tool: Tools) -> None:
    anna = await tool()
    auth = ("tool", anna.secret)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = await anna.wire.post("/oidc/token", content="grant_type=a&grant_type=a", headers=form, auth=auth)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert (await anna.wire.post("/oidc/token", json={"grant_type": "x"}, auth=auth)).status_code == 415
    broken = await anna.wire.post("/oidc/token", content="grant_type=%ff", headers=form, auth=auth)
    assert broken.status_code == 400


# ---- whom a client may serve


async def test_a_client_of_one_body_serves_no_other(site: Site, tool: Tools) -> None:
    anna = await tool(bodies=("aa",))
    told = await anna.tokens()
    bruno = Tool(await site.client("bruno"), anna.wire, anna.name, anna.secret)
    assert answered(await bruno.authorize())["error"] == "access_denied"
    assert await anna.active(told["access_token"])


async def test_a_client_of_an_area_serves_those_who_enter_it_for_as_long_as_they_do(site: Site, tool: Tools) -> None:
    anna = await tool(areas=("return",))
    otto = Tool(await site.client("otto"), anna.wire, anna.name, anna.secret)
    assert answered(await otto.authorize())["error"] == "access_denied"
    told = await anna.tokens()
    await site.lose_rights("anna")
    assert not await anna.active(told["access_token"])
    assert (await anna.userinfo(told["access_token"])).status_code == 401
    assert (await anna.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_resource_server_hears_of_others_tokens_and_of_those_whom_it_may_serve(tool: Tools) -> None:
    anna = await tool()
    told = await anna.tokens()
    server = await tool(name="server", introspects=True)
    foreign = await tool(name="foreign", introspects=True, bodies=("bb",))
    assert [await each.active(told["access_token"]) for each in (server, foreign)] == [True, False]


# ---- what isn't added


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirects": ("http://tool.test/cb",)},
        {"redirects": ("https://tool.test/cb#part",)},
        {"redirects": ("https://user@tool.test/cb",)},
        {"redirects": ("javascript:alert(1)",)},
        {"redirects": ("https://tool.test/a b",)},
        {"redirects": ()},
        {"back_channel": "http://tool.test/logout"},
        {"returns": ("data:text/html,x",)},
        {"bodies": ("zz",)},
        {"areas": ("nowhere",)},
        {"name": "Tool"},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"title": ""},
    ],
)
async def test_a_client_that_would_be_a_hole_is_not_added(site: Site, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        await site.groupware.provider.add_client(client(**{"name": "tool", **wrong}))


async def test_a_name_is_given_once(site: Site, tool: Tools) -> None:
    await tool()
    with pytest.raises(Conflict):
        await site.groupware.provider.add_client(client())


async def test_a_removed_client_s_tokens_are_gone(site: Site, tool: Tools) -> None:
    anna, server = await tool(), await tool(name="server", introspects=True)
    told = await anna.tokens()
    assert await server.active(told["access_token"])
    await site.groupware.provider.remove_client("tool")
    assert not await server.active(told["access_token"])
    assert (await anna.userinfo(told["access_token"])).status_code == 401
    assert DOMAIN not in (await anna.authorize()).text.replace(f"ICONet · {DOMAIN}", "")
