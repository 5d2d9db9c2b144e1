from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING

import httpx
import pytest
from bridge_world import MESSAGE, WITHIN, bridged
from sqlalchemy import delete

from groupware.matrix_tables import matrix_room
from groupware.store import hinted

if TYPE_CHECKING:
    from pathlib import Path

    from bridge_world import World

pytestmark = pytest.mark.anyio


def kill(there: World) -> None:
    homeserver = there.door.homeserver
    assert homeserver is not None
    assert homeserver.pid is not None
    os.kill(homeserver.pid, signal.SIGKILL)


async def sent(there: World) -> None:
    """Until nothing is queued any more."""
    async with asyncio.timeout(3 * WITHIN):
        while await there.groupware.matrix.waiting():
            await hinted(there.groupware.store.next_hint(), 0.1)


async def told(there: World, about: str) -> list[str]:
    """The first lines of all messages of the room about something, oldest first."""
    room = await there.room("return")
    async with there.url(there.service.as_token) as matrix:
        query = {"dir": "f", "limit": "500"}
        events = (await matrix.get(f"v3/rooms/{room}/messages", params=query)).raise_for_status().json()["chunk"]
    bodies = [str(event["content"].get("body", "")) for event in events if event["type"] == MESSAGE]
    return [body.split("\n")[0] for body in bodies if about in body]


async def test_what_comes_while_the_homeserver_is_killed_arrives_once_and_in_order(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        await there.sign_in("anna")
        for number in range(30):
            await there.mail("dora", "return", f"No. {number:02}", "canary-killed")
            if number == 12:
                kill(there)
        await sent(there)
        assert await told(there, "No.") == [f"[TLP:AMBER] No. {number:02}" for number in range(30)]


async def test_what_is_said_while_iconet_is_away_is_refused_and_later_works(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        await there.sign_in("anna")
        room = await there.room("return")
        await there.mail("dora", "return", "First", "canary-away")
    async with bridged(tmp_path) as there:
        dora = await there.sign_in("dora")
        assert await there.room("return") == room
        assert (await dora.say(room, "said later canary-later")).is_success
        await there.post_about("canary-later")
        await there.mail("dora", "return", "Second", "canary-away")
        anna = await there.sign_in("anna")
        await anna.hears("Second")
        assert await told(there, "canary-away") == ["[TLP:AMBER] First", "[TLP:AMBER] Second"]


async def test_a_room_that_was_made_and_not_remembered_is_found(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        room = await there.room("return")
        await there.groupware.store.run(lambda tx: tx.connection.execute(delete(matrix_room)) and None)
    async with bridged(tmp_path) as there:
        assert await there.room("return") == room


async def test_what_was_sent_and_not_remembered_is_not_said_twice(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        anna = await there.sign_in("anna")
        await there.mail("dora", "return", "Once", "canary-once")
        await anna.hears("canary-once")
        await sent(there)
    database = tmp_path / "iconet.db"
    with sqlite3.connect(database) as rows:  # as if we had been killed between the two
        rows.execute("DELETE FROM matrix_event")
        rows.execute("UPDATE matrix_outbox SET state = 'queued', event = ''")
    rows.close()
    async with bridged(tmp_path) as there:
        await sent(there)
        assert await told(there, "Once") == ["[TLP:AMBER] Once"]


async def test_a_new_homeserver_has_everything_again(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        dora, room = await there.sign_in("dora"), await there.room("return")
        await there.mail("dora", "return", "By mail", "canary-lost", message_id="<m@client.test>")
        asked = (await dora.hears("canary-lost"))["event_id"]
        await dora.say(room, "canary-lost too", **{"m.relates_to": {"m.in_reply_to": {"event_id": asked}}})
        await there.post_about("Re: By mail")
    shutil.rmtree(tmp_path / "matrix")
    async with bridged(tmp_path) as there:
        assert await there.room("return") != room
        anna = await there.sign_in("anna")
        first, second = await anna.hears("By mail"), await anna.hears("canary-lost too")
        assert (first["sender"], second["sender"]) == ("@dora:iconet.test", "@dora:iconet.test")
        assert second["content"]["m.relates_to"]["event_id"] == first["event_id"]


async def test_a_transaction_that_is_told_again_changes_nothing(tmp_path: Path) -> None:
    async with bridged(tmp_path) as there:
        room = await there.room("return")
        event = {
            "event_id": "$one",
            "room_id": room,
            "sender": "@dora:iconet.test",
            "type": MESSAGE,
            "origin_server_ts": 1_795_000_000_000,
            "content": {"msgtype": "m.text", "body": "canary-again"},
        }
        other = {**event, "event_id": "$two", "content": {"msgtype": "m.text", "body": "canary-other"}}
        registration = there.house.settings.data / "matrix" / "registration.json"
        url = httpx.Response(200, content=registration.read_bytes()).json()["url"]
        headers = {"Authorization": f"Bearer {there.service.hs_token}"}
        async with httpx.AsyncClient(base_url=f"{url}/_matrix/app/v1/") as homeserver:
            forged = await homeserver.put(
                "transactions/7", json={"events": [event]}, headers={"Authorization": "Bearer x"}
            )
            assert forged.status_code == 403
            for transaction, events in (("7", [event]), ("7", [event]), ("8", [event, other]), ("8", [event, other])):
                told = await homeserver.put(f"transactions/{transaction}", json={"events": events}, headers=headers)
                assert told.status_code == 200
            nonsense = await homeserver.put("transactions/9", content=b"{", headers=headers)
            assert nonsense.status_code == 400
        _, posts = await there.groupware.newest(there.people.caller("dora"), "return")
        assert [post.subject for post in posts] == ["[TLP:AMBER] canary-other", "[TLP:AMBER] canary-again"]
