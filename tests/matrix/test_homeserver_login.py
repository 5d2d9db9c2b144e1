from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hall import refusal, text
from homeserver_world import login

from directory import app_passwords
from policies.vocabulary import Door

if TYPE_CHECKING:
    import httpx
    from hall import Person
    from homeserver_world import World

pytestmark = pytest.mark.anyio
ENDS_WITHIN = 5.0


@pytest.mark.parametrize("name", ["anna", "ANNA", "anna@iconet.test", "@anna:iconet.test"])
async def test_a_login_or_an_address_with_the_app_password_signs_in(world: World, name: str) -> None:
    async with world.hall.client() as matrix:
        signed = await matrix.post("v3/login", json=login(name, await world.secret("anna")))
        assert signed.is_success, signed.text
        assert signed.json()["user_id"] == "@anna:iconet.test"
        headers = {"Authorization": f"Bearer {signed.json()['access_token']}"}
        assert (await matrix.get("v3/account/whoami", headers=headers)).json()["user_id"] == "@anna:iconet.test"
        profile = await matrix.get("v3/profile/@anna:iconet.test", headers=headers)
    assert profile.json() == {"displayname": "Anna"}


async def test_a_client_that_asks_for_a_mail_address_signs_in(world: World) -> None:
    identifier = {"type": "m.id.thirdparty", "medium": "email", "address": "anna@iconet.test"}
    words = {"type": "m.login.password", "identifier": identifier, "password": await world.secret("anna")}
    async with world.hall.client() as matrix:
        assert (await matrix.post("v3/login", json=words)).json()["user_id"] == "@anna:iconet.test"


async def test_whatever_is_wrong_is_answered_alike(world: World) -> None:
    other_door = app_passwords.made()
    groupware, bruno = world.house.groupware, world.people.people["bruno"]
    await groupware.store.run(
        lambda tx: app_passwords.keep(
            tx.connection, bruno, other_door, groupware.server_key, doors={Door.IMAP}, label="mail", now=tx.now
        )
    )
    await world.sign_in("clara")
    secrets = {name: await world.secret(name) for name in ("anna", "clara")}
    await world.suspend("clara")
    async with world.hall.client() as matrix:
        answers = [
            await matrix.post("v3/login", json=login(name, secret))
            for name, secret in {
                "anna": secrets["anna"][:-1],
                "bruno": other_door,
                "clara": secrets["clara"],
                "nobody": secrets["anna"],
                "iconet": secrets["anna"],
                "@anna:elsewhere.test": secrets["anna"],
                "x" * 3000: secrets["anna"],
                "an\x00na": secrets["anna"],
            }.items()
        ]
    await world.suspend("clara", suspended=False)
    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}


async def test_registration_and_other_ways_in_are_closed(world: World) -> None:
    async with world.hall.client() as matrix:
        flows = [flow["type"] for flow in (await matrix.get("v3/login")).json()["flows"]]
        assert set(flows) <= {"m.login.password", "m.login.application_service"}
        for path in ("v3/register", "v3/register?kind=guest"):
            assert refusal(await matrix.post(path, json={"username": "eve", "password": "x"}))[0] == 403
        assert (await matrix.get("v3/publicRooms")).status_code == 401
        assert (await matrix.get("v3/profile/@anna:iconet.test")).status_code == 401
        assert (await matrix.post("v3/login", json={"type": "m.login.token", "token": "x"})).status_code >= 400


async def test_who_is_suspended_is_out_at_once_and_what_they_wait_for_ends(world: World) -> None:
    bruno = await world.sign_in("bruno")
    since = (await bruno.matrix.get("v3/sync")).json()["next_batch"]
    waiting = asyncio.create_task(bruno.matrix.get("v3/sync", params={"since": since, "timeout": 60_000}))
    await bruno.matrix.get("v3/account/whoami")
    await world.suspend("bruno")
    async with asyncio.timeout(ENDS_WITHIN):
        ended = await waiting
    await say(world, "after the suspension")
    assert "after the suspension" not in ended.text
    assert refusal(await bruno.matrix.get("v3/sync")) == (401, "M_UNKNOWN_TOKEN")
    await world.suspend("bruno", suspended=False)
    back = await world.sign_in("bruno")
    assert "after the suspension" in (await back.matrix.get("v3/sync")).text
    await world.sign_in("emil")
    _, closings = await world.house.groupware.duties.off_board_by_operator(world.people.people["emil"])
    assert [each.sessions for each in closings if each.door == "matrix"] == [1]


async def say(world: World, words: str) -> None:
    """The application service says something in the room."""
    async with world.hall.client(world.hall.service.as_token) as matrix:
        path = f"v3/rooms/{world.hall.room}/send/m.room.message/{world.transaction()}"
        (await matrix.put(path, json=text(words))).raise_for_status()


async def test_who_signs_in_is_in_their_rooms_when_the_answer_comes(world: World, anna: Person) -> None:
    otto = await world.sign_in("otto")
    assert (await anna.matrix.get("v3/joined_rooms")).json()["joined_rooms"] == [world.hall.room]
    assert (await otto.matrix.get("v3/joined_rooms")).json()["joined_rooms"] == []


async def test_a_revoked_app_password_signs_its_own_device_out_and_no_other(world: World) -> None:
    lost, kept = await world.sign_in("bruno"), await world.sign_in("bruno")
    waiting = await waits(lost)
    bruno = world.people.caller("bruno")
    identity = world.house.groupware.identity
    found, _ = await identity.app_passwords(bruno)
    await identity.revoke_app_password(bruno, found[-2].id)
    async with asyncio.timeout(ENDS_WITHIN):
        await waiting
    await say(world, "after the revocation")
    assert refusal(await lost.matrix.get("v3/sync")) == (401, "M_UNKNOWN_TOKEN")
    assert "after the revocation" in (await kept.matrix.get("v3/sync")).text
    waiting = await waits(kept)
    await identity.revoke_app_password(bruno, found[-1].id)
    async with asyncio.timeout(ENDS_WITHIN):
        await waiting
    assert refusal(await kept.matrix.get("v3/sync")) == (401, "M_UNKNOWN_TOKEN")


async def waits(person: Person) -> asyncio.Task[httpx.Response]:
    """A client that hangs in a sync."""
    since = (await person.matrix.get("v3/sync")).json()["next_batch"]
    waiting = asyncio.create_task(person.matrix.get("v3/sync", params={"since": since, "timeout": 60_000}))
    await person.matrix.get("v3/account/whoami")
    return waiting
