"""A Matrix client that signs in by browser: Synapse sends it to the portal, and what ends there ends here."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import nio
import pytest
from serving import Server, iconet, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT = "http://localhost:9/element"
WITHIN = 10.0
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
ONWARD = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')
LINK = re.compile(r'href="(http://localhost:9/[^"]+)"')


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("sso") / "demo", like=planted)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


class Browser:
    """Somebody's, with its cookies."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.matrix = server.endpoints["matrix"]["url"]
        self._client = httpx.Client(verify=server.tls, base_url=server.endpoints["web"]["url"], timeout=20)
        self._client.headers["Sec-Fetch-Site"] = "same-origin"

    def sign_on(self, person: dict[str, Any]) -> str:
        """Begin at Synapse; the login token with which the client is called back."""
        place = f"{self.matrix}/_matrix/client/v3/login/sso/redirect/oidc-iconet?redirectUrl={CLIENT}"
        page = self._client.get(place)
        for cookie in self._client.cookies.jar:
            cookie.secure = False  # browsers take http://localhost for secure (W3C Secure Contexts 3.1), httpx doesn't
        while page.is_redirect:
            page = self._client.get(page.headers["location"])
        if "/sign-in" in str(page.url):
            page = self._client.get(self._signed_in(page, person))
            while page.is_redirect:
                page = self._client.get(page.headers["location"])
        assert page.status_code == 200, re.findall(r"<p>.*", page.text)
        found = LINK.search(page.text)
        assert found, page.text
        return parse_qs(urlsplit(html.unescape(found[1])).query)["loginToken"][0]

    def sign_out(self) -> None:
        found = TOKEN.search(self._client.get("/").text)
        assert found
        assert self._client.post("/sign-out", data={"form_token": found[1]}).status_code == 303

    def _signed_in(self, page: httpx.Response, person: dict[str, Any]) -> str:
        after, token = re.search(r'name="next" value="([^"]*)"', page.text), TOKEN.search(page.text)
        assert after
        assert token
        form = {"form_token": token[1], "next": html.unescape(after[1])}
        secret = {"login": person["login"], "password": person["password"]}
        answer = self._client.post("/sign-in", data={**form, **secret})
        onward = ONWARD.search(answer.text)
        assert onward, answer.text
        return html.unescape(onward[1])


class Device:
    """A Matrix client's, signed in with a login token."""

    def __init__(self, server: Server, token: str) -> None:
        self._client = httpx.Client(base_url=f"{server.endpoints['matrix']['url']}/_matrix/client/v3", timeout=20)
        self.answer = self._client.post("/login", json={"type": "m.login.token", "token": token})
        self._client.headers["Authorization"] = f"Bearer {self.answer.json().get('access_token')}"

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def gone_within(self, seconds: float) -> float:
        """How long it took until its token was dead."""
        began = time.monotonic()
        while (took := time.monotonic() - began) < seconds:
            if self.get("/account/whoami").status_code == 401:
                return took
        pytest.fail("the device lives on")


def test_both_ways_in_are_offered(server: Server) -> None:
    told = httpx.get(f"{server.endpoints['matrix']['url']}/_matrix/client/v3/login").json()
    assert {"m.login.sso", "m.login.token", "m.login.password"} <= {flow["type"] for flow in told["flows"]}
    sso = next(flow for flow in told["flows"] if flow["type"] == "m.login.sso")
    assert [each["id"] for each in sso["identity_providers"]] == ["oidc-iconet"]


def test_who_signs_in_by_browser_is_the_same_user_in_the_same_rooms(server: Server) -> None:
    person = server.who(area="return")
    device = Device(server, Browser(server).sign_on(person))
    assert device.get("/account/whoami").json()["user_id"] == person["matrix_id"]
    assert len(device.get("/joined_rooms").json()["joined_rooms"]) == len(person["areas"])
    profile = device.get(f"/profile/{person['matrix_id']}").json()
    assert profile["displayname"] == person["name"]


@pytest.mark.anyio
async def test_an_app_password_opens_the_same_account(server: Server) -> None:
    person = server.who(area="return")
    client = nio.AsyncClient(server.endpoints["matrix"]["url"], person["login"])
    try:
        answer = await client.login(person["app_password"])
        assert isinstance(answer, nio.LoginResponse), answer
        assert answer.user_id == person["matrix_id"]
    finally:
        await client.close()


def test_signing_out_at_the_portal_ends_the_devices_that_signed_in_from_there(server: Server) -> None:
    person = server.who(area="return")
    browser, other = Browser(server), Browser(server)
    device, stays = Device(server, browser.sign_on(person)), Device(server, other.sign_on(person))
    browser.sign_out()
    print(f"signed out after {device.gone_within(WITHIN):.2f} s")
    assert stays.get("/account/whoami").status_code == 200


def test_a_second_sign_on_asks_for_no_password(server: Server) -> None:
    person = server.who(area="return")
    browser = Browser(server)
    browser.sign_on(person)
    device = Device(server, browser.sign_on({**person, "password": "not asked for"}))
    assert device.answer.status_code == 200


def test_off_boarding_ends_devices_and_login_tokens_that_were_not_used_yet(server: Server) -> None:
    person = [p for p in server.endpoints["people"] if "return" in p["areas"] and not p["roles"]][3]
    browser = Browser(server)
    device, unused = Device(server, browser.sign_on(person)), browser.sign_on(person)
    assert iconet(server.data, "off-board", person["login"]).returncode == 0
    print(f"off-boarded after {device.gone_within(WITHIN):.2f} s")
    late = Device(server, unused)
    assert late.answer.status_code == 403
