"""From a moderator's approval to the members: one idling mail client, 200 of them, and an open portal page.

Times run from the moment at which the moderator's client sends its decision, and so contain the decision itself.
Goals: p95 <= 50 ms to one idling client, <= 200 ms to all of 200, <= 0.5 s to a page; ICONet's own process <= 200 MiB.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import httpx
from interop.clients import Portal
from serving import Server, start

if TYPE_CHECKING:
    import ssl

ROUNDS = 30
CROWD = 200
PATIENCE = 20.0


class Idler:
    """A mail client that waits on its INBOX; `seen` has when each EXISTS came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.seen: asyncio.Queue[float] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    @classmethod
    async def idle(cls, server: Server, person: dict[str, Any]) -> Idler:
        """Signed in, INBOX selected, IDLE begun."""
        door = server.endpoints["imap"]
        streams = await asyncio.open_connection(door["host"], door["port"], ssl=server.tls)
        made = cls(*streams)
        await made.reader.readline()
        await made.command(f"a LOGIN {person['login']} {person['app_password']}", b"a OK")
        await made.command("b SELECT INBOX", b"b OK")
        await made.command("c IDLE", b"+")
        made.task = asyncio.create_task(made.listen())
        return made

    async def command(self, line: str, until: bytes) -> None:
        """Send a line and read up to the answer that begins with `until`."""
        self.writer.write(line.encode() + b"\r\n")
        while not (answer := await self.reader.readline()).startswith(until):
            if not answer or answer.startswith((b"a NO", b"b NO", b"* BYE")):
                raise RuntimeError(answer)

    async def listen(self) -> None:
        """Note when a new message is told."""
        while line := await self.reader.readline():
            if line.endswith(b" EXISTS\r\n"):
                self.seen.put_nowait(time.perf_counter())


def post(server: Server, author: dict[str, Any], number: int) -> str:
    """One message to the moderated room; returns its Message-ID."""
    door, to, name = server.endpoints["submission"], f"return@{server.endpoints['domain']}", f"<latency.{number}@bench>"
    with smtplib.SMTP_SSL(door["host"], door["port"], context=server.tls) as client:
        client.login(author["login"], author["app_password"])
        text = f"From: {author['address']}\r\nTo: {to}\r\nSubject: n {number}\r\nMessage-ID: {name}\r\n\r\nhello\r\n"
        client.sendmail(author["address"], [to], text)
    return name


async def approve(client: httpx.AsyncClient, url: str, name: str) -> float:
    """When the decision on this post was sent."""
    held = (await client.get(f"{url}/held")).json()
    number = next(each["id"] for each in held if each["message_id"] == name)
    began = time.perf_counter()
    answer = await client.post(f"{url}/held/{number}", json={"decision": "approve", "reason": ""})
    answer.raise_for_status()
    return began


async def page_told(portal: Portal, context: ssl.SSLContext, told: asyncio.Queue[float]) -> None:
    """Hold the room page's event stream open, as its script does, and note when it speaks."""
    cookies = dict(portal.client.cookies)
    async with (
        httpx.AsyncClient(verify=context, cookies=cookies, timeout=None) as client,
        client.stream("GET", f"{portal.url}/rooms/return/live", headers={"Accept": "text/event-stream"}) as answer,
    ):
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if re.match(r"(event|data):", line):
                told.put_nowait(time.perf_counter())


def p95(times: list[float]) -> str:
    """Median and 95th percentile in ms."""
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered) * 1e3:6.1f} ms   p95 {ordered[int(len(ordered) * 0.95)] * 1e3:6.1f} ms"


async def measure(server: Server) -> None:
    """All three, one after the other."""
    people = [p for p in server.endpoints["people"] if "return" in p["areas"] and not p["roles"]]
    author, members = people[0], people[1:]
    moderator = server.who(area="return", role="moderator")
    url = server.endpoints["api"]["url"]
    auth = (moderator["login"], moderator["app_password"])
    numbers = iter(range(10_000))
    async with httpx.AsyncClient(verify=server.tls, auth=auth, timeout=PATIENCE) as client:

        async def round_(idlers: list[Idler]) -> list[float]:
            name = await asyncio.to_thread(post, server, author, next(numbers))
            began = await approve(client, url, name)
            async with asyncio.timeout(PATIENCE):
                return [await idler.seen.get() - began for idler in idlers]

        one = await Idler.idle(server, members[0])
        alone = [each for _ in range(ROUNDS) for each in await round_([one])]
        print(f"approval -> one idling client        {p95(alone)}   goal p95 <= 50 ms")
        told: asyncio.Queue[float] = asyncio.Queue()
        portal = await asyncio.to_thread(Portal, server, members[0])
        page = asyncio.create_task(page_told(portal, server.tls, told))
        pages = []
        for _ in range(10):
            name = await asyncio.to_thread(post, server, author, next(numbers))
            while not told.empty():
                told.get_nowait()
            began = await approve(client, url, name)
            async with asyncio.timeout(PATIENCE):
                pages.append(await told.get() - began)
            await one.seen.get()
        page.cancel()
        print(f"approval -> an open portal page      {p95(pages)}   goal <= 500 ms")
        crowd = [one, *[await Idler.idle(server, members[n % len(members)]) for n in range(CROWD - 1)]]
        everybody = [max(await round_(crowd)) for _ in range(10)]
        print(f"approval -> the last of {CROWD} idlers    {p95(everybody)}   goal p95 <= 200 ms")


def resident(server: Server) -> float:
    """MiB of the server's own process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        server = start(Path(place) / "demo")
        try:
            print(f"resident after start                 {resident(server):.0f} MiB   goal <= 200 MiB")
            asyncio.run(measure(server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
