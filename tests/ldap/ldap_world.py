"""A town with the directory door open over TLS, a raw client that sees every message, and ldapsearch beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import pytest
from town import DOMAIN, Town, app_password, build

from connectors.certificates import Certificate, certificate_for, server_context
from connectors.ldap import ber
from connectors.ldap.codes import Code, Op
from connectors.ldap.door import LdapDoor
from connectors.ldap.message import Message, frame_end, read
from connectors.settings import Listen, Settings
from directory import officials
from directory.officials import Official
from groupware import clock
from groupware.service import Groupware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from conftest import Place

    from connectors.ldap.caps import Caps
    from groupware.store import Tx

T = TypeVar("T")
BASE = "dc=iconet,dc=test"
ANYWAY = 20


@dataclass
class World:
    """A town with the directory door open; `names` have an app password each."""

    groupware: Groupware
    town: Town
    door: LdapDoor
    port: int
    clear_port: int
    certificate: Certificate
    secrets: dict[str, str] = field(default_factory=dict)

    async def secret(self, who: str) -> str:
        if who not in self.secrets:
            self.secrets[who] = await app_password(self.groupware, self.town, who)
        return self.secrets[who]

    async def thread(self, work: Callable[..., T], *values: object) -> T:
        """Blocking clients run beside the loop that serves them."""
        return await asyncio.to_thread(work, *values)

    async def wire(self, who: str | None = None) -> Wire:
        reader, writer = await asyncio.open_connection("localhost", self.port, ssl=trusting())
        wire = Wire(reader, writer)
        if who is not None:
            assert await wire.bind(f"uid={who},{BASE}", await self.secret(who)) == Code.SUCCESS
        return wire

    async def clear_wire(self) -> Wire:
        return Wire(*await asyncio.open_connection("localhost", self.clear_port))

    async def ldapsearch(self, who: str, *words: str) -> subprocess.CompletedProcess[str]:
        """OpenLDAP's client, which checks our certificate by its authority."""
        program = shutil.which("ldapsearch")
        if program is None:
            assert not os.environ.get("CI"), "ldap-utils is not installed"
            pytest.skip("ldap-utils is not installed")
        signed = ["-D", f"uid={who},{BASE}", "-w", await self.secret(who)] if who else []
        command = [program, "-x", "-LLL", "-o", "ldif-wrap=no", *signed, *words]
        if "-H" not in words:
            command += ["-H", f"ldaps://localhost:{self.port}"]
        known = {"PATH": os.environ["PATH"], "LDAPTLS_CACERT": str(self.certificate.authority), "LDAPCONF": "/dev/null"}
        return await self.thread(
            lambda: subprocess.run(command, capture_output=True, text=True, timeout=ANYWAY, check=False, env=known)
        )


@dataclass
class Wire:
    """A client that sends what it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    asked: int = 0
    unread: bytearray = field(default_factory=bytearray)

    async def next(self) -> Message | None:
        """One message; None at the end."""
        async with asyncio.timeout(ANYWAY):
            while not 0 < (end := frame_end(self.unread, 0, 1 << 24)) <= len(self.unread):
                octets = await self.reader.read(1 << 16)
                if not octets:
                    return None
                self.unread += octets
        frame = bytes(self.unread[:end])
        del self.unread[:end]
        return read(frame)

    def send(self, op: bytes, controls: bytes = b"", number: int | None = None) -> int:
        self.asked += 1
        number = self.asked if number is None else number
        more = ber.tlv(0xA0, controls) if controls else b""
        self.writer.write(ber.sequence(ber.integer(number), op, more))
        return number

    async def ask(self, op: bytes, controls: bytes = b"") -> Message:
        self.send(op, controls)
        found = await self.next()
        assert found is not None
        return found

    async def bind(self, name: str, secret: str) -> Code:
        return code_of(await self.ask(bind(name, secret)))

    async def search(self, op: bytes, controls: bytes = b"") -> Answer:
        self.send(op, controls)
        return await self.answer()

    async def answer(self) -> Answer:
        found = Answer()
        while (each := await self.next()) is not None and each.op == Op.ENTRY:
            found.entries.append(entry_of(each))
        assert each is not None
        found.done, found.code = each, code_of(each)
        return found

    async def end(self) -> list[Message]:
        """Whatever still comes until the other side closes."""
        found = []
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while (each := await self.next()) is not None:
                found.append(each)
        return found

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@dataclass
class Answer:
    """A search's entries as (DN, attributes), and its end."""

    entries: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    code: Code = Code.OTHER
    done: Message | None = None

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.entries]


