from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bridge_world import WITHIN, bridged

from connectors.matrix.bridge.members import Members
from directory import officials
from groupware import clock
from groupware.events import EventKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bridge_world import Client, World

    from groupware.store import Tx

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with bridged(tmp_path_factory.mktemp("members")) as world:
        yield world


async def until_in(client: Client, room: str, *, there: bool = True) -> None:
    """Until the client's own list of rooms says so."""
    async with asyncio.timeout(WITHIN):
        while (room in (await client.matrix.get("v3/joined_rooms")).json()["joined_rooms"]) is not there:
            await client.sync(100)


async def test_an_official_is_in_their_rooms_when_the_login_returns(there: World) -> None:
    anna = await there.sign_in("anna")
    joined = (await anna.sync())["rooms"]["join"]
    assert list(joined) == [await there.room("return")]


async def test_a_room_is_as_promised(there: World) -> None:
    room = await there.room("return")
    async with there.url(there.service.as_token) as matrix:
        state = {event["type"]: event["content"] for event in (await matrix.get(f"v3/rooms/{room}/state")).json()}
        alias = await matrix.get("v3/directory/room/%23return:iconet.test")
    assert alias.json()["room_id"] == room
    assert state["m.room.create"]["room_version"] == "11"
    assert state["m.room.create"]["m.federate"] is False
    assert state["m.room.join_rules"] == {"join_rule": "invite"}
    assert state["m.room.history_visibility"] == {"history_visibility": "shared"}
    assert state["m.room.guest_access"] == {"guest_access": "forbidden"}
    assert state["m.room.name"] == {"name": "Return"}
    assert state["m.room.topic"]["topic"].startswith("return: TLP:AMBER")
    assert state["m.room.power_levels"]["users"] == {"@iconet:iconet.test": 100}
    assert "m.room.encryption" not in state


async def test_who_gets_a_right_is_in_the_room_and_reads_what_was_said_before(there: World) -> None:
    await there.mail("dora", "return", "Before", "canary-before")
    otto, room = await there.sign_in("otto"), await there.room("return")
    assert room not in (await otto.sync())["rooms"]["join"]
    await there.grant("otto", "return")
    await until_in(otto, room)
    history = await otto.matrix.get(f"v3/rooms/{room}/messages", params={"dir": "b", "limit": "50"})
    assert "canary-before" in history.text
    await there.revoke("otto", "return")


async def test_who_loses_a_right_reads_nothing_any_more(there: World) -> None:
    clara, room = await there.sign_in("clara"), await there.room("return")
    await there.mail("dora", "return", "Old", "canary-old")
    await clara.hears("canary-old")
    await there.revoke("clara", "return")
    await until_in(clara, room, there=False)
    await there.mail("dora", "return", "New", "canary-new")
    await (await there.sign_in("anna")).hears("canary-new")
    clara.since = ""
    everything = await clara.matrix.get("v3/sync")
    assert room not in everything.text
    assert "canary" not in everything.text
    assert (await clara.matrix.get(f"v3/rooms/{room}/messages", params={"dir": "b"})).status_code == 403
    await there.grant("clara", "return")
    await until_in(clara, room)


async def test_a_right_begins_and_ends_on_its_date(there: World) -> None:
    otto, room = await there.sign_in("otto"), await there.room("return")
    now = clock.now()
    start, end = now + clock.MICROSECONDS, now + 3 * clock.MICROSECONDS
    await there.grant("otto", "return", valid_from=start, valid_until=end)
    assert room not in (await otto.matrix.get("v3/joined_rooms")).json()["joined_rooms"]
    await until_in(otto, room)
    assert clock.now() >= start
    await until_in(otto, room, there=False)
    assert clock.now() >= end


async def test_a_new_name_is_seen(there: World) -> None:
    clara = await there.sign_in("clara")

    def marry(tx: Tx) -> None:
        known = officials.get(tx.connection, there.people.people["dora"])
        officials.change(tx.connection, replace(known, name="Dora New"))
        tx.record(EventKind.RIGHTS_CHANGED, known.id)

    await there.groupware.store.run(marry)
    async with asyncio.timeout(WITHIN):
        while (await clara.matrix.get("v3/profile/@dora:iconet.test")).json() != {"displayname": "Dora New"}:
            await clara.sync(100)


async def test_who_leaves_the_service_is_put_out_of_every_room(there: World) -> None:
    await there.sign_in("bruno")
    await there.groupware.off_board(there.people.caller("bruno"))
    room = await there.room("return")
    anna = await there.sign_in("anna")
    async with asyncio.timeout(WITHIN):
        while "@bruno:iconet.test" in (await anna.matrix.get(f"v3/rooms/{room}/joined_members")).text:
            await anna.sync(100)


async def test_a_message_waits_until_those_who_lost_the_right_are_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(_members: Members) -> bool:
        return False

    monkeypatch.setattr(Members, "put_out", late)
    async with bridged(tmp_path) as there:
        room, anna = await there.room("return"), await there.sign_in("anna")
        answers = [await anna.sync()]
        async with asyncio.timeout(WITHIN):
            while (plan := await there.groupware.matrix.plan()) is None or plan.enter:
                await anna.sync(100)
        await there.mail("dora", "return", "Before", "canary-before")
        await anna.hears("canary-before")
        await there.revoke("anna", "return")
        await there.mail("dora", "return", "Overtaking", "canary-overtaking")
        async with asyncio.timeout(WITHIN):
            while "canary-overtaking" not in str(answers) and room not in str(answers[-1]["rooms"].get("leave")):
                answers.append({"rooms": {}} | await anna.sync(1000))
        assert "canary-overtaking" not in str(answers)
