from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hall import refusal, text
from homeserver_world import login

from connectors.matrix.answers import Allow, Refuse, Replace
from connectors.matrix.service import DEVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from hall import Person
    from homeserver_world import World

    from connectors.matrix.answers import Verdict

pytestmark = pytest.mark.anyio
NOTICE = {"msgtype": "m.notice", "body": "awaits moderation, no. 7"}


@pytest.fixture(autouse=True)
def listening(world: World) -> Iterator[None]:
    world.hall.heard.clear()
    yield
    world.hall.verdict = Allow()


async def send(
    world: World, person: Person, content: dict[str, Any], transaction: str = "", **query: str
) -> httpx.Response:
    path = f"v3/rooms/{world.hall.room}/send/m.room.message/{transaction or world.transaction()}"
    return await person.matrix.put(path, json=content, params=query)


async def event(world: World, person: Person, event_id: str) -> dict[str, Any]:
    answer = await person.matrix.get(f"v3/rooms/{world.hall.room}/event/{event_id}")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def test_what_is_allowed_is_said_as_it_is(world: World, anna: Person) -> None:
    content = text("All quiet \u2603", format="org.matrix.custom.html", formatted_body="<b>All</b> quiet")
    sent = (await send(world, anna, content, "quiet")).json()["event_id"]
    assert (await event(world, anna, sent))["content"] == content
    (said,) = world.hall.heard
    device = (await anna.matrix.get("v3/account/whoami")).json()["device_id"]
    assert (said.sender, said.room_id, said.event_type) == (anna.user, world.hall.room, "m.room.message")
    assert (said.content, said.txn_id, said.device_id, said.event_id) == (content, "quiet", device, sent)


async def test_in_place_of_what_is_held_a_notice_is_said(world: World, anna: Person) -> None:
    world.hall.verdict = Replace(NOTICE)
    content = {"msgtype": "m.file", "body": "list.csv", "filename": "list.csv", "url": "mxc://iconet.test/secretmedia"}
    sent = await send(world, anna, content)
    shown = await event(world, anna, sent.json()["event_id"])
    assert (shown["content"], shown["sender"]) == (NOTICE, anna.user)
    seen = (await (await world.sign_in("bruno")).matrix.get("v3/sync")).text
    assert "awaits moderation, no. 7" in seen
    assert not [word for word in ("list.csv", "secretmedia") if word in seen]


@pytest.mark.parametrize("verdict", [Allow(), Replace(NOTICE)], ids=["allowed", "replaced"])
async def test_a_transaction_that_comes_again_is_one_event(world: World, anna: Person, verdict: Verdict) -> None:
    world.hall.verdict = verdict
    first = await send(world, anna, text("once"), "once" + type(verdict).__name__)
    again = await send(world, anna, text("once"), "once" + type(verdict).__name__)
    assert first.json() == again.json()
    assert len(world.hall.heard) == 1


async def test_what_is_refused_is_told_with_its_reason(world: World, anna: Person) -> None:
    world.hall.verdict = Refuse("M_FORBIDDEN", "This room is closed")
    answer = await send(world, anna, text("no"))
    assert refusal(answer) == (403, "M_FORBIDDEN")
    assert answer.json()["error"] == "This room is closed"


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.text", "body": "*new", "m.new_content": {"msgtype": "m.text", "body": "new"}},
        {"msgtype": "m.text", "body": "new", "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}},
        {"msgtype": "m.text", "body": "new", "m.relates_to": "m.replace"},
        {"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"},
        {"msgtype": "m.key.verification.request", "body": "x"},
        {"msgtype": ["m.text"], "body": "x"},
        {"msgtype": "m.text"},
        {"msgtype": "m.text", "body": 7},
        {"body": "x"},
        {},
        text("x" * 61_000),
        text("\u2603" * 21_000),
    ],
    ids=lambda content: str(content)[:40],
)
async def test_what_is_no_plain_message_is_refused_unasked(world: World, anna: Person, content: dict[str, Any]) -> None:
    status, code = refusal(await send(world, anna, content))
    assert 400 <= status < 500, code
    assert world.hall.heard == []


