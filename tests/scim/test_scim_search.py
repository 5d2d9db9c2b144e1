"""Filters, orders and pages: the same people as an evaluator that somebody else wrote finds, and no more work."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scim2_models import ScimFilter
from scim_desk import ENTERPRISE, OFFICIAL, Desk, names, new, patch, refused

from connectors.web.scim.resources import FullUser

pytestmark = pytest.mark.anyio
PEOPLE: list[dict[str, Any]] = [
    new("p1", displayName="100% Ørsted_A", externalId="X1", title="Head"),
    new("p2", displayName="100 percent", externalId="x1", phoneNumbers=[{"value": "+100", "type": "mobile"}]),
    new("p3", displayName='Quote" \\ back', name={"familyName": "Zeta"}, preferredLanguage="de"),
    new("p4", displayName="Δημήτρης", name={"givenName": "Δ"}, active=False),
    new("p5", displayName="' OR 1=1 --", **{OFFICIAL: {"validUntil": "2030-06-01T00:00:00Z", "listed": False}}),
]
FILTERS = [
    'userName eq "P1"',
    'userName ne "p1"',
    'userName sw "p" and not (userName eq "p2")',
    'userName gt "p2" and userName le "P4"',
    'displayName co "%"',
    'displayName co "_"',
    'displayName sw "100"',
    'displayName ew "_a"',
    'displayName eq "Δημήτρης"',
    'displayName eq "\' OR 1=1 --"',
    'displayName eq "Quote\\" \\\\ back"',
    'displayName co "\\u00d8"',
    'displayName sw ""',
    'externalId eq "x1"',
    'externalId eq "X1"',
    "externalId pr",
    "not (externalId pr)",
    "title pr or name.familyName pr",
    "name pr",
    'title ne "Head"',
    "title eq null",
    "title ne null",
    "active eq true",
    "active ne true",
    'phoneNumbers.value eq "+100"',
    'phoneNumbers.type eq "mobile"',
    'phoneNumbers[type eq "mobile" and value sw "+"]',
    'phoneNumbers[type eq "work"]',
    "phoneNumbers pr",
    'emails co "p1@"',
    'emails[type eq "work" and primary eq true]',
    'emails.value ew "ICONET.TEST"',
    f'{ENTERPRISE}:department eq "U"',
    f"{OFFICIAL}:listed eq false",
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "p1"',
    'preferredLanguage eq "DE"',
    'userName eq "p1" or userName eq "p2" and title pr',
    '(userName eq "p1" or userName eq "p2") and title pr',
]


async def settle(desk: Desk) -> list[dict[str, Any]]:
    client = await desk.client()
    for person in PEOPLE:
        assert (await client.post("/Users", json=person)).status_code == 201
    return list((await client.get("/Users")).json()["Resources"])


async def test_a_filter_finds_whom_another_evaluator_finds(desk: Desk) -> None:
    everybody = [(entry["userName"], FullUser.model_validate(entry)) for entry in await settle(desk)]
    client = await desk.client()
    for text in FILTERS:
        expected = {name for name, user in everybody if ScimFilter[FullUser](text).match(user)}
        assert names(await client.get("/Users", params={"filter": text})) == expected, text
    assert any(0 < sum(ScimFilter[FullUser](text).match(user) for _, user in everybody) < 9 for text in FILTERS)


async def test_times_and_ids_are_compared_as_what_they_are(desk: Desk) -> None:
    everybody = {entry["userName"]: entry for entry in await settle(desk)}
    client = await desk.client()

    async def found(text: str) -> set[str]:
        return names(await client.get("/Users", params={"filter": text}))

    assert await found(f'{OFFICIAL}:validUntil lt "2030-06-01T03:00:00+02:00"') == {"p5"}
    assert await found(f'id eq "{everybody["p1"]["id"]}"') == {"p1"}
    moment = everybody["p3"]["meta"]["lastModified"]
    assert await found(f'meta.lastModified ge "{moment}" and userName sw "p"') == {"p3", "p4", "p5"}
    assert await found(f'groups.value eq "{everybody["p1"]["groups"][0]["value"]}" and userName eq "p1"') == {"p1"}
    assert await found('userName eq "p1@iconet.test"') == {"p1"}
    assert await found('userName eq "p1@elsewhere.test"') == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        "userName eq 'x'",
        'userName zz "x"',
        'nonsense eq "x"',
        "userName eq 5",
        "active gt true",
        'active eq "yes"',
        f"{OFFICIAL}:clearance eq {'9' * 40}",
        'meta.created gt "yesterday"',
        'roles.value eq "moderator"',
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        'emails[type eq "work"',
        'userName eq "x" or ' * 200 + 'userName eq "x"',
        "(" * 45 + 'userName eq "x"' + ")" * 45,
        "not (" * 45 + 'userName eq "x"' + ")" * 45,
        'userName eq "' + "x" * 3000 + '"',
        'emails[emails[type eq "work"] and type eq "x"]',
    ],
)
async def test_a_filter_that_cannot_be_is_refused(desk: Desk, text: str) -> None:
    client = await desk.client()
    refused(await client.get("/Users", params={"filter": text}), 400, "invalidFilter")
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": text}
    refused(await client.post("/Users/.search", json=search), 400, "invalidFilter")


async def test_a_deep_filter_within_bounds_is_answered(desk: Desk) -> None:
    client = await desk.client()
    deep = "not (" * 30 + 'userName eq "anna"' + ")" * 30
    assert "anna" in names(await client.get("/Users", params={"filter": deep}))
    wide = " or ".join(['title eq "x"'] * 100)
    assert names(await client.get("/Users", params={"filter": wide})) == set()


async def test_a_list_shows_each_entry_as_it_is_shown_alone(desk: Desk) -> None:
    await settle(desk)
    client = await desk.client()
    for entry in (await client.get("/")).json()["Resources"]:
        assert (await client.get(entry["meta"]["location"])).json() == entry
    short = (await client.get("/Users", params={"attributes": "title"})).json()["Resources"]
    assert {key for entry in short for key in entry} == {"schemas", "id", "title"}


async def test_orders_and_pages(desk: Desk) -> None:
    await settle(desk)
    client = await desk.client()
    asked = {"sortBy": "externalId", "sortOrder": "descending", "filter": 'userName sw "p"'}
    whole = (await client.get("/Users", params=asked)).json()["Resources"]
    assert {each["userName"] for each in whole[:3]} == {"p3", "p4", "p5"}, "without a value first, when descending"
    seen = []
    for start in range(1, 6, 2):
        page = (await client.get("/Users", params={**asked, "startIndex": start, "count": 2})).json()
        assert (page["totalResults"], page["startIndex"]) == (5, start)
        assert page["itemsPerPage"] == len(page["Resources"])
        seen += page["Resources"]
    assert seen == whole
    nothing = (await client.get("/Users", params={"count": 0})).json()
    assert nothing["Resources"] == []
    assert nothing["totalResults"] == 9
    huge = (await client.get("/Users", params={"count": 10**9, "startIndex": -5})).json()
    assert huge["itemsPerPage"] == 9
    refused(await client.get("/Users", params={"sortBy": "roles"}), 400, "invalidFilter")
    refused(await client.get("/Users", params={"sortBy": "nonsense"}), 400, "invalidPath")


async def test_both_kinds_are_searched_at_the_root_page_by_page(desk: Desk) -> None:
    client = await desk.client()
    whole = (await client.get("/")).json()
    assert [each["meta"]["resourceType"] for each in whole["Resources"]] == ["User"] * 4 + ["Group"]
    last = (await client.get("/", params={"startIndex": 4, "count": 2})).json()
    assert last["Resources"] == whole["Resources"][3:]
    unit = (await client.get("/", params={"filter": 'displayName sw "Unit"'})).json()
    assert [each["displayName"] for each in unit["Resources"]] == ["Unit A"]
    assert (await client.get("/", params={"filter": 'userName eq "anna"'})).json()["totalResults"] == 1


async def test_of_two_who_change_one_entry_the_second_is_told(desk: Desk) -> None:
    client, path = await desk.client(), f"/Users/{desk.id('anna')}"
    seen = (await client.get(path)).headers["etag"]

    async def change(title: str) -> int:
        answer = await client.patch(path, json=patch(("replace", "title", title)), headers={"If-Match": seen})
        return answer.status_code

    assert sorted(await asyncio.gather(change("one"), change("two"))) == [200, 412]
    put = new("anna", displayName="A", active=True)
    refused(await client.put(path, json=put, headers={"If-Match": seen}), 412)
    refused(await client.delete(path, headers={"If-Match": seen}), 412)
    assert (await client.put(path, json=put, headers={"If-Match": "*"})).status_code == 200


async def test_changes_that_name_no_version_all_happen(desk: Desk) -> None:
    client, path = await desk.client(), f"/Users/{desk.id('anna')}"
    changes = {"title": "T", "displayName": "D", "externalId": "E", "preferredLanguage": "et"}
    answers = await asyncio.gather(
        *(client.patch(path, json=patch(("replace", name, value))) for name, value in changes.items())
    )
    assert {each.status_code for each in answers} == {200}
    now = (await client.get(path)).json()
    assert {name: now[name] for name in changes} == changes


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "invalidSyntax"),
        (b"{", 400, "invalidSyntax"),
        (b"[]", 400, "invalidSyntax"),
        (b'"x"', 400, "invalidSyntax"),
        (b"null", 400, "invalidSyntax"),
        (b"\xff\xfe", 400, "invalidSyntax"),
        (b"[" * 100_000, 400, "invalidSyntax"),
        (b'{"a":' * 50_000, 400, "invalidSyntax"),
        (b'{"schemas":["urn:x"],"userName":"x"}', 400, "invalidSyntax"),
        (b'{"userName":["x"]}', 400, "invalidValue"),
        (b" " * (300 * 1024), 413, ""),
    ],
)
async def test_a_body_that_cannot_be_is_refused_in_scims_form(desk: Desk, body: bytes, status: int, kind: str) -> None:
    client = await desk.client()
    answer = await client.post("/Users", content=body, headers={"Content-Type": "application/scim+json"})
    assert answer.status_code == status, answer.text
    if status == 413:
        refused(answer, status, kind)
    else:
        assert answer.json()["scimType"] in ("invalidSyntax", "invalidValue")


async def test_what_is_no_json_is_not_taken(desk: Desk) -> None:
    client = await desk.client()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        refused(await client.post("/Users", content=b"{}", headers={"Content-Type": kind}), 415)
    plain = await client.post("/Users", json=new("plain"), headers={"Content-Type": "application/json"})
    assert plain.status_code == 201


@pytest.mark.parametrize(
    "path", ["title" + "[" * 60, "x" * 600, "phoneNumbers[" + "not (" * 50 + 'type eq "x"' + ")" * 50 + "]"]
)
async def test_a_path_that_is_too_deep_is_refused(desk: Desk, path: str) -> None:
    client = await desk.client()
    refused(await client.patch(f"/Users/{desk.id('anna')}", json=patch(("replace", path, "x"))), 400, "invalidPath")
    many = patch(*[("replace", "title", "x")] * 201)
    refused(await client.patch(f"/Users/{desk.id('anna')}", json=many), 400, "tooMany")
