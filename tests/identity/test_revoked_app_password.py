"""Revoking an app password ends, within a second, whatever it opened, and nothing that another one did."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from identity_world import told
from sqlalchemy import select
from town import DOMAIN, build
from web_site import ended

from connectors.certificates import server_context
from connectors.house import House
from connectors.imap.door import ImapDoor
from connectors.settings import Listen, Settings
from connectors.submission.door import SubmissionDoor
from directory import app_passwords
from directory.app_passwords import USED_AT_MOST
from directory.tables import app_password
from groupware import clock
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from groupware.identity.app_passwords import MOST, end_expired
from groupware.service import Groupware
from groupware.tables import event
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from conftest import Place
    from identity_world import IdentityWorld

    from connectors.certificates import Certificate

pytestmark = pytest.mark.anyio
DAY = 24 * 3600 * 1_000_000


class Doors:
    """Mail's two doors, and anna's clients at them."""

    def __init__(self, groupware: Groupware, ports: tuple[int, int], tls: ssl.SSLContext) -> None:
        self.groupware = groupware
        self._ports = ports
        self._tls = tls
        self.writers: list[asyncio.StreamWriter] = []

    async def imap(self, secret: str, *, idles: bool) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("localhost", self._ports[0], ssl=self._tls)
        lines = [b"a LOGIN anna " + secret.encode() + b"\r\n", *((b"b IDLE\r\n",) if idles else ())]
        self.writers.append(writer)
        await _say(reader, writer, *lines)
        return reader

    async def submission(self, secret: str) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("localhost", self._ports[1], ssl=self._tls)
        self.writers.append(writer)
        login = b64encode(b"\0anna\0" + secret.encode())
        await _say(reader, writer, b"EHLO [127.0.0.1]\r\n", b"AUTH PLAIN " + login + b"\r\n")
        return reader


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *lines: bytes) -> None:
    """Each after an answer to the one before; some lines of an answer are left for later."""
    await reader.readline()
    for line in lines:
        writer.write(line)
        while not (said := await reader.readline()).startswith((b"a OK", b"+ ", b"250 ", b"235 ")):
            assert said, "hung up"


@pytest.fixture
async def doors(sqlite_place: Place, tmp_path: Path, certificate: Certificate) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as exits:
        groupware = Groupware(sqlite_place.open(), DOMAIN)
        exits.push_async_callback(groupware.close)
        await groupware.store.run(build)
        following = asyncio.create_task(groupware.run())
        exits.push_async_callback(ended, following)
        house = House(Settings(data=tmp_path), groupware, certificate)
        ports = []
        for door in (ImapDoor(groupware, server_context(certificate)), SubmissionDoor(house)):
            ports.append((await door.start(Listen())).port)
            exits.push_async_callback(door.stop)
        tls = ssl.create_default_context(cafile=str(certificate.authority))
        doors = Doors(groupware, (ports[0], ports[1]), tls)
        yield doors
        for writer in doors.writers:
            writer.close()


async def _made(doors: Doors, label: str) -> tuple[str, int]:
    caller = await doors.groupware.somebody("anna")
    text = await doors.groupware.identity.make_app_password(caller, label, [Door.IMAP, Door.SUBMISSION])
    found, _ = await doors.groupware.identity.app_passwords(caller)
    return text, found[-1].id


async def test_every_open_session_of_a_revoked_one_ends_within_a_second(doors: Doors) -> None:
    lost, number = await _made(doors, "Lost telephone")
    other, _ = await _made(doors, "Office")
    ending = [await doors.imap(lost, idles=True), await doors.imap(lost, idles=False), await doors.submission(lost)]
    staying = [await doors.imap(other, idles=True), await doors.submission(other)]
    began = clock.monotonic()
    await doors.groupware.identity.revoke_app_password(await doors.groupware.somebody("anna"), number)
    said = await asyncio.gather(*(reader.read() for reader in ending))
    took = clock.monotonic() - began
    assert [b"BYE Signed out" in said[0], b"BYE Signed out" in said[1], said[2][:3]] == [True, True, b"421"]
    assert took < 1, took
    for reader in staying:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.read()
    with pytest.raises(Refused, match=r"^sign-in$"):
        await doors.groupware.sign_in.check(Door.IMAP, "anna", lost, "::1")


async def test_the_last_use_is_told_to_the_hour_and_costs_one_write(world: IdentityWorld) -> None:
    text = await world.identity.make_app_password(world.anna, "  Mail   program ", [Door.IMAP])
    assert await told(world) == ["An app password was made for your account"]

    async def used() -> int:
        return int(await world.groupware.store.read(lambda s: s.connection.scalar(select(app_password.c.used))))

    assert await used() == 0
    first = world.now[0]
    for ahead in (0, 1, USED_AT_MOST - 1):
        world.now[0] = first + ahead
        await world.groupware.sign_in.check(Door.IMAP, "anna", text, "::1")
        assert await used() == first
    world.now[0] = first + USED_AT_MOST
    await world.groupware.sign_in.check(Door.IMAP, "anna", text, "::1")
    assert await used() == world.now[0]
    (found,), _ = await world.identity.app_passwords(world.anna)
    assert (found.label, found.doors) == ("Mail program", frozenset({Door.IMAP}))


async def test_an_expiry_is_kept(world: IdentityWorld) -> None:
    text = await world.identity.make_app_password(world.anna, "Trip", [Door.IMAP], days=30)
    world.now[0] += 30 * DAY - 1
    assert (await world.groupware.sign_in.check(Door.IMAP, "anna", text, "::1")).app_password
    world.now[0] += 1
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.groupware.sign_in.check(Door.IMAP, "anna", text, "::1")
    assert await world.identity.app_passwords(world.anna) == ([], world.now[0])
    await end_expired(world.groupware.store)
    await end_expired(world.groupware.store)
    told = select(event.c.subject).where(event.c.kind == EventKind.APP_PASSWORD_REVOKED)
    found = await world.groupware.store.read(lambda s: s.connection.scalars(told).all())
    assert len(found) == 1, "the doors hear of it, once"


async def test_only_ones_own_and_only_what_makes_sense(lone_world: IdentityWorld) -> None:
    world = lone_world
    make: Callable[..., Awaitable[str]] = world.identity.make_app_password
    for label, doors, rule in (
        ("", [Door.IMAP], "label"),
        ("x" * 61, [Door.IMAP], "label"),
        ("a\0b", [Door.IMAP], "label"),
        ("ok", [], "doors"),
        ("ok", [Door.PORTAL], "doors"),
    ):
        with pytest.raises(Refused, match=rule):
            await make(world.anna, label, doors)
    await make(world.anna, "One", [Door.IMAP])
    (found,), _ = await world.identity.app_passwords(world.anna)
    with pytest.raises(NotFound):
        await world.identity.revoke_app_password(world.person("bruno"), found.id)
    for _ in range(MOST - 1):
        await make(world.anna, "More", [Door.IMAP])
    with pytest.raises(Conflict, match="too-many-app-passwords"):
        await make(world.anna, "Too many", [Door.IMAP])
    await world.identity.revoke_app_password(world.anna, found.id)
    with pytest.raises(NotFound):
        await world.identity.revoke_app_password(world.anna, found.id)
    await make(world.anna, "In its place", [Door.IMAP])


def test_no_two_are_the_same() -> None:
    assert len({app_passwords.made() for _ in range(1000)}) == 1000