def bind(name: str, secret: str, version: int = 3) -> bytes:
    return ber.tlv(Op.BIND, ber.integer(version) + ber.string(name) + ber.tlv(0x80, secret.encode()))


def search(
    where: bytes,
    base: str = BASE,
    scope: int = 2,
    attributes: Sequence[str] = (),
    size: int = 0,
    seconds: int = 0,
    *,
    types_only: bool = False,
) -> bytes:
    limits = ber.integer(size) + ber.integer(seconds)
    head = ber.string(base) + ber.integer(scope, 0x0A) + ber.integer(0, 0x0A) + limits
    wanted = ber.sequence(*map(ber.string, attributes))
    return ber.tlv(Op.SEARCH, head + ber.tlv(1, b"\xff" if types_only else b"\0") + where + wanted)


def equal(attribute: str, value: str) -> bytes:
    return ber.tlv(0xA3, ber.string(attribute) + ber.string(value))


def present(attribute: str) -> bytes:
    return ber.tlv(0x87, attribute.encode())


def pieces(attribute: str, *parts: tuple[int, str]) -> bytes:
    """Substrings: 0 for the beginning, 1 for the middle, 2 for the end."""
    listed = b"".join(ber.tlv(0x80 + kind, text.encode()) for kind, text in parts)
    return ber.tlv(0xA4, ber.string(attribute) + ber.sequence(listed))


def all_of(*parts: bytes) -> bytes:
    return ber.tlv(0xA0, b"".join(parts))


def any_of(*parts: bytes) -> bytes:
    return ber.tlv(0xA1, b"".join(parts))


def none_of(part: bytes) -> bytes:
    return ber.tlv(0xA2, part)


def control(oid: str, value: bytes | None = None, *, critical: bool = False) -> bytes:
    more = b"" if value is None else ber.string(value)
    return ber.sequence(ber.string(oid), ber.tlv(1, b"\xff") if critical else b"", more)


def code_of(found: Message) -> Code:
    start, stop = ber.of_tag(ber.ENUMERATED, found.octets, found.start, found.stop)
    return Code(ber.number(found.octets, start, stop))


def words_of(found: Message) -> tuple[str, str]:
    """The matched DN and the diagnostic."""
    (_, first, last), (_, start, stop) = ber.elements(found.octets, found.start, found.stop)[1:3]
    return found.octets[first:last].decode(), found.octets[start:stop].decode()


def entry_of(found: Message) -> tuple[str, dict[str, list[str]]]:
    octets = found.octets
    start, at = ber.of_tag(ber.OCTETS, octets, found.start, found.stop)
    first, last = ber.of_tag(ber.SEQUENCE, octets, at, found.stop)
    attributes = {}
    for _, begin, end in ber.elements(octets, first, last):
        (_, name, ends), (_, values, over) = ber.elements(octets, begin, end)
        texts = [octets[a:b].decode() for _, a, b in ber.elements(octets, values, over)]
        attributes[octets[name:ends].decode()] = texts
    return octets[start:at].decode(), attributes


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@asynccontextmanager
async def opened(place: Place, caps: Caps | None = None) -> AsyncIterator[World]:
    """The world on a fresh store, with everything running."""
    groupware = Groupware(place.open(), DOMAIN)
    certificate = certificate_for(Settings(data=place.directory), clock.now())
    door = LdapDoor(groupware, server_context(certificate), caps, starttls_port=0)
    followers = asyncio.create_task(groupware.run())
    try:
        town = await groupware.store.run(build)
        address = await door.start(Listen(host="localhost", port=0))
        assert door.starttls is not None
        yield World(groupware, town, door, address.port, door.starttls.port, certificate)
        await door.stop()
    finally:
        followers.cancel()
        await asyncio.gather(followers, return_exceptions=True)
        await groupware.close()


async def crowded(world: World, count: int) -> None:
    """So many colleagues of anna's more, whose entries each have a title."""

    def add(tx: Tx) -> None:
        home = officials.get(tx.connection, world.town.people["anna"]).unit
        for number in range(count):
            login = f"many{number:04}"
            new = Official(0, login, f"{login}@{DOMAIN}", f"Many {number}", 0, home, title="officer")
            officials.add(tx.connection, new)

    await world.groupware.store.run(add)
