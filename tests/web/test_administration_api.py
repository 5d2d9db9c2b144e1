"""Areas, rooms and duties are administered by programs, under the same rules as in the portal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from api_program import DOCUMENT, administrator, described, program
from area_world import run_by_admin
from web_site import send

from connectors.web.api.routes import OPERATIONS
from directory import roles
from directory.roles import Grant
from policies.vocabulary import Access

if TYPE_CHECKING:
    import httpx
    from web_site import Site

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
STRONG = tuple(each for each in OPERATIONS if each.strong)
ROOM = {"name": "Visa", "owner": "aa/u", "topic": "What is asked", "marking": "TLP:AMBER+STRICT", "patience": 2}


@pytest.fixture
async def run(site: Site) -> Site:
    """clara is directory admin of the body that governs both bodies and runs the areas."""
    await site.groupware.store.run(lambda tx: run_by_admin(tx, site.town))
    return site


def rule(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_an_app_password_administers_nothing(run: Site) -> None:
    weak = await program(run, "clara")
    told = set()
    for operation in STRONG:
        path = operation.path.format(
            code="return",
            area="return",
            login="anna",
            body="aa",
            unit="u",
            id="1",
            number="1",
            post="1",
            message_id="m@x",
        )
        answer = described(operation.path, await weak.request(operation.method, f"/api{path}"))
        assert rule(answer) == (403, "admin-needs-strong-login"), operation.name
        assert DOCUMENT["paths"][operation.path][operation.method.lower()]["security"] == [{"session": []}]
        told.add(answer.content)
    assert len(told) == 1


async def test_areas_are_founded_renamed_and_given_to_units(run: Site) -> None:
    clara = await administrator(run, "clara")
    tree = described("/areas", await clara.get("/api/areas")).json()
    assert [each["code"] for each in tree["areas"]] == ["liaison", "return"]
    assert {each["code"] for each in tree["founds_for"]} == {"aa", "bb"}
    new = {"code": "visa", "name": "Visa", "body": "aa"}
    assert described("/areas", await clara.post("/api/areas", json=new)).json() == {"code": "visa"}
    assert rule(described("/areas", await clara.post("/api/areas", json=new))) == (409, "code-taken")
    path = "/api/areas/visa"
    area = described("/areas/{code}", await clara.get(path)).json()
    renamed = {"version": area["version"], "name": "Visas"}
    assert described("/areas/{code}", await clara.patch(path, json=renamed)).json() == {"version": area["version"] + 1}
    assert rule(await clara.patch(path, json=renamed)) == (409, "changed-meanwhile")
    competence = "/areas/{code}/competences/{body}/{unit}"
    for _ in range(2):
        given = described(competence, await clara.put(f"{path}/competences/bb/u"))
        assert given.json() == {"unit": "bb/u", "competent": True}
    area = (await clara.get(path)).json()
    assert (area["name"], area["version"]) == ("Visas", renamed["version"] + 1)
    assert [each["unit"] for each in area["competent"]] == ["bb/u"]
    assert [each["act"] for each in area["changes"]][-2:] == ["area-renamed", "area-founded"]
    assert described(competence, await clara.delete(f"{path}/competences/bb/u")).status_code == 200
    assert (await clara.get(path)).json()["competent"] == []
    assert rule(described(competence, await clara.put(f"{path}/competences/bb/none"))) == (422, "no-such-unit")


async def test_rooms_are_opened_set_and_closed(run: Site) -> None:
    clara = await administrator(run, "clara")
    opened = await clara.post("/api/areas/return/rooms", json={"code": "visa", **ROOM})
    assert described("/areas/{code}/rooms", opened).json() == {"code": "visa"}
    again = await clara.post("/api/areas/return/rooms", json={"code": "visa", **ROOM})
    assert rule(described("/areas/{code}/rooms", again)) == (409, "code-taken")
    path = "/api/rooms/visa"
    room = described("/rooms/{code}", await clara.get(path)).json()
    assert room["settings"] == {
        **ROOM,
        "moderated": True,
        "handling": 0,
        "retention": "standard",
        "bars_personal_data": False,
        "second_person": "",
    }
    change = {"version": room["version"], "topic": ""}
    changed = described("/rooms/{code}", await clara.patch(path, json=change)).json()
    assert rule(described("/rooms/{code}", await clara.patch(path, json=change))) == (409, "changed-meanwhile")
    closing = {"version": changed["version"], "state": "closed"}
    closed = described("/rooms/{code}/state", await clara.put(f"{path}/state", json=closing)).json()
    stale = described("/rooms/{code}/state", await clara.put(f"{path}/state", json=closing))
    assert rule(stale) == (409, "changed-meanwhile")
    room = (await clara.get(path)).json()
    assert (room["state"], room["version"]) == ("closed", closed["version"])
    assert room["settings"] == {
        **ROOM,
        "topic": "",
        "moderated": True,
        "handling": 0,
        "retention": "standard",
        "bars_personal_data": False,
        "second_person": "",
    }
    for state in ("archived", "open"):
        closed = (await clara.put(f"{path}/state", json={"version": closed["version"], "state": state})).json()
        assert (await clara.get(path)).json()["state"] == state
    under = {"code": "visa-long", "name": "Long stay", "owner": "aa/u", "under": "visa"}
    assert (await clara.post("/api/areas/return/rooms", json=under)).status_code == 200
    assert (await clara.get("/api/rooms/visa-long")).json()["parent"] == "visa"


async def test_access_is_given_and_ended_by_rules(run: Site) -> None:
    clara, otto = await administrator(run, "clara"), await program(run, "otto")
    path, template = "/api/rooms/return/access", "/rooms/{code}/access"
    asked = {"right": "reader", "whom": "body:bb", "reason": "asked for", "until": "2036-12-31T12:00:00+01:00"}
    given = described(template, await clara.post(path, json=asked)).json()
    (found,) = described(template, await clara.get(path)).json()
    assert (found["id"], found["whom"], found["until"]) == (given["id"], "body:bb", "2036-12-31T11:00:00.000Z")
    assert found["people"] == 2
    assert {each["code"] for each in (await otto.get("/api/rooms")).json()} == {"liaison", "return"}
    for _ in range(2):
        ended = described(f"{template}/{{id}}", await clara.delete(f"{path}/{given['id']}"))
        assert ended.json() == given
    assert {each["code"] for each in (await otto.get("/api/rooms")).json()} == {"liaison"}
    assert (await clara.get(path)).json()[0]["ended"]
    for wrong, why in (
        ({"whom": "unit:bb/none"}, "no-such-unit"),
        ({"whom": "nobody"}, "unfit-rule"),
        ({"reason": " "}, "unfit-text"),
        ({"until": "tomorrow"}, "unfit-dates"),
        ({"until": "2036-12-31T12:00:00"}, "unfit-dates"),
        ({"until": "2001-12-31T12:00:00Z"}, "unfit"),
        ({"right": "moderator"}, "bad-fields"),
    ):
        assert rule(described(template, await clara.post(path, json={**asked, **wrong}))) == (422, why)


async def test_a_moderator_is_made_a_deputy(run: Site) -> None:
    clara = await administrator(run, "clara")
    path, template = "/api/rooms/return/deputies/dora", "/rooms/{code}/deputies/{login}"
    for _ in range(2):
        assert described(template, await clara.put(path)).json() == {"login": "dora", "deputy": True}
    (moderator,) = (await clara.get("/api/rooms/return")).json()["people"]["moderate"]
    assert (moderator["login"], moderator["deputy"]) == ("dora", True)
    assert described(template, await clara.delete(path)).json() == {"login": "dora", "deputy": False}
    assert not (await clara.get("/api/rooms/return")).json()["people"]["moderate"][0]["deputy"]
    assert rule(described(template, await clara.put("/api/rooms/return/deputies/anna"))) == (422, "no-moderator")


AREA_ACTS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("GET", "/areas/{}", {}),
    ("PATCH", "/areas/{}", {"version": 1, "name": "x"}),
    ("PUT", "/areas/{}/competences/bb/u", {}),
    ("DELETE", "/areas/{}/competences/bb/u", {}),
    ("POST", "/areas/{}/rooms", {"code": "visa", **ROOM}),
    ("GET", "/rooms/{}", {}),
    ("PATCH", "/rooms/{}", {"version": 1, "name": "x"}),
    ("PUT", "/rooms/{}/state", {"version": 1, "state": "closed"}),
    ("GET", "/rooms/{}/access", {}),
    ("POST", "/rooms/{}/access", {"right": "reader", "whom": "official:bruno", "reason": "x"}),
    ("DELETE", "/rooms/{}/access/1", {}),
    ("PUT", "/rooms/{}/deputies/dora", {}),
    ("DELETE", "/rooms/{}/deputies/dora", {}),
)


async def test_what_is_anothers_is_as_if_it_weren_t_there(run: Site) -> None:
    bruno = await administrator(run, "bruno")
    assert (await bruno.get("/api/areas")).json() == {"areas": [], "founds_for": []}
    for method, path, body in AREA_ACTS:
        theirs, nothing = [
            await bruno.request(method, "/api" + path.format(code), json=body or None) for code in ("return", "nothing")
        ]
        assert (theirs.status_code, theirs.content) == (404, nothing.content), path
    for body in ("aa", "nothing"):
        new = {"code": "visa", "name": "Visa", "body": body}
        assert rule(await bruno.post("/api/areas", json=new)) == (404, "not-found")


NONSENSE: tuple[tuple[str, str, dict[str, object], str], ...] = (
    ("POST", "/areas", {"code": "Visa!", "name": "Visa", "body": "aa"}, "unfit-code"),
    ("POST", "/areas", {"code": "visa", "name": "", "body": "aa"}, "unfit-text"),
    ("POST", "/areas", {"code": "visa", "name": "x" * 501, "body": "aa"}, "bad-fields"),
    ("POST", "/areas", {"code": "visa", "name": "Visa"}, "bad-fields"),
    ("POST", "/areas", {"code": "visa", "name": "a\0b", "body": "aa"}, "bad-value"),
    ("POST", "/areas", {"code": "visa", "name": "\ud800", "body": "aa"}, "bad-value"),
    ("PATCH", "/areas/return", {"version": 2**70, "name": "x"}, "bad-value"),
    ("PATCH", "/areas/return", {"version": True, "name": "x"}, "bad-fields"),
    ("PATCH", "/areas/return", {"version": 1, "name": "x", "code": "y"}, "bad-fields"),
    ("PATCH", "/rooms/return", {"version": 1, "marking": "TLP:CLEAR"}, "marking-too-loose"),
    ("PATCH", "/rooms/return", {"version": 1, "marking": "SECRET"}, "bad-fields"),
    ("PATCH", "/rooms/return", {"version": 1, "handling": 4}, "handling-too-loose"),
    ("PATCH", "/rooms/return", {"version": 1, "retention": "For ever"}, "unfit-retention"),
    ("PATCH", "/rooms/return", {"version": 1, "patience": 10**6}, "unfit-patience"),
    ("PATCH", "/rooms/return", {"version": 1, "owner": "aa"}, "no-such-unit"),
    ("PUT", "/rooms/return/state", {"version": 1, "state": "gone"}, "bad-fields"),
)


async def test_what_makes_no_sense_names_its_rule_and_changes_nothing(run: Site) -> None:
    clara = await administrator(run, "clara")
    paths = ("/api/areas", "/api/areas/return", "/api/rooms/return")
    before = [(await clara.get(path)).json() for path in paths]
    for method, path, body, why in NONSENSE:
        assert rule(await clara.request(method, f"/api{path}", content=json.dumps(body), headers=JSON)) == (422, why), (
            body
        )
    assert rule(await clara.post("/api/areas", content=b"[]", headers=JSON))[0] == 422
    assert (await clara.post("/api/areas", data={"code": "visa"})).status_code == 415
    assert [(await clara.get(path)).json() for path in paths] == before


async def test_who_only_manages_a_room_makes_a_session_for_a_program(site: Site) -> None:
    for name, status in (("anna", 404), ("emil", 200)):
        if status == 200:
            granted = Grant(site.town.people[name], Access.MANAGER, site.town.rooms["return"], reason="test")
            await site.groupware.store.run(lambda tx, new=granted: roles.grant(tx.connection, new))
        assert (await (await site.client(name)).get("/people/programs")).status_code == status
    made = await send(await site.client("emil"), "/people/programs")
    found = re.search(r'value="([\w-]{43})"', made.text)
    assert found
    machine = await site.client()
    del machine.headers["Sec-Fetch-Site"]
    machine.headers["Authorization"] = f"Bearer {found[1]}"
    (area,) = described("/areas", await machine.get("/api/areas")).json()["areas"]
    assert (area["own"], [each["code"] for each in area["rooms"]]) == (False, ["return"])


async def test_one_place_says_how_a_program_signs_in_strongly(site: Site) -> None:
    schemes = (await (await site.client()).get("/api/openapi.json")).json()["components"]["securitySchemes"]
    said = schemes["session"]["description"]
    for word in ("/people/programs", "Authorization: Bearer", "admin-needs-strong-login", "/sessions"):
        assert word in said
