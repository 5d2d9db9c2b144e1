"""Duties are proposed, arranged, handed over and ended by programs, under the same rules as in the portal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from api_program import administrator, described, program

from directory import bodies, contact_points, officials, roles
from directory.contact_points import ContactPoint
from directory.roles import Grant
from directory.tables import area
from policies.vocabulary import Role

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
SECURITY = {"official": "anna", "role": "security-officer", "reason": "audit of the year"}
POINT = {
    "version": 1,
    "holder": "clara",
    "deputies": ["emil"],
    "zone": "Europe/Tallinn",
    "hours": [{"day": "Mon", "opens": 540, "closes": 1020}],
}
POSTING = {
    "official": "anna",
    "country": "TR",
    "city": "Ankara",
    "planned": True,
    "areas": ["return"],
    "serves": ["bb"],
}


@pytest.fixture
async def duties(site: Site) -> Site:
    """clara is Aland's contact point, emil its deputy, dora its admin; Aland governs Borland, whose admin is otto."""

    def use_case(tx: Tx) -> None:
        own, other = [officials.get(tx.connection, site.town.people[name]).body for name in ("clara", "bruno")]
        bodies.put_under(tx.connection, [own, other], own)
        holders = (
            ("clara", Role.CONTACT_POINT, own),
            ("emil", Role.DEPUTY, own),
            ("dora", Role.DIRECTORY_ADMIN, own),
            ("otto", Role.DIRECTORY_ADMIN, other),
        )
        for name, role, body in holders:
            roles.grant(tx.connection, Grant(site.town.people[name], role, body, reason="test"))
        deputies = (site.town.people["emil"],)
        contact_points.add(tx.connection, ContactPoint(own, holder=site.town.people["clara"], deputies=deputies))

    await site.groupware.store.run(use_case)
    return site


