"""Security officers keep posts from being erased, and see the proofs, by programs and on pages; nobody else does."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from api_program import administrator, described, program
from sqlalchemy import insert

from connectors.retention_words import pending as told
from directory import roles
from directory.roles import Grant
from groupware.matrix_tables import matrix_event
from groupware.retention.homeserver import Forgettable
from policies.vocabulary import Role

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
HOLD = {"kind": "post", "name": "<kept@client.test>", "reason": "case 7/2026"}


@pytest.fixture
async def officers(site: Site) -> Site:
    """emil and clara watch for Aland; dora's posts are its."""

    def use_case(tx: Tx) -> None:
        for name in ("emil", "clara"):
            roles.grant(tx.connection, Grant(site.town.people[name], Role.SECURITY_OFFICER, 1, reason="test"))

    await site.groupware.store.run(use_case)
    for name in ("kept", "over"):
        await site.post("dora", message_id=f"<{name}@client.test>")
    return site


async def said(client: httpx.AsyncClient, path: str, what: dict[str, str], status: int) -> httpx.Response:
    answer = described(path, await client.post(f"/api{path}", json=what))
    assert answer.status_code == status, answer.text
    return answer


async def test_a_program_places_a_hold_and_another_officers_lifts_it(officers: Site) -> None:
    emil, clara = await administrator(officers, "emil"), await administrator(officers, "clara")
    (hold,) = (await said(emil, "/legal-holds", HOLD, 200)).json()
    assert (hold["in_force"], hold["placed_by"], hold["name"]) == (True, "Emil", "1")
    await said(clara, "/legal-holds", HOLD, 409)
    await said(clara, "/legal-holds", HOLD | {"name": "<none@client.test>"}, 404)
    await said(clara, "/legal-holds", HOLD | {"reason": " "}, 422)
    await officers.groupware.retention.set_class("standard", "0d", existing=True)
    await officers.groupware.retention.erase()
    (proof,) = described("/erasures", await emil.get("/api/erasures")).json()
    assert (proof["message_id"], proof["stage"]) == ("<over@client.test>", "verified")
    assert {each["remains"] for each in proof["stores"]} == {0}
    path = f"/erasures/{proof['post']}"
    assert described("/erasures/{number}", await clara.get(f"/api{path}")).json() == proof
    assert (await clara.get("/api/erasures/1")).status_code == 404
    lift = f"/api/legal-holds/{hold['number']}/lift"
    assert (await emil.post(lift, json={"reason": "over"})).status_code == 409
    lifted = described("/legal-holds/{number}/lift", await clara.post(lift, json={"reason": "over"})).json()
    assert (lifted["in_force"], lifted["lifted_by"], lifted["why_lifted"]) == (False, "Clara", "over")
    assert [each["in_force"] for each in (await clara.get("/api/legal-holds")).json()] == [False]


async def test_what_cannot_be_removed_is_on_the_proof_with_the_reason(officers: Site) -> None:
    retention, emil = officers.groupware.retention, await administrator(officers, "emil")

    def shown(tx: Tx) -> None:
        tx.connection.execute(insert(matrix_event).values(event="$stuck", room=1, post=1))

    await officers.groupware.store.run(shown)
    await retention.set_class("standard", "0d", existing=True)
    await retention.erase()
    await retention.forgotten(Forgettable([], []), {"$stuck": "OSError: it <is> busy"})
    proof = described("/erasures/{number}", await emil.get("/api/erasures/1")).json()
    (pending,) = proof["pending"]
    assert (proof["stage"], pending["kind"], pending["name"], pending["tries"]) == ("waiting", "event", "$stuck", 1)
    page = (await (await officers.client("emil")).get("/audit/erasures/1")).text
    assert "OSError: it &lt;is&gt; busy" in page
    assert "outside of it is still to be removed" in page
    (row,) = await retention.troubled()
    line = told(asdict(row))
    assert line.startswith("post 1\tevent $stuck\ttried 1 times, again at 20")
    assert line.endswith(": OSError: it <is> busy")


async def test_nobody_else_places_sees_or_lifts_anything(officers: Site) -> None:
    emil, otto = await administrator(officers, "emil"), await administrator(officers, "otto")
    weak = await program(officers, "emil")
    await said(emil, "/legal-holds", HOLD, 200)
    for path in ("/legal-holds", "/erasures"):
        assert [(await each.get(f"/api{path}")).status_code for each in (otto, weak)] == [404, 403]
    assert (await otto.post("/api/legal-holds", json=HOLD)).status_code == 404
    assert (await otto.post("/api/legal-holds/1/lift", json={"reason": "mine"})).status_code == 404
    assert (await weak.post("/api/legal-holds", json=HOLD)).status_code == 403


async def test_pages_say_what_was_placed_and_what_is_wrong(officers: Site) -> None:
    emil, clara = await officers.client("emil"), await officers.client("clara")
    listed = await emil.get("/audit/holds")
    token = listed.text.partition('name="form_token" value="')[2].partition('"')[0]
    answer = await emil.post("/audit/holds", data=HOLD | {"form_token": token})
    assert answer.headers["location"] == "/audit/holds?done=placed"
    again = await emil.post("/audit/holds", data=HOLD | {"form_token": token})
    assert (again.status_code, "on this already" in again.text) == (422, True)
    assert "case 7/2026" in (await clara.get("/audit/holds/1")).text
    own = await emil.post("/audit/holds/1", data={"reason": "over", "form_token": token})
    assert (own.status_code, "another security officer" in own.text) == (422, True)
    other = (await clara.get("/audit/holds")).text.partition('name="form_token" value="')[2].partition('"')[0]
    lifted = await clara.post("/audit/holds/1", data={"reason": "over", "form_token": other})
    assert lifted.headers["location"] == "/audit/holds?done=lifted"
    assert "in force" not in (await emil.get("/audit/holds")).text.partition("<tbody")[2]
