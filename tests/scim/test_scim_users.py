"""Officials through SCIM: made, read, changed in every form, and gone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scim_desk import ENTERPRISE, OFFICIAL, Desk, new, patch, refused
from sqlalchemy import select
from town import DOMAIN, app_password

from directory import officials
from directory.tables import role_grant
from groupware.errors import Refused
from groupware.people.leave import OPERATOR
from policies.vocabulary import Door

if TYPE_CHECKING:
    import httpx

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
FULL: dict[str, Any] = {
    "displayName": "Ærøskøbing, Łucja",
    "name": {"givenName": "Łucja", "familyName": "Ærøskøbing"},
    "title": "Head of unit — 移民",
    "preferredLanguage": "da",
    "phoneNumbers": [{"value": "+45 12", "type": "work"}, {"value": "+45 22", "type": "mobile", "primary": True}],
    "externalId": "hr-7",
    "active": True,
    OFFICIAL: {"listed": False, "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00+01:00"},
}


async def made(client: httpx.AsyncClient, login: str = "lucja", **more: object) -> dict[str, Any]:
    answer = await client.post("/Users", json=new(login, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_what_is_written_is_read_again_in_any_letters(desk: Desk) -> None:
    client = await desk.client()
    answer = await client.post("/Users", json=new("Lucja@ministry.test", **FULL))
    user = answer.json()
    found = await client.get(f"/Users/{user['id']}", headers={"Host": "127.0.0.1:1"})
    assert found.json()["meta"]["location"] == user["meta"]["location"]
    assert answer.headers["location"] == user["meta"]["location"] == f"{desk.url}/scim/v2/Users/{user['id']}"
    assert answer.headers["etag"] == user["meta"]["version"] == 'W/"1"'
    assert user["userName"] == "lucja"
    assert user["emails"] == [{"value": f"lucja@{DOMAIN}", "type": "work", "primary": True}]
    assert {key: user[key] for key in FULL.keys() - {OFFICIAL, "phoneNumbers"}} == {
        key: FULL[key] for key in FULL.keys() - {OFFICIAL, "phoneNumbers"}
    }
    assert user["phoneNumbers"] == [{"value": "+45 12", "type": "work"}, {"value": "+45 22", "type": "mobile"}]
    assert user[ENTERPRISE] == {"department": "u"}
    assert user[OFFICIAL]["validUntil"] == "2029-12-31T23:00:00Z"
    again = await client.get(f"/Users/{user['id']}")
    assert again.json() == user
    assert (await client.get(f"/Users/{user['id']}", headers={"If-None-Match": 'W/"1"'})).status_code == 304


async def test_read_only_facts_are_told_when_they_are_asked_for(desk: Desk) -> None:
    client = await desk.client()
    wanted = f"{OFFICIAL}:clearance,{ENTERPRISE}:organization,{ENTERPRISE}:division,roles"
    user = (await client.get(f"/Users/{desk.id('dora')}", params={"attributes": wanted})).json()
    assert user[OFFICIAL] == {"clearance": 3}
    assert user[ENTERPRISE] == {"organization": "aa", "division": "Unit A"}
    assert user["roles"] == [{"value": "moderator"}]
    rest = (await client.get(f"/Users/{desk.id('dora')}", params={"excludedAttributes": "emails,roles"})).json()
    assert "emails" not in rest
    assert {each["type"] for each in rest["entitlements"]} >= {"reader", "poster"}


async def test_a_new_official_is_cleared_for_nothing_and_has_no_rights(desk: Desk) -> None:
    client = await desk.client()
    user = await made(client, **{OFFICIAL: {"clearance": 3}}, roles=[{"value": "directory-admin"}])
    asked = await client.get(f"/Users/{user['id']}", params={"attributes": f"{OFFICIAL}:clearance,roles,entitlements"})
    assert asked.json()[OFFICIAL] == {"clearance": 0}
    assert "roles" not in asked.json()
    assert "entitlements" not in asked.json()


async def test_times_are_told_as_long_as_they_are_known(desk: Desk) -> None:
    client = await desk.client()
    user = await made(client)
    assert user["meta"]["created"] == user["meta"]["lastModified"]
    assert {"created", "lastModified"}.isdisjoint((await client.get(f"/Users/{desk.id('anna')}")).json()["meta"])

    def elsewhere(tx: Tx) -> None:
        row = officials.by_login(tx.connection, "lucja")
        assert row
        officials.change(tx.connection, replace(row, title="From the portal"))

    await desk.groupware.store.run(elsewhere)
    now = (await client.get(f"/Users/{user['id']}")).json()
    assert now["title"] == "From the portal"
    assert now["meta"]["created"] == user["meta"]["created"]
    assert "lastModified" not in now["meta"]
    assert now["meta"]["version"] != user["meta"]["version"]


async def test_put_writes_all_but_what_it_does_not_mention_of_the_extensions(desk: Desk) -> None:
    client = await desk.client()
    user = await made(client, **FULL)
    answer = await client.put(f"/Users/{user['id']}", json=new("lucja@other.test", displayName="L", active=True))
    changed = answer.json()
    assert changed["displayName"] == "L"
    assert "title" not in changed
    assert "phoneNumbers" not in changed
    assert changed[OFFICIAL] == user[OFFICIAL]
    same = await client.put(f"/Users/{user['id']}", json=new("lucja", displayName="L", active=True))
    assert same.json()["meta"]["version"] == changed["meta"]["version"], "nothing changed"


@pytest.mark.parametrize(
    ("operation", "path", "value", "attribute", "expected"),
    [
        ("replace", "title", "T", "title", "T"),
        ("Replace", "", {"title": "T"}, "title", "T"),
        ("add", "", {"name.familyName": "F"}, "name", {"givenName": "Łucja", "familyName": "F"}),
        ("replace", "name.givenName", "G", "name", {"givenName": "G", "familyName": "Ærøskøbing"}),
        ("remove", "name", None, "name", None),
        ("remove", "phoneNumbers", None, "phoneNumbers", None),
        ("remove", 'phoneNumbers[type eq "work"]', None, "phoneNumbers", [{"value": "+45 22", "type": "mobile"}]),
        (
            "replace",
            'phoneNumbers[type eq "mobile"].value',
            "999",
            "phoneNumbers",
            [{"value": "+45 12", "type": "work"}, {"value": "999", "type": "mobile"}],
        ),
        ("replace", f"{ENTERPRISE}:department", "u", ENTERPRISE, {"department": "u"}),
        ("remove", f"{OFFICIAL}:validUntil", None, OFFICIAL, {"listed": False, "validFrom": "2026-01-01T00:00:00Z"}),
        ("replace", "urn:ietf:params:scim:schemas:core:2.0:User:title", "T", "title", "T"),
        ("replace", "active", "True", "active", True),
        ("remove", "externalId", None, "externalId", None),
    ],
)
async def test_patch_in_every_form_of_path(
    desk: Desk, operation: str, path: str, value: object, attribute: str, expected: object
) -> None:
    client = await desk.client()
    user = await made(client, **FULL)
    answer = await client.patch(f"/Users/{user['id']}", json=patch((operation, path, value)))
    assert answer.status_code == 200, answer.text
    assert answer.json().get(attribute) == expected
    assert (await client.get(f"/Users/{user['id']}")).json() == answer.json()


@pytest.mark.parametrize(
    ("operation", "path", "value", "kind"),
    [
        ("replace", "userName", "other", "mutability"),
        ("replace", "emails", [{"value": "x@y.test"}], "mutability"),
        ("replace", "roles", [{"value": "directory-admin"}], "mutability"),
        ("add", "entitlements", [{"value": "return", "type": "reader"}], "mutability"),
        ("replace", f"{OFFICIAL}:clearance", 3, "mutability"),
        ("replace", f"{ENTERPRISE}:organization", "bb", "mutability"),
        ("remove", "displayName", None, "mutability"),
        ("remove", f"{ENTERPRISE}:department", None, "mutability"),
        ("replace", "nonsense", "x", "invalidPath"),
        ("replace", "title[", "x", "invalidPath"),
        ("replace", 'phoneNumbers[type eq "fax"].value', "9", "invalidValue"),
        ("replace", f"{ENTERPRISE}:department", "no-such", "invalidValue"),
        ("replace", f"{OFFICIAL}:validUntil", "tomorrow", "invalidValue"),
        ("replace", f"{OFFICIAL}:validUntil", "2020-01-01T00:00:00Z", "invalidValue"),
        ("replace", f"{OFFICIAL}:validUntil", "9999-12-31T23:59:59-14:00", "invalidValue"),
        ("replace", "title", "two\nlines", "invalidValue"),
        ("replace", "title", "x" * 201, "invalidValue"),
        ("replace", "displayName", "", "invalidValue"),
        ("replace", "name", "not in parts", "invalidValue"),
        ("replace", "preferredLanguage", "de,fr", "invalidValue"),
        ("remove", "", None, "noTarget"),
        ("move", "title", "x", "invalidValue"),
    ],
)
async def test_what_a_patch_may_not_do_is_refused_by_name_and_leaves_nothing(
    desk: Desk, operation: str, path: str, value: object, kind: str
) -> None:
    client = await desk.client()
    user = await made(client, **FULL)
    both = patch(("replace", "title", "before"), (operation, path, value))
    told = refused(await client.patch(f"/Users/{user['id']}", json=both), 400, kind)
    assert not re.search("validation error|pydantic|\n", told), "in SCIM's words, not in our tools'"
    assert (await client.get(f"/Users/{user['id']}")).json() == user


@pytest.mark.parametrize("login", ["", "a b", "ünal", "a" * 65, "x/../y", "a\x00b"])
async def test_a_login_that_cannot_be_is_refused(desk: Desk, login: str) -> None:
    refused(await (await desk.client()).post("/Users", json=new(login, displayName="A")), 400, "invalidValue")


async def test_unknown_attributes_are_refused_rather_than_lost(desk: Desk) -> None:
    refused(await (await desk.client()).post("/Users", json=new("lucja", nickName="L")), 400, "invalidSyntax")


async def test_active_false_ends_everything_and_true_begins_anew(desk: Desk) -> None:
    client = await desk.client()
    secret = await app_password(desk.groupware, desk.town, "clara")
    assert await desk.groupware.sign_in.check(Door.IMAP, "clara", secret, "192.0.2.1")
    gone = await client.patch(f"/Users/{desk.id('clara')}", json=patch(("replace", "active", False)))
    assert gone.json()["active"] is False
    assert "entitlements" not in gone.json()
    with pytest.raises(Refused):
        await desk.groupware.sign_in.check(Door.IMAP, "clara", secret, "192.0.2.1")
    row = await desk.groupware.store.read(lambda s: officials.by_login(s.connection, "clara"))
    assert row.suspended
    assert row.departed
    back = await client.patch(f"/Users/{desk.id('clara')}", json=patch(("replace", "active", True)))
    assert back.json()["active"] is True
    assert "entitlements" not in back.json(), "no right comes back by itself"
    with pytest.raises(Refused):
        await desk.groupware.sign_in.check(Door.IMAP, "clara", secret, "192.0.2.1")


async def test_who_is_suspended_by_hand_is_not_let_in_again_by_a_machine(desk: Desk) -> None:
    client, number = await desk.client(), desk.town.people["clara"]
    await desk.groupware.people.suspend(OPERATOR, number, 1)
    for answer in (
        await client.patch(f"/Users/{desk.id('clara')}", json=patch(("replace", "active", True))),
        await client.put(f"/Users/{desk.id('clara')}", json=new("clara", displayName="Clara", active=True)),
    ):
        assert "keepers have suspended" in refused(answer, 409)
    row = await desk.groupware.store.read(lambda s: officials.by_login(s.connection, "clara"))
    assert (row.suspended, row.departed) == (True, 0)
    titled = await client.patch(f"/Users/{desk.id('clara')}", json=patch(("replace", "title", "T")))
    assert (titled.json()["title"], titled.json()["active"]) == ("T", False)


async def test_what_a_token_did_is_told_from_what_the_operator_did(desk: Desk) -> None:
    client, number = await desk.client(), desk.town.people["clara"]
    await client.patch(f"/Users/{desk.id('clara')}", json=patch(("replace", "title", "T")))
    version = await desk.groupware.people.suspend(OPERATOR, number, 2)
    await desk.groupware.people.resume(OPERATOR, number, version)
    assert (await client.delete(f"/Users/{desk.id('clara')}")).status_code == 204
    history = (await desk.groupware.people.entry(OPERATOR, number)).history
    assert [(line.by, line.what) for line in history] == [
        ("SCIM token no. 1", ("title",)),
        ("", ("suspended",)),
        ("", ("suspended",)),
        ("SCIM token no. 1", ("departed",)),
    ]
    ended = await desk.groupware.store.read(
        lambda s: s.connection.execute(
            select(role_grant.c.ended_by, role_grant.c.ended_why).where(role_grant.c.official == number)
        ).all()
    )
    assert {tuple(row) for row in ended} == {(0, "SCIM token no. 1: test")}


async def test_delete_off_boards_and_tells_of_nobody_afterwards(desk: Desk) -> None:
    client = await desk.client()
    path = f"/Users/{desk.id('clara')}"
    assert (await client.delete(path)).status_code == 204
    for answer in (await client.get(path), await client.delete(path), await client.patch(path, json=patch())):
        assert answer.status_code in (400, 404)
    refused(await client.patch(path, json=patch(("replace", "active", True))), 404)
    listed = await client.get("/Users", params={"filter": 'userName eq "clara"'})
    assert listed.json()["totalResults"] == 0
    group = (await client.get("/Groups")).json()["Resources"][0]
    assert desk.id("clara") not in [member["value"] for member in group["members"]]
    refused(await client.post("/Users", json=new("clara")), 409, "uniqueness")
    row = await desk.groupware.store.read(lambda s: officials.by_login(s.connection, "clara"))
    assert row.departed


@pytest.mark.parametrize("login", ["anna", "bruno", "return", "postmaster", "Return@elsewhere.test"])
async def test_a_name_that_means_something_else_is_taken(desk: Desk, login: str) -> None:
    told = refused(await (await desk.client()).post("/Users", json=new(login)), 409, "uniqueness")
    assert told == "userName is taken"


async def test_the_same_again_is_told_so(desk: Desk) -> None:
    client = await desk.client()
    await made(client, externalId="hr-7")
    assert "userName" in refused(await client.post("/Users", json=new("lucja")), 409, "uniqueness")
    assert "externalId" in refused(await client.post("/Users", json=new("l2", externalId="hr-7")), 409, "uniqueness")


async def test_bulk_is_done_one_by_one_and_bounded(desk: Desk) -> None:
    client = await desk.client()
    posts = [{"method": "POST", "path": "/Users", "bulkId": f"b{i}", "data": new(f"bulk{i}")} for i in range(3)]
    posts[1]["data"]["userName"] = "anna"
    message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": posts}
    answer = await client.post("/Bulk", json=message)
    assert [each["status"] for each in answer.json()["Operations"]] == ["201", "409", "201"], answer.text
    refused(await client.post("/Bulk", json={**message, "Operations": posts * 40}), 413)
    theirs = [
        {"method": "DELETE", "path": f"/Users/{desk.id('bruno')}"},
        {"method": "PATCH", "path": f"/Users/{desk.id('otto')}", "data": patch(("replace", "active", False))},
        {"method": "PATCH", "path": f"/Users/{desk.id('anna')}", "data": patch(("replace", "title", "T"))},
    ]
    answer = await client.post("/Bulk", json={**message, "Operations": theirs})
    assert [each["status"] for each in answer.json()["Operations"]] == ["404", "404", "200"], answer.text
    stopped = await client.post("/Bulk", json={**message, "failOnErrors": 1, "Operations": theirs})
    assert len(stopped.json()["Operations"]) == 1
    deep = {**theirs[2], "data": patch(("replace", "title" + "[" * 60, "T"))}
    refused(await client.post("/Bulk", json={**message, "Operations": [deep]}), 400, "invalidPath")


async def test_me_is_nobody(desk: Desk) -> None:
    refused(await (await desk.client()).get("/Me"), 501)
