"""Rooms that are opened, changed, closed and archived while the homeserver and its clients run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from bridge_world import WITHIN, World, bridged

from groupware.areas.access import Asked
from groupware.areas.rooms import Settings, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bridge_world import Client

pytestmark = pytest.mark.anyio
NAME, TOPIC, LEVELS = "m.room.name", "m.room.topic", "m.room.power_levels"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with bridged(tmp_path / "data") as world:
        yield world


async def state(client: Client, room: str, kind: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """A room's state as a member sees it, as soon as it fits."""
    async with asyncio.timeout(WITHIN):
        while True:
            answer = await client.matrix.get(f"v3/rooms/{room}/state/{kind}")
            if answer.status_code == 200 and fits(answer.json()):
                return dict(answer.json())
            await client.sync(200)


async def room_behind(client: Client, alias: str) -> str:
    async with asyncio.timeout(WITHIN):
        while True:
            answer = await client.matrix.get(f"v3/directory/room/%23{alias}:iconet.test")
            if answer.status_code == 200:
                return str(answer.json()["room_id"])
            await client.sync(200)


async def test_a_new_room_is_there_for_whom_a_rule_lets_in(world: World) -> None:
    areas, bruno = world.groupware.areas, await world.sign_in("bruno")
    flights = Settings("Charter flights", "aa/u", "Flights", moderated=False)
    await areas.open_room(None, "return", "return-charter", flights, "return")
    for right in ("reader", "poster"):
        await areas.give_access(None, "return-charter", Asked(right, "body:bb", "test"))
    room = await room_behind(bruno, "return-charter")
    found = await state(bruno, room, TOPIC, lambda _: True)
    assert found["topic"] == "Flights return-charter: TLP:AMBER unless labelled otherwise."
    said = await bruno.say(room, "The first words there")
    assert said.status_code == 200, said.text
    await world.mail("otto", "return-charter", "By mail", "Words by mail")
    await bruno.hears("Words by mail")


async def test_name_topic_and_state_follow_without_a_restart(world: World) -> None:
    areas, bruno = world.groupware.areas, await world.sign_in("bruno")
    room = await world.room("return")
    now = (await areas.room(None, "return")).settings
    await areas.change_room(None, "return", Settings("Returns", now.owner, "Joint flights", moderated=False))
    assert (await state(bruno, room, NAME, lambda it: it["name"] == "Returns"))["name"] == "Returns"
    topic = await state(bruno, room, TOPIC, lambda it: "Joint flights" in it["topic"])
    assert "moderation" not in topic["topic"]
    assert (await bruno.say(room, "Published at once")).status_code == 200
    await world.post_about("Published at once")
    await areas.set_state(None, "return", State.ARCHIVED)
    await state(bruno, room, LEVELS, lambda it: it["events_default"] == 100)
    assert (await bruno.say(room, "Too late")).status_code == 403
    assert "Published at once" in str((await bruno.matrix.get(f"v3/rooms/{room}/messages?dir=b&limit=50")).json())
    await areas.set_state(None, "return", State.OPEN)
    await state(bruno, room, LEVELS, lambda it: it["events_default"] == 0)
    assert (await bruno.say(room, "Open again")).status_code == 200


async def test_what_is_withdrawn_is_redacted_and_so_is_the_notice_of_a_held_post(world: World) -> None:
    bruno, dora = await world.sign_in("bruno"), await world.sign_in("dora")
    room = await world.room("return")
    said = (await dora.say(room, "Words to be taken back")).json()["event_id"]
    await bruno.hears("Words to be taken back")
    assert await bruno.counts("taken back") == 1
    post = await world.post_about("Words to be taken back")
    await world.groupware.areas.withdraw(world.people.caller("dora"), post.token, "mistaken")
    await bruno.redacted(said)
    assert await bruno.counts("taken back") == 0
    held = (await bruno.say(room, "Words that wait")).json()["event_id"]
    (waiting,) = await world.groupware.held(world.people.caller("dora"))
    await world.groupware.areas.withdraw(world.people.caller("bruno"), waiting.message_id)
    await dora.redacted(held)
    assert not await world.groupware.held(world.people.caller("dora"))