async def test_who_is_not_in_the_room_is_not_heard(world: World) -> None:
    clara = await world.sign_in("clara")
    async with world.hall.client(world.hall.service.as_token) as service:
        kicked = await service.post(f"v3/rooms/{world.hall.room}/kick", json={"user_id": clara.user})
        kicked.raise_for_status()
    assert refusal(await send(world, clara, text("x"))) == (403, "M_FORBIDDEN")
    assert world.hall.heard == []
    assert (await send(world, await world.sign_in("clara"), text("x"))).status_code == 200


async def test_a_person_speaks_in_no_other_name(world: World, anna: Person) -> None:
    sent = (await send(world, anna, text("me"), user_id="@bruno:iconet.test")).json()["event_id"]
    assert (await event(world, anna, sent))["sender"] == anna.user
    forged = text("me", sender="@bruno:iconet.test", **{"m.relates_to": {"rel_type": "m.thread", "event_id": sent}})
    sent = (await send(world, anna, forged)).json()["event_id"]
    assert (await event(world, anna, sent))["sender"] == anna.user
    assert {said.sender for said in world.hall.heard} == {anna.user}


async def test_the_application_service_speaks_for_its_members_unasked(world: World, anna: Person) -> None:
    world.hall.verdict = Refuse("M_FORBIDDEN", "nobody")
    answer = await world.hall.speak_as(anna.user, text("approved"), world.transaction())
    sent = answer.raise_for_status().json()["event_id"]
    assert (await event(world, anna, sent))["sender"] == anna.user
    assert world.hall.heard == []


async def test_nobody_is_given_the_device_by_which_the_application_service_is_known(world: World) -> None:
    words = login("anna", await world.secret("anna")) | {"device_id": DEVICE}
    async with world.hall.client() as matrix:
        assert refusal(await matrix.post("v3/login", json=words)) == (403, "M_FORBIDDEN")
    anna = await world.sign_in("anna")
    world.hall.verdict = Refuse("M_FORBIDDEN", "nobody")
    await anna.matrix.put(f"v3/devices/{DEVICE}", json={"display_name": "mine"})
    assert refusal(await send(world, anna, text("x"), device_id=DEVICE)) == (403, "M_FORBIDDEN")


async def test_a_new_name_reaches_the_rooms(world: World, anna: Person) -> None:
    since = (await anna.matrix.get("v3/sync")).json()["next_batch"]
    async with world.hall.client(world.hall.service.as_token) as service:
        path = f"v3/profile/{anna.user}/displayname"
        named = await service.put(path, params={"user_id": anna.user}, json={"displayname": "Anna Maria"})
        assert named.status_code == 200, named.text
        news = await anna.matrix.get("v3/sync", params={"since": since, "timeout": 20_000})
        assert "Anna Maria" in news.text
        await service.put(path, params={"user_id": anna.user}, json={"displayname": "Anna"})


async def test_the_application_service_names_moderators_in_the_room(world: World, anna: Person) -> None:
    """A state event of ICONet's own passes, and gives a person no say over the module."""
    levels = {"users": {world.hall.service.user_id: 100, anna.user: 50}}
    async with world.hall.client(world.hall.service.as_token) as service:
        path = f"v3/rooms/{world.hall.room}/state/m.room.power_levels"
        before = (await service.get(path)).json()
        (await service.put(path, json={**before, **levels})).raise_for_status()
        topic = await anna.matrix.put(f"v3/rooms/{world.hall.room}/state/m.room.topic", json={"topic": "Mine"})
        (await service.put(path, json=before)).raise_for_status()
    assert refusal(topic) == (403, "M_FORBIDDEN")
