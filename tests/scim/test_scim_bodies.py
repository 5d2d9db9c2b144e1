"""A token of one body against everything of another: nothing read, nothing written, nothing told apart from absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scim_desk import ENTERPRISE, Desk, new, patch, refused
from sqlalchemy import select

from directory import bodies, units
from directory.tables import login_failure, official, unit

if TYPE_CHECKING:
    import httpx

    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
ABSENT = "official-999999"


def everything(snapshot: Snapshot) -> list[Any]:
    body = bodies.find(snapshot.connection, "bb")
    assert body
    rows = list(snapshot.connection.execute(select(official).where(official.c.body == body.id)))
    return rows + list(snapshot.connection.execute(select(unit).where(unit.c.body == body.id)))


async def foreign_unit(desk: Desk) -> str:
    def look(snapshot: Snapshot) -> int:
        body = bodies.find(snapshot.connection, "bb")
        assert body
        return units.find(snapshot.connection, body.id, "u") or 0

    return f"unit-{await desk.groupware.store.read(look)}"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_another_bodys_official_is_as_absent_as_nobody(desk: Desk, method: str) -> None:
    client = await desk.client("aa")
    payload = patch(("replace", "active", False)) if method == "PATCH" else new("bruno", displayName="X", active=False)
    json = None if method in ("GET", "DELETE") else payload
    before = await desk.groupware.store.read(everything)
    answers = [await client.request(method, f"/Users/{who}", json=json) for who in (desk.id("bruno"), ABSENT)]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert await desk.groupware.store.read(everything) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_another_bodys_unit_is_as_absent_as_none(desk: Desk, method: str) -> None:
    client = await desk.client("aa")
    payload = patch(("replace", "displayName", "Mine")) if method == "PATCH" else {"displayName": "Mine"}
    payload = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], **payload}
    json = None if method in ("GET", "DELETE") else payload
    before = await desk.groupware.store.read(everything)
    theirs = await foreign_unit(desk)
    answers = [await client.request(method, f"/Groups/{which}", json=json) for which in (theirs, "unit-999999")]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert await desk.groupware.store.read(everything) == before


async def test_no_filter_and_no_order_reaches_another_body(desk: Desk) -> None:
    client = await desk.client("aa")
    for sought in (
        'userName eq "bruno"',
        f'id eq "{desk.id("bruno")}"',
        'userName co "o" or not (userName eq "x")',
        'emails[value co "bruno"]',
        f'{ENTERPRISE}:organization eq "bb"',
        f'groups.value eq "{await foreign_unit(desk)}"',
    ):
        answer = await client.get("/Users", params={"filter": sought, "sortBy": "userName"})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert {"bruno", "otto"}.isdisjoint(each["userName"] for each in found["Resources"]), sought
        assert found["totalResults"] == len(found["Resources"])
    everybody = (await client.get("/")).json()
    assert everybody["totalResults"] == len(everybody["Resources"]) == 5


async def test_nobody_is_moved_in_or_out(desk: Desk) -> None:
    client = await desk.client("aa")
    before = await desk.groupware.store.read(everything)
    group = (await client.get("/Groups")).json()["Resources"][0]
    add = patch(("add", "members", [{"value": desk.id("bruno")}, {"value": ABSENT}]))
    told = (await client.patch(f"/Groups/{group['id']}", json=add)).json()
    assert told["members"] == group["members"]
    refused(
        await client.patch(
            f"/Users/{desk.id('anna')}", json=patch(("replace", f"{ENTERPRISE}:department", "only-theirs"))
        ),
        400,
        "invalidValue",
    )
    assert await desk.groupware.store.read(everything) == before


async def test_a_login_taken_elsewhere_is_taken_and_no_more_is_said(desk: Desk) -> None:
    client = await desk.client("aa")
    here = refused(await client.post("/Users", json=new("anna")), 409, "uniqueness")
    elsewhere = refused(await client.post("/Users", json=new("bruno")), 409, "uniqueness")
    assert here == elsewhere
    other = await desk.client("bb")
    for body in (client, other):
        answer = await body.patch(
            f"/Users/{desk.id('anna' if body is client else 'bruno')}",
            json=patch(("replace", "externalId", "same in both")),
        )
        assert answer.status_code == 200, "external ids are each body's own"


async def statuses(client: httpx.AsyncClient) -> list[int]:
    paths = ("/Users", "/Groups", "/Schemas", "/ResourceTypes", "/nonsense", "/ServiceProviderConfig")
    return [(await client.get(path)).status_code for path in paths]


async def test_a_revoked_an_expired_and_a_suspended_bodys_token_open_nothing_at_once(desk: Desk) -> None:
    client, other = await desk.client("aa"), await desk.client("bb")
    assert await statuses(client) == [200, 200, 200, 200, 404, 200]
    (token,) = await desk.groupware.provisioning.tokens("aa")
    await desk.groupware.provisioning.revoke("aa", token.id)
    assert await statuses(client) == [401] * 5 + [200]

    def suspend(tx: Tx) -> None:
        body = bodies.find(tx.connection, "bb")
        assert body
        bodies.suspend(tx.connection, body.id)

    third = await desk.client(token=(await desk.groupware.provisioning.issue("aa", "short", 1))[1])
    assert (await third.get("/Users")).status_code == 200
    desk.clock.ahead = 25 * 60 * 60 * 1_000_000
    assert (await third.get("/Users")).status_code == 401
    assert (await other.get("/Users")).status_code == 200
    await desk.groupware.store.run(suspend)
    assert (await other.get("/Users")).status_code == 401


async def test_a_token_revoked_half_way_through_a_bulk_ends_there(desk: Desk) -> None:
    machine = await desk.groupware.provisioning.open(desk.tokens["aa"], "192.0.2.1")
    await desk.groupware.provisioning.revoke("aa", machine.token)
    with pytest.raises(Exception, match="sign-in"):
        await desk.groupware.provisioning.person(machine, desk.town.people["anna"])
    with pytest.raises(Exception, match="sign-in"):
        await desk.groupware.provisioning.remove(machine, desk.town.people["anna"])


async def test_only_the_hash_of_a_token_is_kept(desk: Desk) -> None:
    octets = b"".join(path.read_bytes() for path in desk.groupware.store.directory.rglob("*") if path.is_file())
    assert desk.tokens["aa"].encode() not in octets


async def test_wrong_tokens_are_counted_with_all_wrong_secrets_of_their_network(desk: Desk) -> None:
    wrong = await desk.client(token="iconet-scim-wrong")
    for _ in range(3):
        answer = await wrong.get("/Users")
        refused(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def count(snapshot: Snapshot) -> int:
        return snapshot.connection.execute(
            select(login_failure.c.failures).where(login_failure.c.key == "net:127.0.0.0/24")
        ).scalar_one()

    assert await desk.groupware.store.read(count) == 3
    assert (await (await desk.client()).get("/Users")).status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Basic YTpi", "Bearer \xff\xfe", "Bearer " + "x" * 10_000])
async def test_whatever_else_stands_for_a_token_opens_nothing(desk: Desk, value: str) -> None:
    client = await desk.client()
    answer = await client.get("/Users", headers=[(b"Authorization", value.encode("latin-1"))])
    assert answer.status_code == 401