def rule(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_a_role_is_proposed_by_one_approved_by_another_and_revoked(duties: Site) -> None:
    dora, clara = await administrator(duties, "dora"), await administrator(duties, "clara")
    made = described("/proposals", await dora.post("/api/proposals", json=SECURITY)).json()
    assert made["state"] == "proposed"
    assert rule(described("/proposals", await dora.post("/api/proposals", json=SECURITY))) == (409, "already-proposed")
    (own,) = described("/proposals", await dora.get("/api/proposals")).json()
    (theirs,) = (await clara.get("/api/proposals")).json()
    assert (own["own"], own["decides"], theirs["own"], theirs["decides"]) == (True, False, False, True)
    path = f"/api/proposals/{made['id']}"
    assert rule(await dora.post(path, json={"decision": "approve"})) == (404, "not-found")
    approved = described("/proposals/{id}", await clara.post(path, json={"decision": "approve"}))
    assert approved.json() == {"id": made["id"], "state": "approved"}
    again = described("/proposals/{id}", await clara.post(path, json={"decision": "refuse"}))
    assert rule(again) == (409, "already-decided")
    grants, template = "/api/people/entry/anna/grants", "/people/entry/{login}/grants"
    (grant,) = [each for each in (await clara.get(grants)).json() if each["role"] == "security-officer"]
    assert described(template, await clara.get(grants)).status_code == 200
    assert (grant["reason"], grant["granted_by"], grant["approved_by"]) == (
        "audit of the year",
        "Dora (dora)",
        "Clara (clara)",
    )
    path = f"/api/grants/{grant['id']}/revoke"
    assert rule(await clara.post(path, json={"reason": " "})) == (422, "reason-needed")
    revoked = described("/grants/{id}/revoke", await clara.post(path, json={"reason": "the year is over"}))
    assert revoked.json() == {"id": grant["id"]}
    assert rule(await clara.post(path, json={"reason": "again"})) == (409, "already-ended")
    assert all(each["id"] != grant["id"] for each in (await clara.get(grants)).json())


async def test_a_proposal_is_refused_or_withdrawn(duties: Site) -> None:
    dora, clara = await administrator(duties, "dora"), await administrator(duties, "clara")
    for program_of, word, state in ((clara, "refuse", "refused"), (dora, "withdraw", "withdrawn")):
        number = (await dora.post("/api/proposals", json=SECURITY)).json()["id"]
        if word == "withdraw":
            assert rule(await clara.post(f"/api/proposals/{number}", json={"decision": word})) == (404, "not-found")
        answer = await program_of.post(f"/api/proposals/{number}", json={"decision": word})
        assert described("/proposals/{id}", answer).json() == {"id": number, "state": state}
    assert (await clara.get("/api/proposals")).json() == []


async def test_who_runs_the_area_approves_a_liaison_officer(duties: Site) -> None:
    clara, dora = await administrator(duties, "clara"), await administrator(duties, "dora")
    await duties.groupware.store.run(lambda tx: tx.connection.execute(area.update().values(body=1)).rowcount)
    wanted = {"official": "anna", "role": "liaison-officer", "for": "return", "reason": "posted"}
    made = await clara.post("/api/proposals", json={**wanted, "until": "2036-12-31T12:00:00Z"})
    assert described("/proposals", made).json()["state"] == "proposed"
    await dora.post(f"/api/proposals/{made.json()['id']}", json={"decision": "approve"})
    held = (await clara.get("/api/people/entry/anna/grants")).json()
    found = next(each for each in held if each["role"] == "liaison-officer")
    assert (found["for"], found["until"]) == ("Return", "2036-12-31T12:00:00.000Z")


async def test_a_contact_point_is_arranged(duties: Site) -> None:
    clara, path, template = await administrator(duties, "clara"), "/api/contact-points/aa", "/contact-points/{body}"
    arranged = described(template, await clara.put(path, json=POINT))
    assert arranged.json() == {"body": "aa", "area": ""}
    assert rule(described(template, await clara.put(path, json=POINT))) == (409, "changed-meanwhile")
    new = {**POINT, "version": 0, "holder": "emil", "deputies": []}
    area = described(f"{template}/{{area}}", await clara.put(f"{path}/return", json=new))
    assert area.json() == {"body": "aa", "area": "return"}
    everything, one = described("/contact-points", await clara.get("/api/contact-points")).json()
    assert (everything["area_code"], everything["zone"], everything["version"]) == ("", "Europe/Tallinn", 2)
    assert everything["hours"] == one["hours"] == POINT["hours"]
    assert (one["area_code"], one["holder"], one["deputies"]) == ("return", "emil@iconet.test", [])


async def test_postings_are_added_changed_wished_for_and_ended(duties: Site) -> None:
    clara, otto = await administrator(duties, "clara"), await administrator(duties, "otto")
    number = described("/postings", await clara.post("/api/postings", json=POSTING)).json()["id"]
    path, template = f"/api/postings/{number}", "/postings/{id}"
    (posting,) = described("/postings", await otto.get("/api/postings")).json()
    assert (posting["country"], posting["areas"], posting["serves"]) == ("TR", [], ["Borland"]), (
        "otto isn't in that area"
    )
    assert (posting["keeps"], posting["version"]) == (False, 1)
    wish = await otto.put(f"{path}/interest", json={"note": "two days a week"})
    assert described(f"{template}/interest", wish).json() == {"id": number, "interested": True}
    assert (await otto.get("/api/postings")).json()[0]["interested"] == ["Borland"]
    for _ in range(2):
        unwished = described(f"{template}/interest", await otto.delete(f"{path}/interest"))
        assert unwished.json() == {"id": number, "interested": False}
    change = {"version": 1, "city": "Izmir", "until": "2036-12-31T12:00:00Z"}
    assert described(template, await clara.patch(path, json=change)).json() == {"version": 2}
    assert rule(described(template, await clara.patch(path, json=change))) == (409, "changed-meanwhile")
    (posting,) = (await clara.get("/api/postings")).json()
    assert (posting["city"], posting["until"], posting["areas"]) == ("Izmir", "2036-12-31T12:00:00.000Z", ["Return"])
    own = await clara.put(f"{path}/interest", json={})
    assert rule(described(f"{template}/interest", own)) == (422, "own-posting")
    assert described(f"{template}/end", await clara.post(f"{path}/end", json={"version": 2})).json() == {"id": number}
    assert rule(await clara.post(f"{path}/end", json={"version": 2})) == (409, "changed-meanwhile")
    assert (await clara.get("/api/postings")).json() == []


async def test_duties_are_offered_and_taken_back_or_over(duties: Site) -> None:
    clara, emil = await administrator(duties, "clara"), await administrator(duties, "emil")
    offered = {"taker": "emil", "note": "All is in order"}
    first = described("/hand-overs", await clara.post("/api/hand-overs", json=offered)).json()
    assert rule(await clara.post("/api/hand-overs", json=offered)) == (409, "already-proposed")
    assert described("/hand-overs/{id}", await clara.delete(f"/api/hand-overs/{first['id']}")).json() == first
    again = described("/hand-overs/{id}", await clara.delete(f"/api/hand-overs/{first['id']}"))
    assert rule(again) == (409, "already-decided")
    second = (await clara.post("/api/hand-overs", json=offered)).json()
    (seen,) = described("/duties", await emil.get("/api/duties")).json()["hand_overs"]
    assert (seen["id"], seen["note"]) == (second["id"], "All is in order")
    taken = await emil.post(f"/api/hand-overs/{second['id']}", json={"decision": "accept"})
    assert described("/hand-overs/{id}", taken).json()["state"] == "done"
    (point,) = (await clara.get("/api/contact-points")).json()
    assert point["holder"] == "emil@iconet.test"


async def test_a_first_contact_point_is_appointed_and_accepts(duties: Site) -> None:
    dora, bruno = await administrator(duties, "dora"), await administrator(duties, "bruno")
    new = {"official": "bruno", "body": "bb", "act": "note 17/2026"}
    made = described("/appointments", await dora.post("/api/appointments", json=new)).json()
    own = await dora.post("/api/appointments", json={**new, "body": "aa"})
    assert rule(own) == (404, "not-found"), "nobody appoints for their own body"
    (open_for,) = described("/duties", await bruno.get("/api/duties")).json()["appointments"]
    assert (open_for["id"], open_for["act"]) == (made["id"], "note 17/2026")
    path = f"/api/appointments/{made['id']}"
    assert rule(await dora.post(path, json={"decision": "accept"})) == (404, "not-found")
    accepted = described("/appointments/{id}", await bruno.post(path, json={"decision": "accept"}))
    assert accepted.json() == {"id": made["id"], "state": "accepted"}
    assert rule(await bruno.post(path, json={"decision": "decline"}))[0] in (409, 422)
    assert {each["body"] for each in (await dora.get("/api/contact-points")).json()} == {"aa", "bb"}
    assert rule(await dora.post("/api/appointments", json=new)) == (422, "has-contact-point")


async def test_off_boarding_reports_what_every_door_closed(duties: Site) -> None:
    clara, anna = await administrator(duties, "clara"), await program(duties, "anna")
    assert (await anna.get("/api/rooms")).status_code == 200
    path, template = "/api/people/entry/anna/off-board", "/people/entry/{login}/off-board"
    assert rule(described(template, await clara.post(path, json={"reason": ""}))) == (422, "reason-needed")
    report = described(template, await clara.post(path, json={"reason": "leaves"})).json()
    assert report["login"] == "anna"
    assert {"what": "app passwords", "count": 1} in report["ended"]
    assert report["doors"]
    assert all(each["closed"] for each in report["doors"])
    assert (await anna.get("/api/rooms")).status_code == 401
    assert {each["door"] for each in report["doors"]} == {"portal", "api", "carddav", "scim"}
    assert report["followed"] == []
    again = described(template, await clara.post(path, json={"reason": "leaves"})).json()
    assert (again["at"], {each["count"] for each in again["ended"]}) == (report["at"], {0})


async def test_a_session_of_a_program_has_a_line_of_its_own(duties: Site) -> None:
    clara, anna = await administrator(duties, "clara"), await administrator(duties, "anna")
    assert (await anna.get("/api/rooms")).status_code == 200
    await duties.session("anna")
    report = (await clara.post("/api/people/entry/anna/off-board", json={"reason": "leaves"})).json()
    assert {"what": "sessions of programs", "count": 1} in report["ended"]
    assert {"what": "portal sessions", "count": 1} in report["ended"]
    assert (await anna.get("/api/rooms")).status_code == 401


async def test_the_report_says_who_follows(duties: Site) -> None:
    dora = await administrator(duties, "dora")
    path, template = "/api/people/entry/clara/off-board", "/people/entry/{login}/off-board"
    report = described(template, await dora.post(path, json={"reason": "leaves"})).json()
    assert report["followed"] == [{"what": "the body's contact point", "count": 1, "to": "emil"}]


async def test_who_left_is_taken_back_with_nothing(duties: Site) -> None:
    clara, dora, otto = [await administrator(duties, name) for name in ("clara", "dora", "otto")]
    path, template = "/api/people/entry/anna/take-back", "/people/entry/{login}/take-back"
    assert rule(described(template, await clara.post(path, json={}))) == (409, "not-departed")
    await clara.post("/api/people/entry/anna/off-board", json={"reason": "leaves"})
    assert rule(described(template, await otto.post(path, json={}))) == (404, "not-found")
    assert rule(described(template, await dora.post(path, json={}))) == (404, "not-found"), "an admin keeps entries"
    assert rule(described(template, await clara.post(path, json={"role": "deputy"}))) == (422, "bad-fields")
    assert described(template, await clara.post(path, json={})).json() == {"login": "anna"}
    assert (await clara.get("/api/people/entry/anna")).json()["state"] == "active"
    assert (await clara.get("/api/people/entry/anna/grants")).json() == []
    assert rule(await clara.post(path, json={})) == (409, "not-departed")


async def test_what_a_hand_over_moves_is_told(duties: Site) -> None:
    clara, emil = await administrator(duties, "clara"), await administrator(duties, "emil")
    await clara.post("/api/hand-overs", json={"taker": "emil"})
    (offer,) = described("/duties", await emil.get("/api/duties")).json()["hand_overs"]
    assert offer["duties"] == ["Contact point for Aland"]
    moves = {each["what"]: each["count"] for each in offer["moves"]}
    assert moves == {
        "roles": 1,
        "places in contact points": 1,
        "posts that await moderation": 0,
        "bookings to come": 0,
        "releases that await a word": 0,
        "posts that await acknowledgement": 0,
    }
    assert (offer["confirmed"], offer["effective"]) == (True, "")


FOREIGN: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("POST", "/proposals", SECURITY),
    ("POST", "/proposals", {**SECURITY, "role": "moderator", "for": "return"}),
    ("POST", "/proposals", {**SECURITY, "role": "moderator", "for": "nothing"}),
    ("POST", "/proposals", {**SECURITY, "role": "liaison-officer", "for": "nothing"}),
    ("POST", "/proposals/1", {"decision": "approve"}),
    ("POST", "/proposals/99", {"decision": "approve"}),
    ("GET", "/people/entry/anna/grants", {}),
    ("GET", "/people/entry/nobody/grants", {}),
    ("POST", "/grants/1/revoke", {"reason": "x"}),
    ("POST", "/grants/999/revoke", {"reason": "x"}),
    ("POST", "/grants/x/revoke", {"reason": "x"}),
    ("PUT", "/contact-points/aa", {**POINT, "holder": "", "deputies": []}),
    ("PUT", "/contact-points/nothing", {**POINT, "holder": "", "deputies": []}),
    ("PUT", "/contact-points/aa/nothing", POINT),
    ("POST", "/postings", POSTING),
    ("PATCH", "/postings/1", {"version": 1, "city": "x"}),
    ("PATCH", "/postings/99", {"version": 1, "city": "x"}),
    ("POST", "/postings/1/end", {"version": 1}),
    ("PUT", "/postings/99/interest", {}),
    ("POST", "/hand-overs", {"giver": "clara", "taker": "emil"}),
    ("DELETE", "/hand-overs/99", {}),
    ("POST", "/appointments", {"official": "anna", "body": "aa", "act": "x"}),
    ("POST", "/appointments", {"official": "anna", "body": "nothing", "act": "x"}),
    ("POST", "/appointments/99", {"decision": "accept"}),
    ("POST", "/people/entry/anna/off-board", {"reason": "x"}),
    ("POST", "/people/entry/nobody/off-board", {"reason": "x"}),
    ("POST", "/people/entry/anna/take-back", {}),
    ("POST", "/people/entry/nobody/take-back", {}),
)


