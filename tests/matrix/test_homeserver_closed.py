"""When ICONet can't be asked, or answers nonsense, nothing opens."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hall import refusal, text
from homeserver_world import login

from connectors.control import short_path
from connectors.matrix.configuration import QUESTIONS
from connectors.matrix.questions import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx
    from hall import Person
    from homeserver_world import World

pytestmark = pytest.mark.anyio
UNAVAILABLE = (503, "EU.ICONET.UNAVAILABLE")
YES = b'{"id": %d, "answer": {"yes": true, "verdict": "allow", "login": "dora", "name": "Dora"}}\n'


def path(world: World) -> Path:
    return world.house.settings.data / "matrix" / QUESTIONS


@asynccontextmanager
async def alone(world: World) -> AsyncIterator[None]:
    """ICONet doesn't listen."""
    assert world.door.questions
    await world.door.questions.stop()
    try:
        yield
    finally:
        await world.door.questions.start()


async def upload(world: World, person: Person) -> httpx.Response:
    """Asks each time, whatever was answered a moment ago."""
    return await person.matrix.post(f"{world.hall.service.url}/_matrix/media/v3/upload", content=b"x")


async def refusals(world: World, person: Person) -> set[tuple[int, str]]:
    """Of everything that asks; nothing about the person was asked within the last second."""
    room, secret = world.hall.room, await world.secret("dora")
    async with world.hall.client() as matrix:
        signed = await matrix.post("v3/login", json=login("dora", secret))
        assert refusal(signed) == (403, "M_FORBIDDEN"), "Synapse hears of no other failure of a sign-in"
        answers = [
            await person.matrix.get("v3/sync"),
            await person.matrix.get(f"v3/rooms/{room}/messages?dir=b"),
            await person.matrix.put(f"v3/rooms/{room}/send/m.room.message/{world.transaction()}", json=text("x")),
            await person.matrix.post(f"v3/join/{room}", json={}),
            await upload(world, person),
        ]
    return {refusal(answer) for answer in answers}


async def test_without_iconet_nothing_opens_and_all_is_well_when_it_is_back(world: World) -> None:
    clara = await world.sign_in("clara")
    async with alone(world):
        assert await refusals(world, clara) == {UNAVAILABLE}
    assert (await clara.matrix.get("v3/sync")).status_code == 200
    sent = await clara.matrix.put(f"v3/rooms/{world.hall.room}/send/m.room.message/back", json=text("back"))
    assert sent.status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\n",
        b"no JSON\n",
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b'{"id": "1", "answer": {"yes": true}}\n',
        b'{"id": 1}\n{"id": 2}\n{"id": 3}\n',
        b'{"id": %d, "answer": true}\n',
        b'{"id": %d, "failed": true}\n',
        b"x" * (LONGEST_LINE + 2) + b"\n",
    ],
    ids=lambda said: said[:40].decode().strip() or "nothing",
)
async def test_nonsense_is_a_refusal(world: World, said: bytes) -> None:
    clara = await world.sign_in("clara")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked = json.loads(await reader.readline())
        writer.write(said.replace(b"%d", str(asked["id"]).encode()))
        writer.close()

    async with alone(world):
        with short_path(path(world)) as socket:
            server = await asyncio.start_unix_server(talk, socket)
        assert refusal(await upload(world, clara)) == UNAVAILABLE
        server.close()


async def test_no_answer_in_time_is_a_refusal(world: World) -> None:
    clara = await world.sign_in("clara")
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            pass
        hung_up.set()

    async with alone(world):
        with short_path(path(world)) as socket:
            server = await asyncio.start_unix_server(silent, socket)
        answers = await asyncio.gather(*(upload(world, clara) for _ in range(3)))
        assert {refusal(answer) for answer in answers} == {UNAVAILABLE}
        await hung_up.wait()
        server.close()
    assert (await upload(world, clara)).status_code == 200


async def test_only_who_knows_the_secret_is_answered(world: World) -> None:
    for proof in (b'{"secret": "guessed"}', b'{"secret": null}', b"{}", b"[]", b"x", b"x" * (LONGEST_LINE + 2)):
        with short_path(path(world)) as socket:
            reader, writer = await asyncio.open_unix_connection(socket)
        writer.write(proof + b'\n{"id": 1, "ask": "active", "user": "@anna:iconet.test"}\n')
        with suppress(ConnectionResetError):  # it may hang up before it has read all
            assert await reader.read() == b""
        writer.close()
    assert path(world).stat().st_mode & 0o777 == 0o600


async def test_a_question_that_nobody_answers_is_told_to_have_failed(world: World) -> None:
    config = json.loads((path(world).with_name("homeserver.json")).read_text())["modules"][0]["config"]
    with short_path(path(world)) as socket:
        reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(json.dumps({"secret": config["secret"]}).encode() + b"\n")
    questions = [
        {"ask": "nothing"},
        {},
        {"ask": "active"},
        {"ask": "active", "user": 7},
        {"ask": "upload", "user": "@anna:iconet.test", "size": "x"},
        {"ask": "say", "content": []},
        {"ask": "join", "user": "@a\x00:iconet.test", "room": "\ud800"},
    ]
    for number, question in enumerate(questions):
        writer.write(json.dumps({"id": number, **question}).encode() + b"\n")
    answers = sorted([json.loads(await reader.readline()) for _ in questions], key=lambda answer: answer["id"])
    assert answers[:-1] == [{"id": number, "failed": True} for number in range(len(questions) - 1)]
    assert answers[-1]["answer"] == {"yes": False}
    writer.close()
