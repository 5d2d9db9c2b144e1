"""Units through SCIM: who is in them, how people move, and when a unit can be removed."""

from __future__ import annotations

from typing import Any

import pytest
from scim_desk import ENTERPRISE, GROUP, Desk, patch, refused
from town import DOMAIN, message

pytestmark = pytest.mark.anyio


def named(name: str, **more: object) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": name, **more}


def members(group: dict[str, Any]) -> set[str]:
    return {each["value"] for each in group.get("members", ())}


async def test_a_member_leaves_their_unit_and_comes_back_to_the_one_above(desk: Desk) -> None:
    client = await desk.client()
    (first,) = (await client.get("/Groups")).json()["Resources"]
    answer = await client.post(
        "/Groups", json=named("Štáb — 部", externalId="g-1", members=[{"value": desk.id("anna")}])
    )
    assert answer.status_code == 201, answer.text
    group = answer.json()
    assert group["members"] == [
        {"value": desk.id("anna"), "$ref": f"{desk.url}/scim/v2/Users/{desk.id('anna')}", "type": "User"}
    ]
    anna = (await client.get(f"/Users/{desk.id('anna')}")).json()
    assert anna[ENTERPRISE]["department"] == "stab"
    assert anna["groups"][0]["display"] == "Štáb — 部"
    assert members((await client.get(f"/Groups/{first['id']}")).json()) == members(first) - {desk.id("anna")}
    found = await client.get("/Groups", params={"filter": f'members.value eq "{desk.id("anna")}"'})
    assert [each["id"] for each in found.json()["Resources"]] == [group["id"]]
    removal = patch(("remove", f'members[value eq "{desk.id("anna")}"]', None))
    assert "members" not in (await client.patch(f"/Groups/{group['id']}", json=removal)).json()
    assert members((await client.get(f"/Groups/{first['id']}")).json()) == members(first)


async def test_who_is_in_the_first_unit_is_somewhere(desk: Desk) -> None:
    client = await desk.client()
    (first,) = (await client.get("/Groups")).json()["Resources"]
    refused(await client.patch(f"/Groups/{first['id']}", json=patch(("remove", "members", None))), 400, "invalidValue")
    assert (await client.get(f"/Groups/{first['id']}")).json() == first


async def test_a_rename_keeps_the_code_and_an_old_version_is_told(desk: Desk) -> None:
    client = await desk.client()
    group = (await client.post("/Groups", json=named("One"))).json()
    path, seen = f"/Groups/{group['id']}", {"If-Match": group["meta"]["version"]}
    assert (await client.patch(path, json=patch(("replace", "displayName", "Two")), headers=seen)).status_code == 200
    refused(await client.patch(path, json=patch(("replace", "displayName", "Three")), headers=seen), 412)
    found = (await client.get("/Groups", params={"filter": 'displayName eq "two"', "sortBy": "displayName"})).json()
    assert [each["id"] for each in found["Resources"]] == [group["id"]]
    taken = await client.post("/Groups", json=named("Two"))
    assert taken.status_code == 201, "names may be the same, codes are numbered"


async def test_the_version_moves_with_the_members(desk: Desk) -> None:
    client = await desk.client()
    (first,) = (await client.get("/Groups")).json()["Resources"]
    (await client.delete(f"/Users/{desk.id('clara')}")).raise_for_status()
    put = named("Unit A", members=first["members"])
    refused(await client.put(f"/Groups/{first['id']}", json=put, headers={"If-Match": first["meta"]["version"]}), 412)


async def test_a_unit_that_owns_something_stays(desk: Desk) -> None:
    client = await desk.client()
    (first,) = (await client.get("/Groups")).json()["Resources"]
    assert "owns" in refused(await client.delete(f"/Groups/{first['id']}"), 409)
    group = (await client.post("/Groups", json=named("Writers", members=[{"value": desk.id("anna")}]))).json()
    caller = desk.town.caller("anna")
    raw = message("anna", f"clara@{DOMAIN}", "Hello", "Words")
    await desk.groupware.submit(caller, raw, [await desk.groupware.recipient(caller, f"clara@{DOMAIN}")])
    refused(await client.delete(f"/Groups/{group['id']}"), 409)
    assert members((await client.get(f"/Groups/{group['id']}")).json()) == {desk.id("anna")}


async def test_an_empty_unit_goes_and_its_people_stay(desk: Desk) -> None:
    client = await desk.client()
    group = (await client.post("/Groups", json=named("Brief", members=[{"value": desk.id("anna")}]))).json()
    assert (await client.delete(f"/Groups/{group['id']}")).status_code == 204
    refused(await client.get(f"/Groups/{group['id']}"), 404)
    refused(await client.delete(f"/Groups/{group['id']}"), 404)
    assert (await client.get(f"/Users/{desk.id('anna')}")).json()[ENTERPRISE]["department"] == "u"


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 201])
async def test_a_name_that_cannot_be_is_refused(desk: Desk, name: str) -> None:
    refused(await (await desk.client()).post("/Groups", json=named(name)), 400, "invalidValue")


async def test_the_schema_names_the_bodys_units(desk: Desk) -> None:
    for body in ("aa", "bb"):
        client = await desk.client(body)
        await client.post("/Groups", json=named(f"Only {body}"))
        alone = (await client.get(f"/Schemas/{ENTERPRISE}")).json()
        listed = [each for each in (await client.get("/Schemas")).json()["Resources"] if each["id"] == ENTERPRISE]
        assert [alone["attributes"]] == [each["attributes"] for each in listed]
        told = {each["name"]: each.get("canonicalValues") for each in alone["attributes"]}
        assert told["department"] == ["u", f"only-{body}"]
