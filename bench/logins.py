"""A flood of wrong password logins at the portal, and how long somebody with the right one waits meanwhile.

Two floods by another process: 200 at once from the very address of the honest ones, and 200 clients that never stop,
from another network (the loopback has many). Then guesses at the very name of the honest one, three a second from 240
networks: from a network that nobody knows, from one that they signed in from before, and with the browser that they
signed in with. A login is the page and its form, with a fresh connection. Goals: each honest login under 2 s, none
refused, memory bounded.
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
from itertools import count
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
DEVICE = "__Host-iconet-device"
RATE, NETWORKS, WARM_UP, ROUNDS = 3, 240, 24, 5
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


def guessing(url: str, authority: str, login: str) -> None:
    """In a process of its own: guesses at one name, `RATE` a second, each from the next network."""

    async def guess(number: int) -> None:
        async with client(authority, f"127.1.{1 + number % NETWORKS}.1") as browser:
            await browser.get(f"{url}/sign-in")
            await sign_in(browser, url, login, f"a wrong password, the {number}th")

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as guesses:
            for number in count():
                guesses.create_task(guess(number))
                await asyncio.sleep(1 / RATE)

    asyncio.run(all_of_them())


async def honest(server: Server, person: dict[str, Any], address: str, device: str = "") -> tuple[float, bool, str]:
    """Seconds for one sign-in, whether it was let in, and what the browser tells it by from now on."""
    url, began = server.endpoints["web"]["url"].rstrip("/"), time.perf_counter()
    async with client(server.endpoints["ca_file"], address) as browser:
        if device:
            browser.cookies.set(DEVICE, device, domain="localhost.local")
        await browser.get(f"{url}/sign-in")
        status = await sign_in(browser, url, person["login"], person["password"])
        let_in = status == 303 and SESSION in browser.cookies
        return time.perf_counter() - began, let_in, browser.cookies.get(DEVICE) or device


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
    told(name, took)


def told(name: str, took: list[tuple[float, bool, str]]) -> None:
    """A row of figures."""
    times = sorted(seconds for seconds, _, _ in took)
    refused = sum(not let_in for _, let_in, _ in took)
    middle, worst = statistics.median(times), times[-1]
    print(f"{name:52} p50 {middle:5.2f} s  worst {worst:5.2f} s  refused {refused} of {len(took)}   goal < 2 s, 0")


def chosen(server: Server) -> None:
    """Honest logins of one official whose name is guessed at, as a stranger, from a known network, and by browser."""
    person, url = server.endpoints["people"][-1], server.endpoints["web"]["url"].rstrip("/")
    _, _, device = asyncio.run(honest(server, person, "127.201.1.1"))
    context = multiprocessing.get_context("spawn")
    running = context.Process(target=guessing, args=(url, server.endpoints["ca_file"], person["login"]), daemon=True)
    running.start()
    time.sleep(WARM_UP)
    strangers = [asyncio.run(honest(server, person, f"127.{210 + number}.1.1")) for number in range(ROUNDS)]
    known = [asyncio.run(honest(server, person, "127.201.1.1")) for _ in range(ROUNDS)]
    browsers = [asyncio.run(honest(server, person, "127.1.1.1", device)) for _ in range(ROUNDS)]
    running.kill()
    running.join()
    told("their name guessed at 3/s from 240 networks: stranger", strangers)
    told("the same, from a known network", known)
    told("the same, a known browser amid the guessers", browsers)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        server = start(Path(place) / "demo")
        try:
            before = memory(server, "VmRSS")
            measured(server, "nobody else", forever=False, during=False)
            measured(server, f"{FLOOD} wrong at once, from the same address", forever=False)
            measured(server, f"{FLOOD} clients without end, from another network", forever=True)
            chosen(server)
            grown = memory(server, "VmHWM") - before
            print(f"memory: {before:.0f} MiB before, at its most {grown:.0f} MiB more   goal <= 192 MiB")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
