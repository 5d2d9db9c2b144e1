"""One room behind two doors: from mail accepted to an event at a syncing client, and from the room to an idling one.

Times to the room run from the server's 250 to the message, times from the room from when the client sends its own.
Goals: p95 <= 500 ms each way. It begins when all who may enter have been joined: that takes the new demo some 15 s.
"""

from __future__ import annotations

import asyncio
import smtplib
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import httpx
from serving import Server, start

from bench.latency import Idler, p95

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROUNDS = 100
PATIENCE = 30.0
GOAL = "goal p95 <= 500 ms"


@dataclass
class Syncer:
    """A Matrix client that waits in /sync; `seen` has when each message came."""

    matrix: httpx.AsyncClient
    seen: asyncio.Queue[tuple[float, str]] = field(default_factory=asyncio.Queue)
    since: str = ""
    rooms: list[str] = field(default_factory=list)

    @classmethod
    async def sign_in(cls, server: Server, person: dict[str, Any]) -> Syncer:
        """A client in its rooms."""
        matrix = httpx.AsyncClient(base_url=f"{server.endpoints['matrix']['url']}/_matrix/client/v3/", timeout=60)
        who = {"type": "m.id.user", "user": person["login"]}
        words = {"type": "m.login.password", "identifier": who, "password": person["app_password"]}
        answer = (await matrix.post("login", json=words)).raise_for_status()
        matrix.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        made = cls(matrix)
        await made.step(0)
        return made

    async def step(self, wait: int = 30_000) -> None:
        """One /sync."""
        more = {"since": self.since} if self.since else {}
        answer = (await self.matrix.get("sync", params={"timeout": str(wait), **more})).raise_for_status().json()
        now = time.perf_counter()
        self.since = answer["next_batch"]
        for room, news in answer.get("rooms", {}).get("join", {}).items():
            self.rooms.append(room)
            for event in news["timeline"]["events"]:
                if event["type"] == "m.room.message":
                    self.seen.put_nowait((now, event["content"].get("body", "")))

    async def listen(self) -> None:
        """For ever."""
        while True:
            await self.step()

    async def until(self, words: str) -> float:
        """When the message with these words came."""
        async with asyncio.timeout(PATIENCE):
            while True:
                at, body = await self.seen.get()
                if words in body:
                    return at


def post(server: Server, author: dict[str, Any], words: str) -> float:
    """When one message to the room was accepted."""
    door, to = server.endpoints["submission"], f"return@{server.endpoints['domain']}"
    with smtplib.SMTP_SSL(door["host"], door["port"], context=server.tls) as client:
        client.login(author["login"], author["app_password"])
        client.sendmail(
            author["address"], [to], f"From: {author['address']}\r\nTo: {to}\r\nSubject: s\r\n\r\n{words}\r\n"
        )
        return time.perf_counter()


async def spoken(moderator: Syncer, room: str, idler: Idler) -> AsyncIterator[float]:
    """What a moderator says, until the mail client is told."""
    for number in range(ROUNDS):
        while not idler.seen.empty():
            idler.seen.get_nowait()
        began = time.perf_counter()
        content = {"msgtype": "m.text", "body": f"spoken {number}"}
        answer = await moderator.matrix.put(f"rooms/{room}/send/m.room.message/b{number}", json=content)
        answer.raise_for_status()
        async with asyncio.timeout(PATIENCE):
            yield await idler.seen.get() - began


async def settled(anybody: Syncer, room: str) -> None:
    """Until nobody new has been joined for a while."""
    before = -1
    while (now := len((await anybody.matrix.get(f"rooms/{room}/joined_members")).json()["joined"])) != before:
        before = now
        await asyncio.sleep(5)


async def measure(server: Server) -> None:
    """Both ways."""
    member = server.who(area="return")
    moderator = server.who(area="return", role="moderator")
    listener, speaker = await Syncer.sign_in(server, member), await Syncer.sign_in(server, moderator)
    alias = next(area["room_alias"] for area in server.endpoints["areas"] if area["code"] == "return")
    room = (await speaker.matrix.get(f"directory/room/{alias.replace('#', '%23')}")).json()["room_id"]
    await settled(speaker, room)
    listening = asyncio.create_task(listener.listen())
    mailed = []
    for number in range(ROUNDS):
        accepted = await asyncio.to_thread(post, server, moderator, f"mailed {number}.")
        mailed.append(await listener.until(f"mailed {number}.") - accepted)
    print(f"mail accepted -> a syncing client    {p95(mailed)}   {GOAL}")
    listening.cancel()
    idler = await Idler.idle(server, member)
    said = [each async for each in spoken(speaker, room, idler)]
    print(f"said in the room -> an idling client {p95(said)}   {GOAL}")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        server = start(Path(place) / "demo")
        try:
            asyncio.run(measure(server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
