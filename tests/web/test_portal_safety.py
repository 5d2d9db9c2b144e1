"""What the portal keeps out: other people's forms, cookies and scripts, and everybody else's eyes."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from town import DOMAIN
from web_site import PASSWORD, SESSION, TOKEN, send

from connectors.web.app import make_app
from directory import sessions
from groupware.errors import StoreFailed
from groupware.store import Limits

if TYPE_CHECKING:
    from web_site import Opened, Site

pytestmark = pytest.mark.anyio
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CHALLENGE = re.compile(r'data-options="[^"]*"')
PROMISED = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


async def sign_in(client: httpx.AsyncClient, name: str, secret: str = PASSWORD, after: str = "/") -> httpx.Response:
    return await send(client, "/sign-in", login=name, password=secret, next=after)


async def test_sign_in_gives_a_fresh_session_and_sign_out_ends_it(site: Site) -> None:
    await site.with_password("anna")
    browser = await site.client()
    planted = await site.session("anna")
    browser.cookies.set(SESSION, planted)
    answer = await sign_in(browser, f"ANNA@{DOMAIN}", after="/rooms/return?before=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/return?before=x")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{SESSION}="))
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert attribute in cookie
    assert "Domain" not in cookie
    token = cookie.split("=")[1].split(";")[0]
    assert token != planted
    assert await site.groupware.web_sessions.resume(planted) is None, "a session that was brought along is ended"
    fresh = await site.client()
    fresh.cookies.set(SESSION, token)
    assert (await fresh.get("/")).status_code == 200
    out = await send(fresh, "/sign-out", "/")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert await site.groupware.web_sessions.resume(token) is None


async def test_whatever_is_wrong_has_the_same_answer_and_the_login_stays(site: Site) -> None:
    await site.with_password("anna")
    pages = []
    for name in ("anna", "nobody"):
        browser = await site.client()
        answer = await sign_in(browser, name, "wrong")
        assert answer.status_code == 422
        assert SESSION + "=" not in str(answer.headers.get_list("set-cookie"))
        assert "wrong" not in answer.text.replace("is wrong", "")
        pages.append(CHALLENGE.sub("", TOKEN.sub("", answer.text)).replace(name, "NAME"))
    assert pages[0] == pages[1]
    assert 'value="NAME"' in pages[0]


async def test_after_sign_in_one_stays_here(site: Site) -> None:
    nobody = await site.client()
    for after in ("//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", ""):
        assert 'name="next" value="/"' in (await nobody.get("/sign-in", params={"next": after})).text


async def test_too_many_guesses_are_told_to_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groupware.sign_in.MOST_DELAYED", 0)
    answer = await sign_in(await site.client(), "anna", "wrong")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_every_answer_has_the_headers(site: Site) -> None:
    token = await site.publish("anna")
    anna, nobody = await site.client("anna"), await site.client()
    paths = ["/", "/rooms/return", f"/posts/{token}", "/moderation", "/sessions", "/nothing", "/rooms/return/posts"]
    answers = [await anna.get(path) for path in paths]
    answers += [await nobody.get("/sign-in"), await nobody.get("/"), await nobody.get("/api/rooms")]
    answers += [await nobody.post("/sign-in"), await anna.put("/"), await anna.get("/", headers={"Host": "evil.test"})]
    for answer in answers:
        for name, value in PROMISED.items():
            assert answer.headers[name] == value, (answer.url, name)
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers, "localhost is no public name"


async def test_a_public_name_is_kept_to_https(open_site: Opened) -> None:
    site = await open_site("iconet.example")
    answer = await (await site.client()).get("/sign-in", headers={"Host": "iconet.example"})
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_a_form_comes_from_our_own_page(site: Site) -> None:
    anna = await site.client("anna")
    found = TOKEN.search((await anna.get("/")).text)
    assert found
    del anna.headers["Sec-Fetch-Site"]
    foreign = [{"Sec-Fetch-Site": where} for where in ("cross-site", "same-site", "none")]
    foreign += [{"Origin": "https://evil.test"}, {"Origin": "null"}, {}]
    for headers in foreign:
        assert (await anna.post("/sign-out", data={"form_token": found[1]}, headers=headers)).status_code == 403
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert (await anna.post("/sign-out", data={"form_token": found[1]}, headers=ours)).status_code == 303


async def test_a_browser_without_fetch_metadata_says_its_origin(site: Site) -> None:
    anna = await site.client("anna")
    found = TOKEN.search((await anna.get("/")).text)
    assert found
    del anna.headers["Sec-Fetch-Site"]
    answer = await anna.post("/sign-out", data={"form_token": found[1]}, headers={"Origin": site.url})
    assert answer.status_code == 303


async def test_a_form_needs_the_token_of_its_own_session(site: Site) -> None:
    anna, dora = await site.client("anna"), await site.client("dora")
    found = TOKEN.search((await dora.get("/")).text)
    assert found
    for path in ("/sign-out", "/sessions", "/rooms/return/new", "/sign-in"):
        for token in (found[1], "", "x"):
            answer = await anna.post(path, data={"form_token": token, "subject": "s", "text": "t", "marking": "2"})
            assert answer.status_code == 403, path
    assert await site.groupware.held(site.town.caller("dora")) == []


@pytest.mark.parametrize("after", [sessions.IDLE, sessions.ABSOLUTE])
async def test_a_session_ends_by_itself(site: Site, after: int) -> None:
    anna = await site.client("anna")
    assert (await anna.get("/rooms/return")).status_code == 200
    step = sessions.IDLE // 2
    for _ in range((after - 1) // step):
        if after == sessions.ABSOLUTE:
            assert (await anna.get("/")).status_code == 200
        site.clock.ahead += step
    site.clock.ahead += step
    answer = await anna.get("/rooms/return?before=x")
    assert answer.headers["location"] == "/sign-in?next=%2Frooms%2Freturn%3Fbefore%3Dx"


async def test_forbidden_and_absent_are_the_same_page(site: Site) -> None:
    published = await site.publish("anna", "A canary")
    await site.post("anna", "Held")
    held = await site.held()
    otto = await site.client("otto")
    pairs = [(f"/rooms/{{}}{page}", "return") for page in ("", "/new", "/live", "/posts")]
    for token in (published, held):
        pairs += [("/posts/{}", token), ("/posts/{}/reply", token), ("/posts/{}/source", token)]
        pairs += [("/posts/{}/why", token), ("/posts/{}/files/1", token), ("/moderation/{}", token)]
    for pattern, name in pairs:
        theirs, nothing = await otto.get(pattern.format(name)), await otto.get(pattern.format("x" * len(name)))
        assert theirs.status_code == nothing.status_code == 404, pattern
        assert theirs.content == nothing.content, pattern
        assert name not in theirs.text


async def test_a_lost_right_counts_at_the_next_page(site: Site) -> None:
    token = await site.publish("anna")
    bruno = await site.client("bruno")
    assert (await bruno.get(f"/posts/{token}")).status_code == 200
    await site.lose_rights("bruno")
    for path in ("/rooms/return", f"/posts/{token}", f"/posts/{token}/source"):
        assert (await bruno.get(path)).status_code == 404


async def test_strangers_are_sent_to_the_sign_in_whatever_they_ask_for(site: Site) -> None:
    nobody = await site.client()
    for path in ("/", "/rooms/return", "/nothing", "/moderation"):
        answer = await nobody.get(path)
        assert (answer.status_code, answer.headers["location"][:9]) == (303, "/sign-in?")


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


async def test_nothing_that_others_wrote_is_markup(site: Site) -> None:
    html = "<p>kind words</p><script>alert(1)</script><img src=https://evil.test/x>"
    name = HOSTILE.replace('"', "")
    fields = [f'From: "{name}" <anna@{DOMAIN}>', f"To: return@{DOMAIN}", f"Subject: {HOSTILE}"]
    fields += ["Message-ID: <x@client.test>", "Date: Sun, 22 Nov 2026 09:00:00 +0000", "Content-Type: text/html"]
    await site.hand_in("anna", "\r\n".join([*fields, "", html, ""]).encode())
    await site.publish("anna", HOSTILE, HOSTILE)
    held = await site.token_of("x@client.test")
    dora = await site.client("dora")
    paths = ["/", "/rooms/return", f"/posts/{held}", f"/posts/{held}/why", f"/posts/{held}/reply"]
    await site.post("anna", HOSTILE, HOSTILE)
    paths += ["/moderation", f"/moderation/{await site.held()}"]
    for path in paths:
        page = (await dora.get(path)).text
        assert "alert(1)" in page or path.endswith("/live"), path
        for markup in ("<script>", "<img", "evil.test/x"):
            assert markup not in page, path
    shown = (await dora.get(f"/posts/{held}")).text
    assert "kind words" in shown


async def test_what_a_form_gives_back_is_escaped(site: Site) -> None:
    anna = await site.client("anna")
    answer = await send(anna, "/rooms/return/new", subject=HOSTILE, text=f"</textarea>{HOSTILE}", marking=HOSTILE)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text


async def test_requests_have_bounds(site: Site) -> None:
    anna = await site.client("anna")
    assert (await anna.post("/rooms/return/new", content=b"x" * 600_000)).status_code == 413
    browser = {"Accept": "text/html,*/*"}
    told = await anna.post("/people/import", content=b"x" * 5_000_000, headers=browser)
    assert (told.status_code, "at most 4 MiB. Divide it" in told.text) == (413, True)
    assert '<a href="/people/import">Back</a>' in told.text

    async def endless():  # noqa: ANN202 -- a body in pieces
        for _ in range(600):
            yield b"x" * 1024

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await anna.post("/rooms/return/new", content=endless(), headers=form)).status_code == 413
    many = "&".join(f"f{number}=1" for number in range(200))
    assert (await anna.post("/rooms/return/new", content=many, headers=form)).status_code in (400, 413)
    assert (await anna.post("/rooms/return/new", json={})).status_code == 415
    wrong = await anna.put("/rooms/return/new")
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "can&#39;t be done" in wrong.text


async def test_another_hosts_name_is_not_answered(site: Site) -> None:
    client = await site.client()
    for host in (
        "evil.test",
        "localhost:1.evil.test",
        "localhost:x",
        "localhost:1:2",
        "evil.test[::1]",
        "[::1]evil",
        "",
    ):
        assert (await client.get("/sign-in", headers={"Host": host})).status_code == 421, host
    for host in ("localhost", "LOCALHOST:", "localhost:443", "[::1]", "[::1]:8443", "127.0.0.1:1"):
        assert (await client.get("/sign-in", headers={"Host": host})).status_code == 200, host


async def test_programs_are_refused_in_their_own_form(site: Site) -> None:
    client = await site.client()
    large, elsewhere = {"content": b"x" * 600_000}, {"headers": {"Host": "evil.test"}}
    for path, asked, status in (
        ("people", large, 413),
        ("people", elsewhere, 421),
        ("rooms/a%0Ab/posts", {}, 404),
    ):
        told = await client.request("POST", f"/api/{path}", **asked)  # type: ignore[arg-type] # as httpx has it
        assert (told.status_code, set(told.json())) == (status, {"error", "detail"}), path
        told = await client.request("POST", f"/scim/v2/{path}", **asked)  # type: ignore[arg-type] # as httpx has it
        assert told.headers["content-type"] == "application/scim+json"
        assert (told.status_code, told.json()["status"]) == (status, str(status)), path


async def raw_request(site: Site, octets: bytes) -> bytes:
    """What comes back until the server hangs up."""
    host, port = site.url.removeprefix("https://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=site.tls)
    writer.write(octets)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except (ConnectionError, ssl.SSLError):
        return b""
    finally:
        writer.close()


async def test_long_and_slow_headers_end_the_connection(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    long = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000
    assert (await raw_request(site, long)).startswith(b"HTTP/1.1 400")
    monkeypatch.setattr("connectors.web.server.HEAD_WITHIN", 0.2)
    assert await raw_request(site, b"GET /sign-in HTTP/1.1\r\nHost: local") == b""
    monkeypatch.setattr("connectors.web.server.BODY_WITHIN", 0.2)
    answered = await raw_request(site, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\nx")
    assert answered.startswith(b"HTTP/1.1 413"), "answered at once, and not waited for"


async def test_a_network_has_so_many_places_and_is_told_when_they_are_taken(
    open_site: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.web.server.OF_ONE_NETWORK", 2)
    site: Site = await open_site()
    host, port = site.url.removeprefix("https://").split(":")
    asked = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    kept = [await asyncio.open_connection(host, int(port), ssl=site.tls) for _ in range(2)]
    assert (await raw_request(site, b"")).startswith(b"HTTP/1.1 503"), "told before it asks"
    for reader, writer in kept:
        writer.write(asked)
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(10):
        while not (await raw_request(site, asked)).startswith(b"HTTP/1.1 200"):
            pass


async def test_a_fault_of_ours_tells_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    broken = make_app(replace(site.door._portal, groupware=None), site.door._scim)  # type: ignore[arg-type] # that is what is broken
    transport = httpx.ASGITransport(app=broken, raise_app_exceptions=True)
    async with httpx.AsyncClient(base_url=site.url, transport=transport, cookies={SESSION: "x"}) as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert "NoneType" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY
    assert [record.message for record in caplog.records if record.name == "iconet.web"] == ["request-failed"]


async def test_a_store_that_has_no_room_keeps_what_was_typed(site: Site) -> None:
    anna = await site.client("anna")
    found = TOKEN.search((await anna.get("/rooms/return/new")).text)
    assert found
    store = site.groupware.store
    store._conditions = replace(store._conditions, limits=Limits(waiting=0))
    form = {"form_token": found[1], "subject": "s", "text": "kept words", "marking": "2"}
    answer = await anna.post("/rooms/return/new", data=form)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "kept words" in answer.text


async def test_a_store_that_stopped_is_told_as_busy(site: Site) -> None:
    anna = await site.client("anna")
    site.groupware.store._stop(StoreFailed("/secret/path: disk full"))
    for path in ("/", "/nothing", "/api/rooms"):
        answer = await anna.get(path, auth=("anna", "x"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), path
        assert "disk" not in answer.text
