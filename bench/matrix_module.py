"""What the policy module costs: Synapse's CPU for a person's message with the module and without, in turns.

One homeserver on one database, a room with 100 invited, one person who sends one message after the other. With the
module each is asked about over the socket. Goal: the module takes at most 20 % of Synapse's CPU a message.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests" / "matrix")]
sys.path.insert(1, str(Path(__file__).parents[1] / "tests"))

from hall import text
from homeserver_world import World, started

from connectors.house import Address
from connectors.matrix.configuration import UNLIMITED
from connectors.matrix.homeserver import Homeserver, program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

ROUNDS = 3
MEMBERS = 100
WARM, MESSAGES = 40, 200
TICKS = os.sysconf("SC_CLK_TCK")
NUMBERS = count()


def cpu(pid: int) -> float:
    """Milliseconds of CPU that the process has used (proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


async def crowd(world: World) -> None:
    """Those invited who say nothing: the module is handed the room's whole state with each event."""
    room, service = world.hall.room, world.hall.service
    async with world.hall.client(service.as_token) as matrix:
        for number in range(MEMBERS):
            user = {"type": "m.login.application_service", "username": f"crowd{number}", "inhibit_login": True}
            await matrix.post("v3/register", json=user)
            invited = {"user_id": service.matrix_id(f"crowd{number}")}
            (await matrix.post(f"v3/rooms/{room}/invite", json=invited)).raise_for_status()


async def talk(matrix: httpx.AsyncClient, room: str, messages: int) -> None:
    for _ in range(messages):
        words = text("All quiet at the crossing; nothing to report since the morning.")
        sent = await matrix.put(f"v3/rooms/{room}/send/m.room.message/b{next(NUMBERS)}", json=words)
        sent.raise_for_status()


@asynccontextmanager
async def running(configuration: Path, at: Address) -> AsyncIterator[int]:
    homeserver = Homeserver(program(""), configuration, at, lambda: None)
    await homeserver.start()
    try:
        assert homeserver.pid
        yield homeserver.pid
    finally:
        await homeserver.stop()


async def a_message(configuration: Path, at: Address, matrix: httpx.AsyncClient, room: str) -> float:
    """Milliseconds of Synapse's CPU for each."""
    async with running(configuration, at) as pid:
        await talk(matrix, room, WARM)
        before = cpu(pid)
        await talk(matrix, room, MESSAGES)
        return (cpu(pid) - before) / MESSAGES


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with started(Path(directory)) as world:
            anna = await world.sign_in("anna")
            await crowd(world)
            assert world.door.homeserver
            await world.door.homeserver.stop()
            asked = Path(directory) / "matrix" / "homeserver.json"
            plain = asked.with_name("plain.json")
            config = {**json.loads(asked.read_text()), "rc_message": UNLIMITED}
            asked.write_text(json.dumps(config))
            plain.write_text(json.dumps({**config, "modules": []}))
            port = int(world.hall.service.url.rpartition(":")[2])
            at = Address("127.0.0.1", port, "none")
            spent: dict[Path, list[float]] = {asked: [], plain: []}
            for _ in range(ROUNDS):
                for configuration, figures in spent.items():
                    figures.append(await a_message(configuration, at, anna.matrix, world.hall.room))
            assert len(world.hall.heard) == ROUNDS * (WARM + MESSAGES)
    tell(spent[asked], spent[plain])


def tell(asked: list[float], plain: list[float]) -> None:
    with_module, without = statistics.median(asked), statistics.median(plain)
    print(f"Synapse's CPU a message, {MEMBERS} invited: {with_module:.1f} ms with the module, {without:.1f} without")
    print(f"rounds: {[round(each, 1) for each in asked]} and {[round(each, 1) for each in plain]}")
    print(f"the module's share: {(with_module - without) / with_module:.0%} (goal: at most 20 %)")


if __name__ == "__main__":
    asyncio.run(main())
