"""The real door over TLS, on a real store, with the town in it."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import update
from town import DOMAIN, Town, build, message

from connectors.certificates import Certificate, certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.web.door import WebDoor
from directory import passwords, roles
from groupware import clock, tables
from groupware.events import EventKind
from groupware.moderation import Word
from groupware.off_boarding import off_board
from groupware.service import Groupware
from groupware.store import Conditions
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place

    from groupware.store import Tx

SESSION = "__Host-iconet"
PASSWORD = "a long enough password"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass
class Clock:
    """Real time, and how far the store's is ahead of it."""

    ahead: int = 0

    def __call__(self) -> int:
        return clock.now() + self.ahead


@dataclass
class Site:
    """A running door and who is behind it."""

    url: str
    groupware: Groupware
    town: Town
    clock: Clock
    tls: ssl.SSLContext
    door: WebDoor
    exits: AsyncExitStack
    house: House
    _sent: list[int] = field(default_factory=list)

    async def client(self, name: str = "") -> httpx.AsyncClient:
        """A browser of somebody who has signed in, or of nobody; forms come from our own pages."""
        made = httpx.AsyncClient(base_url=self.url, verify=self.tls)
        made.headers["Sec-Fetch-Site"] = "same-origin"
        if name:
            made.cookies.set(SESSION, await self.session(name))
        return await self.exits.enter_async_context(made)

    async def session(self, name: str, start: Start | None = None) -> str:
        caller = self.town.caller(name, Door.PORTAL, strong=True)
        return await self.groupware.web_sessions.begin(caller, start or Start())

    async def post(self, who: str, subject: str = "A subject", text: str = "Some words.", **fields: str) -> str:
        """Hand in a post to the return room; its Message-ID."""
        self._sent.append(1)
        name = fields.pop("message_id", f"<{len(self._sent)}@client.test>")
        raw = message(who, f"return@{DOMAIN}", subject, text.replace("\n", "\r\n"), message_id=name, **fields)
        await self.hand_in(who, raw)
        return name

    async def hand_in(self, who: str, raw: bytes) -> None:
        caller = self.town.caller(who)
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, f"return@{DOMAIN}")])

    async def publish(self, who: str, subject: str = "A subject", text: str = "Some words.", **fields: str) -> str:
        """Hand in a post and have dora approve it; its token."""
        await self.post(who, subject, text, **fields)
        dora = self.town.caller("dora")
        for held in await self.groupware.held(dora):
            await self.groupware.decide(dora, held.id, Word.APPROVE)
        return await self.newest()

    async def token_of(self, name: str) -> str:
        """The token of the post with this Message-ID, once published."""
        cards = (await self.groupware.newest(self.town.caller("dora"), "return"))[1]
        return next(card.token for card in cards if card.message_id == f"<{name}>")

    async def with_password(self, name: str) -> None:
        """Let somebody sign in on the page itself."""
        kept = await self.groupware.sign_in.gate.hashed(PASSWORD)
        await self.groupware.store.run(lambda tx: passwords.keep(tx.connection, self.town.people[name], kept, tx.now))

    async def bar(self, room: str) -> None:
        """From now on the room bars personal data."""
        change = update(tables.room).where(tables.room.c.code == room).values(bars_personal_data=True)
        await self.groupware.store.run(lambda tx: tx.connection.execute(change))

    async def streaming(self) -> None:
        """Return once a live page is open."""
        async with asyncio.timeout(5):
            while not self.door._portal.streams.count():  # noqa: ASYNC110 -- the page is another program's
                await asyncio.sleep(0.01)

    async def lose_rights(self, name: str) -> None:
        """Take every role from somebody."""

        def lose(tx: Tx) -> None:
            roles.revoke_all(tx.connection, self.town.people[name], tx.now)
            tx.record(EventKind.RIGHTS_CHANGED, self.town.people[name])

        await self.groupware.store.run(lose)

    async def off_board(self, name: str) -> None:
        await self.groupware.store.run(lambda tx: off_board(tx, self.town.people[name]))

    async def newest(self) -> str:
        return (await self.groupware.newest(self.town.caller("dora"), "return"))[1][0].token

    async def held(self) -> str:
        return (await self.groupware.held(self.town.caller("dora")))[-1].id


async def send(client: httpx.AsyncClient, path: str, page: str = "", **fields: str) -> httpx.Response:
    """Fill in the form on a page and send it."""
    found = TOKEN.search((await client.get(page or path)).text)
    assert found, "no form"
    return await client.post(path, data={"form_token": found[1], **fields})


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(Settings(data=tmp_path_factory.mktemp("tls")), clock.now())


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


Opened = Callable[..., Any]


@pytest.fixture
async def open_site(sqlite_place: Place, tmp_path: Path, certificate: Certificate) -> AsyncIterator[Opened]:
    """Open a site under a host name of choice."""
    async with AsyncExitStack() as exits:

        async def opened(host: str = "localhost") -> Site:
            ahead = Clock()
            store = sqlite_place.open(Conditions(now=ahead))
            groupware = Groupware(store, DOMAIN)
            exits.push_async_callback(groupware.close)
            town = await store.run(build)
            following = asyncio.create_task(groupware.run())
            exits.push_async_callback(ended, following)
            settings = Settings(data=tmp_path, host=host, web=Listen())
            house = House(settings, groupware, certificate)
            door = WebDoor(house)
            address = await door.start(settings.web)
            exits.push_async_callback(door.stop)
            tls = ssl.create_default_context(cafile=str(certificate.authority))
            return Site(f"https://localhost:{address.port}", groupware, town, ahead, tls, door, exits, house)

        yield opened


@pytest.fixture
async def site(open_site: Opened) -> Site:
    opened: Site = await open_site()
    return opened
