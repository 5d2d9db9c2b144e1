"""A town with the IMAP door open over TLS, and clients that come to it."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from town import DOMAIN, Town, app_password, build, message

from connectors.certificates import certificate_for, server_context
from connectors.imap.door import ImapDoor
from connectors.settings import Listen, Settings
from groupware import clock
from groupware.service import Groupware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from conftest import Place

    from connectors.imap.caps import Caps

T = TypeVar("T")


@dataclass
class World:
    """A town with the IMAP door open and the followers at work; `names` have an app password each."""

    groupware: Groupware
    town: Town
    door: ImapDoor
    port: int
    secrets: dict[str, str] = field(default_factory=dict)

    async def secret(self, who: str) -> str:
        if who not in self.secrets:
            self.secrets[who] = await app_password(self.groupware, self.town, who)
        return self.secrets[who]

    async def thread(self, work: Callable[..., T], *values: object) -> T:
        """Blocking clients run beside the loop that serves them."""
        return await asyncio.to_thread(work, *values)

    async def client(self, who: str) -> imaplib.IMAP4_SSL:
        secret = await self.secret(who)

        def connect() -> imaplib.IMAP4_SSL:
            client = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=trusting(), timeout=20)
            client.login(who, secret)
            return client

        return await self.thread(connect)

    async def line_client(self, who: str | None = None) -> Wire:
        reader, writer = await asyncio.open_connection("localhost", self.port, ssl=trusting(), limit=1 << 26)
        wire = Wire(reader, writer)
        await wire.line()
        if who is not None:
            assert (await wire.ask(f"LOGIN {who} {await self.secret(who)}"))[-1].split()[1] == b"OK"
        return wire

    async def post(self, who: str, subject: str, room: str = "return", text: str = "text") -> None:
        """Published at once if `who` moderates there."""
        number = next(_numbers)
        raw = message(who, f"{room}@{DOMAIN}", subject, text, message_id=f"<{number}@posts.test>")
        await self.send(who, raw, f"{room}@{DOMAIN}")

    async def send(self, who: str, raw: bytes, *to: str) -> None:
        caller = self.town.caller(who)
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, each) for each in to])

    async def settled(self) -> None:
        while any([await follower.step() for follower in self.groupware.followers()]):
            pass


_numbers = iter(range(1, 1 << 30))


@dataclass
class Wire:
    """A client that sees every line."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    asked: int = 0

    async def line(self) -> bytes:
        """One response with its literals, without the last CRLF; empty at the end."""
        async with asyncio.timeout(20):
            found = await self.reader.readline()
            while found.endswith(b"}\r\n"):
                size = int(found[found.rindex(b"{") + 1 : -3])
                found += await self.reader.readexactly(size) + await self.reader.readline()
        return found.removesuffix(b"\r\n")

    def send(self, text: str | bytes) -> bytes:
        self.asked += 1
        tag = b"a%d" % self.asked
        self.writer.write(tag + b" " + (text.encode() if isinstance(text, str) else text) + b"\r\n")
        return tag

    async def answer(self, tag: bytes) -> list[bytes]:
        lines = [await self.line()]
        while lines[-1] and not lines[-1].startswith(tag + b" "):
            lines.append(await self.line())
        return lines

    async def ask(self, text: str | bytes) -> list[bytes]:
        return await self.answer(self.send(text))

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@asynccontextmanager
async def opened(place: Place, caps: Caps | None = None) -> AsyncIterator[World]:
    """The world on a fresh store, with everything running."""
    groupware = Groupware(place.open(), DOMAIN)
    context = server_context(certificate_for(Settings(data=place.directory), clock.now()))
    door = ImapDoor(groupware, context, caps)
    followers = asyncio.create_task(groupware.run())
    try:
        town = await groupware.store.run(build)
        address = await door.start(Listen(host="localhost", port=0))
        yield World(groupware, town, door, address.port)
        await door.stop()
    finally:
        followers.cancel()
        await asyncio.gather(followers, return_exceptions=True)
        await groupware.close()
