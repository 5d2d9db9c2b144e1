from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from anyio import Path as Entries
from toy import ANSWERS

from connectors.control import Control, NoServer, ask_server, socket_name
from connectors.fault import Fault
from connectors.house import House, opened
from connectors.questions import ask
from connectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    # longer than the 107 bytes that a socket's path may have
    async with opened(Settings(data=tmp_path / ("long" * 30))) as house:
        yield house


@pytest.fixture
async def control(house: House) -> AsyncIterator[Control]:
    control = Control(house, ANSWERS)
    await control.start()
    yield control
    await control.stop()


@pytest.mark.usefixtures("control")
async def test_rows_come_one_by_one(house: House) -> None:
    rows = [row async for row in ask_server(house.settings.data, "echo", {"times": 1000})]
    assert [row["number"] for row in rows] == list(range(1000))


@pytest.mark.usefixtures("control")
async def test_the_running_server_is_asked_first(house: House) -> None:
    rows = [row async for row in ask(house.settings, "echo", {"times": 1}, {})]
    assert rows == [{"number": 0, "data": str(house.settings.data)}]


@pytest.mark.usefixtures("control")
@pytest.mark.parametrize(
    ("question", "cause"),
    [
        ("refuse", "no such room: x"),
        ("crash", "internal error; the server's log has it"),
        ("unknown", "nobody here answers 'unknown'"),
    ],
)
async def test_faults_arrive_as_faults(house: House, question: str, cause: str) -> None:
    with pytest.raises(Fault) as fault:
        [row async for row in ask_server(house.settings.data, question, {})]
    assert str(fault.value) == cause


@pytest.mark.usefixtures("control")
async def test_the_socket_is_for_the_owner_only(house: House) -> None:
    assert (house.settings.data / socket_name("")).stat().st_mode & 0o777 == 0o600


async def test_without_a_server_the_store_is_opened_here(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    async with opened(settings):
        pass
    for _ in range(2):  # and let go of again
        assert [row["number"] async for row in ask(settings, "echo", {"times": 2}, ANSWERS)] == [0, 1]


async def test_a_server_that_does_not_answer_keeps_the_store(house: House) -> None:
    with pytest.raises(Fault, match="in use by another ICONet"):
        [row async for row in ask(house.settings, "echo", {"times": 1}, ANSWERS)]


async def test_the_socket_of_a_dead_server_is_no_server(house: House) -> None:
    dead = Control(house, ANSWERS)
    await dead.start()
    path = house.settings.data / socket_name("")
    path.rename(path.with_name("kept"))
    await dead.stop()
    path.with_name("kept").rename(path)
    with pytest.raises(NoServer):
        [row async for row in ask_server(house.settings.data, "echo", {"times": 1})]
    again = Control(house, ANSWERS)
    await again.start()
    assert [row async for row in ask_server(house.settings.data, "echo", {"times": 0})] == []
    await again.stop()


async def test_a_directory_without_a_network_is_named_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=f"{tmp_path}: no ICONet has run here"):
        [row async for row in ask(Settings(data=tmp_path), "echo", {}, ANSWERS)]
    assert [path async for path in Entries(tmp_path).iterdir()] == []


@pytest.mark.parametrize("line", [b"\n", b"{\n", b"[]\n", b'{"question": "echo"}\n', b'{"arguments": {}}\n', b"\xff\n"])
async def test_what_is_no_question_is_told_so(tmp_path: Path, line: bytes) -> None:
    async with opened(Settings(data=tmp_path)) as house:
        control = Control(house, ANSWERS)
        await control.start()
        reader, writer = await asyncio.open_unix_connection(tmp_path / socket_name(""))
        writer.write(line)
        assert "question" in json.loads(await reader.readline())["fault"]
        writer.close()
        await control.stop()
