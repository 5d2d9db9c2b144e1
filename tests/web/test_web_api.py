"""The API keeps what CONTRACT.md and its own OpenAPI document promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from api_program import DOCUMENT, described, program
from starlette.routing import Mount, Route, Router
from town import DOMAIN, message
from web_site import SESSION

from connectors.web.api.app import make_api
from connectors.web.api.routes import OPERATIONS
from connectors.web.rules import SENTENCES
from policies.decision import NO_RULE, POLICY_ERROR, Policies

if TYPE_CHECKING:
    from web_site import Site

pytestmark = pytest.mark.anyio
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


async def test_held_posts_are_listed_and_decided(site: Site) -> None:
    dora, anna, emil = [await program(site, name) for name in ("dora", "anna", "emil")]
    await site.post("anna", message_id="<a/b+c@client.test>")
    (held,) = described("/held", await dora.get("/api/held")).json()
    assert list(held) == ["id", "message_id", "room", "author", "received"]
    assert (held["message_id"], held["room"], held["author"]) == ("<a/b+c@client.test>", "return", f"anna@{DOMAIN}")
    path = f"/api/held/{held['id']}"
    for other in (anna, emil):
        assert (await other.get("/api/held")).json() == []
        assert described("/held/{id}", await other.post(path, json={"decision": "approve"})).status_code == 404
    decided = described("/held/{id}", await dora.post(path, json={"decision": "approve", "reason": "fine"}))
    assert (decided.status_code, decided.json()) == (200, {"id": held["id"], "state": "published"})
    again = described("/held/{id}", await dora.post(path, json={"decision": "refuse", "reason": "late"}))
    assert (again.status_code, again.json()["error"]) == (409, "already-decided")
    absent = await emil.post("/api/held/nothing", json={"decision": "approve"})
    forbidden = await emil.post(path, json={"decision": "approve"})
    assert (absent.status_code, absent.content) == (forbidden.status_code, forbidden.content)


NONSENSE: tuple[tuple[bytes, str, int], ...] = (
    (b"{", "application/json", 422),
    (b"[" * 100_000, "application/json", 422),
    (b"[]", "application/json", 422),
    (b"{}", "application/json", 422),
    (b'{"decision": "maybe"}', "application/json", 422),
    (b'{"decision": ["approve"]}', "application/json", 422),
    (b'{"decision": "refuse", "reason": 1}', "application/json", 422),
    (b'{"decision": "refuse", "reason": "a\\u0000b"}', "application/json", 422),
    (b'{"decision": "approve", "more": 1}', "application/json", 422),
    (b'{"decision": "approve"}', "text/plain", 415),
    (b'{"decision": "approve"}', "application/x-www-form-urlencoded", 415),
    (b" " * 600_000, "application/json", 413),
)


async def test_a_decision_that_makes_no_sense_decides_nothing(site: Site) -> None:
    dora = await program(site, "dora")
    await site.post("anna")
    path = f"/api/held/{await site.held()}"
    for body, kind, expected in NONSENSE:
        answer = await dora.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == expected, body[:50]
    assert len((await dora.get("/api/held")).json()) == 1


async def test_raw_is_exactly_what_was_received(site: Site) -> None:
    raw = message("anna", f"return@{DOMAIN}", "s", "Grüße\r\n.\r\n", message_id="<a/b+c@client.test>")
    await site.hand_in("anna", raw)
    bruno, anna, otto = [await program(site, name) for name in ("bruno", "anna", "otto")]
    paths = [f"/api/posts/{quote(name, safe='')}/raw" for name in ("<a/b+c@client.test>", "a/b+c@client.test")]
    for path in paths:
        assert (await anna.get(path)).content == raw, "one's own while it is held"
        assert described("/posts/{message_id}/raw", await bruno.get(path)).status_code == 404
    await site.publish("anna", "Another")
    for path in paths:
        got = described("/posts/{message_id}/raw", await bruno.get(path))
        assert got.content == raw
        forbidden, absent = await otto.get(path), await otto.get("/api/posts/none%40x.test/raw")
        assert (
            (forbidden.status_code, forbidden.content) == (absent.status_code, absent.content) == (404, absent.content)
        )


async def test_rooms_and_their_posts(site: Site) -> None:
    token = await site.publish("anna", "Subject")
    bruno, otto = await program(site, "bruno"), await program(site, "otto", address=True)
    rooms = described("/rooms", await bruno.get("/api/rooms")).json()
    assert rooms == [{"code": "return", "name": "Return", "moderated": True, "marking": "TLP:AMBER"}]
    (post,) = described("/rooms/{code}/posts", await bruno.get("/api/rooms/return/posts")).json()
    assert (post["id"], post["subject"], post["author_name"]) == (token, "[TLP:AMBER] Subject", "Anna")
    assert (await bruno.get("/api/rooms/return/posts", params={"before": token})).json() == []
    no_text = await bruno.get("/api/rooms/return/posts", params={"before": "\0"})
    assert described("/rooms/{code}/posts", no_text).status_code == 422
    assert described("/rooms/{code}/posts", await otto.get("/api/rooms/return/posts")).status_code == 404


async def test_why_explains_what_one_may_know(site: Site) -> None:
    await site.publish("anna", message_id="<w@client.test>")
    bruno, otto = await program(site, "bruno"), await program(site, "otto")
    asked = [("read", "<w@client.test>"), ("read", await site.newest()), ("enter", "return"), ("mail", "otto")]
    for action, item in asked:
        answer = described("/why", await bruno.get("/api/why", params={"action": action, "item": item}))
        assert answer.json()["allowed"], action
    refused = (await bruno.get("/api/why", params={"action": "moderate", "item": "w@client.test"})).json()
    assert not refused["allowed"]
    assert refused["rules"][0]["sentence"] in SENTENCES.values()
    for action, item in asked[:3]:
        theirs = await otto.get("/api/why", params={"action": action, "item": item})
        nothing = await otto.get("/api/why", params={"action": action, "item": "nothing"})
        assert (theirs.status_code, theirs.content) == (nothing.status_code, nothing.content) == (404, nothing.content)
    assert described("/why", await bruno.get("/api/why", params={"action": "x"})).status_code == 422


def test_every_rule_of_the_policies_has_its_sentence() -> None:
    assert set(SENTENCES) == {*Policies.load().rules, NO_RULE, POLICY_ERROR}


async def test_only_an_app_password_opens_the_api(site: Site) -> None:
    dora = await program(site, "dora")
    right = dora.auth
    dora.cookies.set(SESSION, await site.session("dora"))
    answers = []
    for path in ("/api/held", "/api/nothing", "/api/openapi.json/x"):
        for header in (
            "",
            "Basic",
            "Basic !!!",
            "Basic " + "QQ" * 2000,
            "Bearer x",
            "Basic ZG9yYTp3cm9uZw==",
            "Basic Og==",
        ):
            answer = await dora.get(path, headers={"Authorization": header} if header else {}, auth=None)
            assert answer.headers["www-authenticate"].startswith("Basic ")
            answers.append((answer.status_code, answer.content))
    assert set(answers) == {(401, answers[0][1])}
    assert "set-cookie" not in answer.headers
    assert (await dora.get("/api/held", auth=right)).status_code == 200
    assert (await dora.get("/api/nothing", auth=right)).json()["error"] == "not-found"
    allowed = (await dora.put("/api/held", auth=right)).headers["allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD"}
    foreign = await dora.get("/api/held", auth=right, headers={"Sec-Fetch-Site": "cross-site"})
    assert described("/held", foreign).status_code == 403


async def test_failures_are_counted_by_the_one_limiter(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groupware.sign_in.MOST_DELAYED", 0)
    answer = described("/rooms", await (await site.client()).get("/api/rooms", auth=("anna", "wrong")))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_the_document_is_public_and_describes_every_route(site: Site) -> None:
    answer = await (await site.client()).get("/api/openapi.json")
    assert answer.json() == DOCUMENT
    served = {
        (route.path.replace(":path", ""), method.lower())
        for route in routes(make_api(site.door._portal))
        for method in (route.methods or set()) - {"HEAD"}
    }
    written = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in set(methods) & METHODS}
    assert served == written | {("/openapi.json", "get")}
    names = [operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names)) == len(OPERATIONS)


def routes(api: Any) -> list[Route]:  # noqa: ANN401 -- an ASGI application
    router: Router = api.router
    assert not any(isinstance(route, Mount) for route in router.routes)
    return [route for route in router.routes if isinstance(route, Route)]
