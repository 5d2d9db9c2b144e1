"""SCIM over HTTPS with 10,000 officials of one body: a list of 100, a look-up, a PATCH.

    python bench/scim.py [--people 10000] [--requests 200]

The real web door on SQLite in a process of its own; one keep-alive connection, requests one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import uvloop

from connectors.certificates import certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.web.door import WebDoor
from directory import bodies, officials, units
from directory.bodies import BodyKind
from directory.officials import Official
from groupware import clock
from groupware.service import open_groupware

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from groupware.store import Tx

LIST_MS = 50
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "title", "value": ""}],
}


def build(tx: Tx, people: int) -> None:
    for code, count in (("AA", people), ("BB", 100)):
        body = bodies.create(tx.connection, code, code, BodyKind.MEMBER_STATE)
        homes = [units.create(tx.connection, body, f"u{i}", f"Unit {i}") for i in range(20)]
        for i in range(count):
            login = f"{code.lower()}.person{i}"
            name, unit = f"Given{i % 97} Surname{i}", homes[i % 20]
            new = Official(
                0, login, f"{login}@iconet.test", name, 0, unit, external_id=f"hr-{i}", surname=f"Surname{i}"
            )
            officials.add(tx.connection, new)


async def serve(directory: Path, people: int, pipe: Connection) -> None:
    groupware = await open_groupware(directory, directory=directory, domain="iconet.test")
    await groupware.store.run(lambda tx: build(tx, people))
    token = (await groupware.provisioning.issue("AA", "bench", 1))[1]
    settings = Settings(data=directory, web=Listen())
    certificate = certificate_for(settings, clock.now())
    door = WebDoor(House(settings, groupware, certificate))
    address = await door.start(settings.web)
    pipe.send((address.port, token, str(certificate.authority)))
    await asyncio.to_thread(pipe.recv)
    await door.stop()
    await groupware.close()


def run_server(directory: Path, people: int, pipe: Connection) -> None:
    uvloop.run(serve(directory, people, pipe))


class Client:
    def __init__(self, port: int, token: str, authority: str) -> None:
        tls = ssl.create_default_context(cafile=authority)
        self._connection = http.client.HTTPSConnection("localhost", port, context=tls)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}

    def ask(self, method: str, path: str, payload: object = None) -> dict[str, Any]:
        body = None if payload is None else json.dumps(payload)
        self._connection.request(method, f"/scim/v2{path}", body, self._headers)
        answer = self._connection.getresponse()
        octets = answer.read()
        assert answer.status == 200, octets
        return json.loads(octets)


def figure(name: str, times: list[float]) -> float:
    milliseconds = sorted(each * 1000 for each in times)
    p50, p95 = statistics.median(milliseconds), milliseconds[int(len(milliseconds) * 0.95)]
    print(f"{name:<44} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   ({len(times)} requests)")
    return p50


def measure(client: Client, people: int, requests: int) -> float:
    def timed(name: str, ask: Callable[[int], object]) -> float:
        times = []
        for i in range(requests):
            begun = time.perf_counter()
            ask(i)
            times.append(time.perf_counter() - begun)
        return figure(name, times)

    def page(i: int) -> None:
        start = i * 100 % people + 1
        assert client.ask("GET", f"/Users?count=100&startIndex={start}")["itemsPerPage"] == 100

    def found(i: int) -> None:
        assert client.ask("GET", f"/Users?filter=userName+eq+%22aa.person{i}%22")["totalResults"] == 1

    def changed(i: int) -> None:
        PATCH["Operations"][0]["value"] = f"Title {i}"  # type: ignore[index] # the shape stands above
        client.ask("PATCH", f"/Users/official-{i + 1}", PATCH)

    listed = timed("list of 100 of the body's officials", page)
    timed("list of 100, sorted by family name", lambda _: client.ask("GET", "/Users?count=100&sortBy=name.familyName"))
    timed(
        "list of 100 that contain a word",
        lambda _: client.ask("GET", "/Users?count=100&filter=displayName+co+%22name1%22"),
    )
    timed("look-up by userName", found)
    timed("look-up by externalId", lambda i: client.ask("GET", f"/Users?filter=externalId+eq+%22hr-{i}%22"))
    timed("PATCH of a title", changed)
    return listed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=200)
    asked = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    with tempfile.TemporaryDirectory() as directory:
        spawn = multiprocessing.get_context("spawn")
        server = spawn.Process(target=run_server, args=(Path(directory), asked.people, theirs))
        server.start()
        port, token, authority = ours.recv()
        listed = measure(Client(port, token, authority), asked.people, asked.requests)
        ours.send("stop")
        server.join()
    print(f"list of 100: {'within' if listed <= LIST_MS else 'OVER'} {LIST_MS} ms")


if __name__ == "__main__":
    main()
