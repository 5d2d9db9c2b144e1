"""A flood of wrong password logins at the portal, and how long somebody with the right one waits meanwhile.

Two floods by another process: 200 at once from the very address of the honest ones, and 200 clients that never stop,
from another network (the loopback has many). A login is the page and its form, with a fresh connection. Goals: each
honest login under 2 s, none refused, memory bounded.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import multiprocessing
import re
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import httpx
from serving import Server, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import SpawnProcess

FLOOD = 200
HONEST = 12
VISITOR, SESSION = "__Host-iconet-visitor", "__Host-iconet"
OURS, OTHERS, ELSEWHERE = "127.0.0.1", "127.9.9.9", "127.5.5.5"


def client(authority: str, address: str) -> httpx.AsyncClient:
    """A browser at this address."""
    tls = ssl.create_default_context(cafile=authority)
    transport = httpx.AsyncHTTPTransport(verify=tls, local_address=address)
    return httpx.AsyncClient(transport=transport, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)


async def sign_in(browser: httpx.AsyncClient, url: str, login: str, password: str) -> int:
    """Fill in the form that this visitor has; its status."""
    visitor = browser.cookies.get(VISITOR) or ""
    token = hmac.new(visitor.encode(), b"iconet form", hashlib.sha256).hexdigest()
    form = {"form_token": token, "login": login, "password": password, "next": "/"}
    return (await browser.post(f"{url}/sign-in", data=form)).status_code


def flooding(url: str, authority: str, names: list[str], *, forever: bool) -> None:
    """In a process of its own: as many clients as names, each one attempt or one after the other."""
    address = OTHERS if forever else OURS

    async def guess(name: str) -> None:
        async with client(authority, address) as browser:
            await browser.get(f"{url}/sign-in")
            while True:
                await sign_in(browser, url, name, "a wrong password indeed")
                if not forever:
                    return

    async def all_of_them() -> None:
        await asyncio.gather(*(guess(name) for name in names))

    asyncio.run(all_of_them())


async def honest(server: Server, person: dict[str, Any], address: str) -> tuple[float, bool]:
    """Seconds for one sign-in, and whether it was let in."""
    url, began = server.endpoints["web"]["url"].rstrip("/"), time.perf_counter()
    async with client(server.endpoints["ca_file"], address) as browser:
        await browser.get(f"{url}/sign-in")
        status = await sign_in(browser, url, person["login"], person["password"])
        return time.perf_counter() - began, status == 303 and SESSION in browser.cookies


def memory(server: Server, what: str) -> float:
    """MiB of the server's own process: VmRSS now, VmHWM at its most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def flood(server: Server, *, forever: bool) -> SpawnProcess:
    """Begun; half of it against one known login, half against unknown ones."""
    url, known = server.endpoints["web"]["url"].rstrip("/"), server.endpoints["people"][0]["login"]
    names = [known if number % 2 else f"nobody{number}" for number in range(FLOOD)]
    context = multiprocessing.get_context("spawn")
    made = context.Process(
        target=flooding, args=(url, server.endpoints["ca_file"], names), kwargs={"forever": forever}, daemon=True
    )
    made.start()
    return made


def measured(server: Server, name: str, *, forever: bool, during: bool = True) -> None:
    """Honest logins, each of somebody else, during a flood or without one."""
    people: Iterator[dict[str, Any]] = iter(server.endpoints["people"][1:])
    running = flood(server, forever=forever) if during else None
    if running:
        time.sleep(4.0)
    address, rounds = (ELSEWHERE if forever else OURS), (HONEST if forever or not during else 5)
    took = [asyncio.run(honest(server, next(people), address)) for _ in range(rounds)]
    if running:
        running.kill()
        running.join()
    times = sorted(seconds for seconds, _ in took)
    refused = sum(not let_in for _, let_in in took)
    middle, worst = statistics.median(times), times[-1]
    print(f"{name:52} p50 {middle:5.2f} s  worst {worst:5.2f} s  refused {refused} of {len(took)}   goal < 2 s, 0")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        server = start(Path(place) / "demo")
        try:
            before = memory(server, "VmRSS")
            measured(server, "nobody else", forever=False, during=False)
            measured(server, f"{FLOOD} wrong at once, from the same address", forever=False)
            measured(server, f"{FLOOD} clients without end, from another network", forever=True)
            grown = memory(server, "VmHWM") - before
            print(f"memory: {before:.0f} MiB before, at its most {grown:.0f} MiB more   goal <= 192 MiB")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
