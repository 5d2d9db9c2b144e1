"""The small town with Matrix rooms: a real homeserver, the bridge, and officials with clients."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import town
from sqlalchemy import select, update

from connectors.fault import Fault
from connectors.house import opened
from connectors.matrix.bridge.bridge import RoomBridge
from connectors.matrix.door import MatrixDoor
from connectors.matrix.homeserver import program
from connectors.settings import Settings
from directory import rights, roles
from directory import tables as directory
from directory.roles import Grant
from groupware import administering, tables
from groupware.events import EventKind
from policies.vocabulary import Access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from connectors.house import House
    from connectors.matrix.service import Service
    from groupware.posting import Receipt
    from groupware.reading import PostCard
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

WITHIN = 30.0
"""Seconds for what takes one or two, however busy the machine is."""
NUMBERS = count(1)
MESSAGE = "m.room.message"


@dataclass
class Client:
    """Somebody signed in, with a sync of their own."""

    user: str
    matrix: httpx.AsyncClient
    since: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def sync(self, wait: int = 0) -> dict[str, Any]:
        """What is new; events that are no state are kept in `seen`."""
        query = {"timeout": str(wait)} | ({"since": self.since} if self.since else {})
        answer = (await self.matrix.get("v3/sync", params=query)).raise_for_status().json()
        self.since = answer["next_batch"]
        for room in answer.get("rooms", {}).get("join", {}).values():
            self.seen += [event for event in room["timeline"]["events"] if "state_key" not in event]
        return dict(answer)

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event seen that fits."""
        async with asyncio.timeout(WITHIN):
            while (found := next(filter(fits, self.seen), None)) is None:
                await self.sync(1000)
        return found

    async def hears(self, words: str) -> dict[str, Any]:
        """The message with these words."""
        return await self.until(lambda event: words in str(event["content"].get("body", "")))

    async def redacted(self, event_id: str) -> dict[str, Any]:
        """The redaction of an event."""
        return await self.until(lambda event: event["content"].get("redacts") == event_id)

    async def counts(self, words: str) -> int:
        """How many messages a search for the words finds, shown or not."""
        search = {"search_categories": {"room_events": {"search_term": words}}}
        answer = (await self.matrix.post("v3/search", json=search)).raise_for_status().json()
        return int(answer["search_categories"]["room_events"]["count"])

    async def upload(self, octets: bytes, kind: str) -> str:
        """The address of a file that was handed in."""
        url = str(self.matrix.base_url).replace("/_matrix/client/", "/_matrix/media/v3/upload")
        answer = await self.matrix.post(url, content=octets, headers={"Content-Type": kind})
        return str(answer.raise_for_status().json()["content_uri"])

    async def say(self, room: str, words: str, *, transaction: str = "", **more: object) -> httpx.Response:
        name = transaction or f"own{next(NUMBERS)}"
        content = {"msgtype": "m.text", "body": words, **more}
        return await self.matrix.put(f"v3/rooms/{room}/send/{MESSAGE}/{name}", json=content)


@dataclass
class World:
    """The house with its homeserver and its bridge, and who lives there."""

    house: House
    door: MatrixDoor
    bridge: RoomBridge
    service: Service
    people: town.Town
    exits: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def groupware(self) -> Groupware:
        return self.house.groupware

    async def room(self, code: str) -> str:
        return next(room.matrix for room in await self.groupware.matrix.rooms() if room.code == code)

    def url(self, token: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"{self.service.url}/_matrix/client/", headers=headers, timeout=30)

    async def sign_in(self, name: str) -> Client:
        secret = await town.app_password(self.groupware, self.people, name)
        words = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": secret}
        async with self.url() as matrix:
            signed = (await matrix.post("v3/login", json=words)).raise_for_status().json()
        client = await self.exits.enter_async_context(self.url(signed["access_token"]))
        return Client(signed["user_id"], client)

    async def mail(self, who: str, code: str, subject: str, text: str, **more: str) -> Receipt:
        caller, address = self.people.caller(who), f"{code}@{town.DOMAIN}"
        raw = town.message(who, address, subject, text, **more)
        return await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, address)])

    async def moderation(self, code: str, *, on: bool) -> None:
        """Whether what members say there waits."""

        def change(tx: Tx) -> None:
            tx.connection.execute(update(tables.room).where(tables.room.c.code == code).values(moderated=on))
            administering.suspend_official(tx, self.people.people["emil"], suspended=False)

        await self.groupware.store.run(change)

    async def grant(self, name: str, code: str, **more: int) -> None:
        person, room = self.people.people[name], self.people.rooms[code]

        def give(tx: Tx) -> None:
            for access in (Access.READER, Access.POSTER):
                administering.grant(tx, Grant(person, access, room, reason="test", **more))

        await self.groupware.store.run(give)

    async def revoke(self, name: str, code: str) -> None:
        """Take all rights in a room."""

        def take(tx: Tx) -> None:
            for grant in roles.held(tx.connection, self.people.people[name], tx.now):
                if grant.scope == self.people.rooms[code]:
                    administering.revoke(tx, grant.id)

        await self.groupware.store.run(take)

    async def withdraw(self, post: int, code: str) -> None:
        """As whoever withdraws is to do it (groupware.events.EventKind)."""

        def withdraw(tx: Tx) -> None:
            tx.connection.execute(update(tables.post).where(tables.post.c.id == post).values(state="withdrawn"))
            rights.bump(tx.connection)
            tx.record(EventKind.POST_WITHDRAWN, post, self.people.rooms[code])

        await self.groupware.store.run(withdraw)

    async def post_about(self, words: str, code: str = "return", reader: str = "dora") -> PostCard:
        """The newest post with these words in its subject, as soon as it is there."""
        caller = self.people.caller(reader)
        async with asyncio.timeout(WITHIN):
            while True:
                hint = self.groupware.store.next_hint()
                _, posts = await self.groupware.newest(caller, code)
                found = next((post for post in posts if words in post.subject), None)
                if found is not None:
                    return found
                await hint.wait()


def require_synapse() -> None:
    """Skip without Synapse's environment; where CI is set it has to be there."""
    try:
        program("")
    except Fault as fault:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(fault))


@asynccontextmanager
async def bridged(data: Path) -> AsyncIterator[World]:
    """A world on a directory: what was there before goes on."""
    require_synapse()
    settings = Settings(data=data).on_any_ports()
    async with opened(settings) as house:
        people = await house.groupware.store.read(_known) or await house.groupware.store.run(town.build)
        made: list[tuple[RoomBridge, Service]] = []

        def bridge(house: House, service: Service) -> RoomBridge:
            made.append((RoomBridge(house, service), service))
            return made[0][0]

        door = MatrixDoor(house, bridge)
        following = asyncio.create_task(house.groupware.run())
        await door.start(settings.matrix)
        world = World(house, door, *made[0], people)
        try:
            yield world
        finally:
            await world.exits.aclose()
            await door.stop()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _known(snapshot: Snapshot) -> town.Town | None:
    people = snapshot.connection.execute(select(directory.official.c.login, directory.official.c.id)).all()
    rooms = snapshot.connection.execute(select(tables.room.c.code, tables.room.c.id)).all()
    return town.Town(dict(map(tuple, people)), dict(map(tuple, rooms))) if people else None