async def test_what_is_another_body_s_is_as_if_it_weren_t_there(duties: Site) -> None:
    clara, otto = await administrator(duties, "clara"), await administrator(duties, "otto")
    await clara.post("/api/postings", json=POSTING)
    await (await administrator(duties, "dora")).post("/api/proposals", json=SECURITY)
    assert (await otto.get("/api/proposals")).json() == []
    answers = set()
    for method, path, body in FOREIGN:
        answer = await otto.request(method, f"/api{path}", content=json.dumps(body), headers=JSON)
        assert answer.status_code == 404, path
        answers.add(answer.content)
    assert len(answers) == 1


NONSENSE: tuple[tuple[str, str, dict[str, object], str], ...] = (
    ("POST", "/proposals", {**SECURITY, "role": "king"}, "bad-fields"),
    ("POST", "/proposals", {**SECURITY, "reason": ""}, "reason-needed"),
    ("POST", "/proposals", {**SECURITY, "reason": "x" * 1001}, "bad-fields"),
    ("POST", "/proposals", {**SECURITY, "official": "nobody"}, "no-such-official"),
    ("POST", "/proposals", {**SECURITY, "until": "2001-01-01T00:00:00Z"}, "unfit-dates"),
    ("POST", "/proposals", {**SECURITY, "role": "liaison-officer", "for": "nothing"}, "unfit-scope"),
    ("POST", "/proposals/1", {"decision": "perhaps"}, "bad-fields"),
    ("PUT", "/contact-points/aa", {**POINT, "zone": "Mars"}, "unfit"),
    ("PUT", "/contact-points/aa", {**POINT, "holder": "anna"}, "role-needed"),
    ("PUT", "/contact-points/aa", {**POINT, "hours": [{"day": "Mon", "opens": 600, "closes": 60}]}, "unfit"),
    ("PUT", "/contact-points/aa", {**POINT, "hours": [{"day": "Mon", "opens": 0, "closes": 9999}]}, "bad-fields"),
    ("PUT", "/contact-points/aa", {**POINT, "deputies": ["emil"] * 21}, "bad-fields"),
    ("POST", "/postings", {**POSTING, "country": "XX"}, "unfit"),
    ("POST", "/postings", {**POSTING, "areas": ["nothing"]}, "unfit"),
    ("POST", "/postings", {**POSTING, "serves": ["aa"]}, "unfit"),
    ("POST", "/postings", {**POSTING, "planned": "yes"}, "bad-fields"),
    ("POST", "/hand-overs", {"taker": "bruno"}, "unfit"),
    ("POST", "/hand-overs", {"taker": "emil", "effective": "soon"}, "unfit-dates"),
)


async def test_what_makes_no_sense_names_its_rule_and_changes_nothing(duties: Site) -> None:
    clara = await administrator(duties, "clara")
    paths = ("/api/proposals", "/api/contact-points", "/api/postings", "/api/duties")
    before = [(await clara.get(path)).json() for path in paths]
    for method, path, body, why in NONSENSE:
        assert rule(await clara.request(method, f"/api{path}", json=body)) == (422, why), body
    assert [(await clara.get(path)).json() for path in paths] == before
