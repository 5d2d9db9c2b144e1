"""A server with doors that say one line, and a child that sleeps: what the supervisor needs, and nothing of ICONet."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import logs
from connectors.certificates import server_context
from connectors.children import spawn
from connectors.endpoints import NOBODY
from connectors.fault import Fault
from connectors.house import Address
from connectors.settings import Imap, Listen, Settings
from connectors.supervisor import Supervisor, nobody, serve
from groupware.errors import StoreFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Row
    from connectors.endpoints import Network
    from connectors.house import House


class Greeter:
    def __init__(self, house: House) -> None:
        self._house = house

    async def start(self, listen: Listen) -> Address:
        tls = server_context(self._house.certificate)
        self._server = await asyncio.start_server(self._greet, listen.host, listen.port, ssl=tls)
        host, port = self._server.sockets[0].getsockname()
        return Address(host, port)

    async def stop(self) -> None:
        self._server.close()

    async def _greet(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\r\n")
        writer.close()


class Silent(Greeter):
    """Says that it listens, and does not."""

    async def start(self, listen: Listen) -> Address:
        await super().start(listen)
        return Address("127.0.0.1", 1)


class Stubborn(Greeter):
    """Won't close."""

    async def stop(self) -> None:
        await asyncio.Event().wait()


async def endless(_house: House) -> Network:
    print("seeding", flush=True)
    await asyncio.Event().wait()
    return NOBODY


async def sleeper(_house: House) -> None:
    child = await spawn("sleep", "300")
    print(f"child {child.pid}", flush=True)
    try:
        await child.wait()
    finally:
        child.kill()
        await child.wait()


async def failing(_house: House) -> None:
    raise ValueError("could not read 'a secret' for somebody@iconet.test")


async def disk_failing(house: House) -> None:
    house.groupware.store._stop(StoreFailed("/srv/x: disk I/O error"))
    await asyncio.Event().wait()


async def echo(house: House, arguments: Row) -> AsyncIterator[Row]:
    for number in range(arguments["times"]):
        yield {"number": number, "data": str(house.settings.data)}


async def refuse(_house: House, _arguments: Row) -> AsyncIterator[Row]:
    yield {"number": 0}
    raise Fault("no such room: x")


async def crash(_house: House, _arguments: Row) -> AsyncIterator[Row]:
    yield {"number": 0}
    raise KeyError("a secret")


ANSWERS = {"echo": echo, "refuse": refuse, "crash": crash}
WORK = {"sleeper": sleeper, "failing": failing, "disk-failing": disk_failing}
DOORS = {"imap": Greeter, "web": Silent, "submission": Stubborn}
SEEDS = {"endless": endless, "nobody": nobody}


def show(endpoints: Mapping[str, object]) -> None:
    print("ready", endpoints["pid"], flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--door", action="append", default=[])
    parser.add_argument("--work", action="append", default=[])
    parser.add_argument("--seed", choices=SEEDS, default="nobody")
    arguments = parser.parse_args()
    settings = Settings(data=arguments.data, stop_seconds=1).on_any_ports()
    settings = replace(settings, imap=Imap(port=arguments.port))
    logs.install("info")
    supervisor = Supervisor(
        settings,
        arguments.data / "endpoints.json",
        doors={name: DOORS[name] for name in arguments.door},
        work={name: WORK[name] for name in arguments.work},
        answers=ANSWERS,
        seed=SEEDS[arguments.seed],
        report=show,
    )
    return serve(supervisor)


if __name__ == "__main__":
    sys.exit(main())
