"""Search as one types in the portal, over HTTPS, page fragment included.

    python bench/directory_search.py [--people 10000] [--questions 200]

Prints p50, p95 and the slowest of what a client waits for, by the kind of question, after one answer that had the book
made ready; then the same of all. Goal: p95 of 20 ms at 10,000 officials.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import uvloop
from town import DOMAIN

from connectors.certificates import certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.web.door import WebDoor
from directory import bodies, officials, terms, units
from directory.bodies import BodyKind
from directory.officials import Official
from groupware import clock
from groupware.caller import Caller
from groupware.house_rules import our_terms
from groupware.service import Groupware
from groupware.store import Tx, open_store
from policies.vocabulary import Door

GOAL = 20.0
SESSION = "__Host-iconet"
TITLES = ("Head of unit", "Return officer", "Legal adviser", "Analyst", "Assistant", "Liaison officer")
WORK = ("Return", "Readmission", "Visa", "Asylum", "Liaison", "Statistics")


def names(count: int) -> list[tuple[str, str]]:
    dice = random.Random(7)
    syllables = [a + b for a in "bcdfghjklmnprstvz" for b in "aeiou"]
    some = ["".join(dice.choices(syllables, k=dice.randint(2, 4))).title() for _ in range(2000)]
    return [(dice.choice(some), dice.choice(some)) for _ in range(count)]


def settle(tx: Tx, known: list[tuple[str, str]]) -> int:
    """33 states with six units each; the number of an official."""
    states = [bodies.create(tx.connection, f"b{n}", f"State {n}", BodyKind.MEMBER_STATE) for n in range(33)]
    homes = [units.create(tx.connection, states[n % 33], f"u{n}", f"{WORK[n // 33]} unit") for n in range(198)]
    for number, (given, last) in enumerate(known):
        login, title = f"person{number}", TITLES[number % len(TITLES)]
        mail = f"{given}.{last}.{number}@{DOMAIN}".lower()
        found = Official(0, login, mail, f"{given} {last}", 0, homes[number % 198], title=title)
        caller = officials.add(tx.connection, found)
    terms.accept(tx.connection, caller, our_terms().version, tx.now)
    return caller


def questions(known: list[tuple[str, str]], count: int) -> dict[str, list[str]]:
    """By what somebody types; the short and the common ones are the worst."""
    dice = random.Random(8)
    some = dice.choices(list(enumerate(known)), k=count)
    return {
        "one letter": [last[:1] for _, (_, last) in some],
        "three letters": [last[:3] for _, (_, last) in some],
        "given name and beginning": [f"{given} {last[:2]}" for _, (given, last) in some],
        "address": [f"{given}.{last}.{number}@{DOMAIN}" for number, (given, last) in some],
        "a word of everybody's": ["state", "unit", "person", DOMAIN.partition(".")[0]] * (count // 4),
        "name, title and state": [
            f"{given[:3]} {TITLES[number % 6]} state {number % 33}" for number, (given, _) in some
        ],
        "inside a word": [last[1:5] for _, (_, last) in some],
        "nothing": [f"{last[:3]}qx" for _, (_, last) in some],
    }


async def serve(home: Path, count: int) -> None:
    """The web door in a process of its own; tells its port and a session."""
    known = names(count)
    groupware = Groupware(open_store(home, directory=home), DOMAIN)
    number = await groupware.store.run(lambda tx: settle(tx, known))
    following = asyncio.create_task(groupware.run())
    settings = Settings(data=home, host="localhost", web=Listen(host="127.0.0.1", port=0))
    door = WebDoor(House(settings, groupware, certificate_for(settings, clock.now())))
    address = await door.start(settings.web)
    session = await groupware.web_sessions.begin(Caller(number, "", "", "", Door.PORTAL, strong=True))
    print(address.port, session, flush=True)
    await following


class Browser:
    """One connection that is kept."""

    def __init__(self, home: Path, port: int, session: str) -> None:
        tls = ssl.create_default_context(cafile=str(certificate_for(Settings(data=home), clock.now()).authority))
        self.connection = http.client.HTTPSConnection("localhost", port, context=tls)
        self.headers = {"Cookie": f"{SESSION}={session}"}

    def ask(self, question: str) -> tuple[float, bytes]:
        """Milliseconds to the last octet, and the fragment."""
        began = time.perf_counter()
        self.connection.request("GET", f"/directory/found?{urlencode({'q': question})}", headers=self.headers)
        answer = self.connection.getresponse()
        page = answer.read()
        took = (time.perf_counter() - began) * 1000
        assert answer.status == 200, answer.status
        return took, page


def report(name: str, took: list[float], found: float | None = None) -> None:
    cuts = statistics.quantiles(took, n=20)
    told = "" if found is None else f"{found:6.1f} people shown"
    print(f"{name:>26}: p50 {cuts[9]:5.1f} ms, p95 {cuts[18]:5.1f} ms, slowest {max(took):5.1f} ms {told}", flush=True)


def measure(options: argparse.Namespace, browser: Browser) -> None:
    first, _ = browser.ask("warm")
    print(f"the first answer after {first:.0f} ms, the book being read")
    everything: list[float] = []
    for name, asked in questions(names(options.people), options.questions).items():
        answers = [browser.ask(each) for each in asked]
        people = statistics.mean(page.count(b'href="/directory/people/') for _, page in answers)
        report(name, [took for took, _ in answers], people)
        everything += [took for took, _ in answers]
    report("all", everything)
    print(f"goal: p95 of {GOAL:.0f} ms at 10,000 officials")


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, __file__, "--serve", home, "--people", str(options.people)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port, session = server.stdout.readline().split()
            measure(options, Browser(Path(home), int(port), session))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        uvloop.run(serve(chosen.serve, chosen.people))
    else:
        main(chosen)
