"""How many use cases a store accepts durably, how long each waits, and how long the event loop stalls meanwhile.

    python bench/engine.py [--seconds 2] [--follow] [--postgresql URL]

A use case here takes 100 us of CPU for its decision and writes a 4 kB content, a submission-like row and an event.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import bindparam, insert, select

from directory.tables import login_failure, partner
from groupware import content
from groupware.events import EventKind
from groupware.followers import Follower
from groupware.store import Conditions, Limits, open_store

if TYPE_CHECKING:
    from groupware.store import Store, Tx

DECISION = 0.0001
TICK = 0.002
BODY = os.urandom(4000)
LOOK = select(partner.c.allowed).where(partner.c.domain == bindparam("wanted"))
WRITE = insert(login_failure)


class Accept:
    """Look at two facts, decide, write three rows and an event."""

    def __init__(self, key: str, body: content.Prepared) -> None:
        self.key, self.body = key, body

    def __call__(self, tx: Tx) -> int:
        for fact in ("official", "room"):
            tx.connection.execute(LOOK, {"wanted": fact}).first()
        until = time.perf_counter() + DECISION
        while time.perf_counter() < until:
            pass
        number = content.add(tx, self.body)
        tx.connection.execute(WRITE, {"key": self.key, "failures": number, "next_allowed": 0})
        tx.record("post-held", number, 1)
        return number


async def measure_stalls(out: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        out.append(time.perf_counter() - began - TICK)


async def post(store: Store, name: str, until: float, latencies: list[float]) -> None:
    number = 0
    while time.perf_counter() < until:
        began = time.perf_counter()
        number += 1
        await store.run(Accept(f"{name}.{number}", content.prepare(store.directory, BODY)))
        latencies.append(time.perf_counter() - began)


async def measure(store: Store, label: str, tasks: int, seconds: float, *, follow: bool) -> str:
    latencies: list[float] = []
    stalls: list[float] = []
    beside = [asyncio.create_task(measure_stalls(stalls))]
    if follow:
        beside.append(asyncio.create_task(Follower(store, label, "me", tuple(EventKind), lambda *_: None).run()))
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(post(store, f"{label}.{n}", began + seconds, latencies) for n in range(tasks)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    figures = [quantile(latencies, 0.5), quantile(latencies, 0.99), quantile(stalls, 0.99), max(stalls) * 1000]
    per = cpu / len(latencies) * 1e6
    return f"{label:>22} {len(latencies) / wall:9.0f} " + " ".join(f"{f:9.2f}" for f in figures) + f" {per:9.0f}"


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[int(part * (len(values) - 1))] * 1000


async def main(options: argparse.Namespace) -> None:
    print(f"{'':>22} {'accepts/s':>9} {'p50 ms':>9} {'p99 ms':>9} {'stall p99':>9} {'stall max':>9} {'CPU us':>9}")
    kinds = {"": Limits()} if options.postgresql else {"": Limits(), " one commit each": Limits(batch_count=1)}
    for kind, limits in kinds.items():
        with tempfile.TemporaryDirectory(dir=options.directory) as home:
            where = options.postgresql or home
            store = open_store(where, directory=Path(home), conditions=Conditions(limits))
            for tasks in (1, 16, 64):
                print(await measure(store, f"{tasks}{kind}", tasks, options.seconds, follow=options.follow), flush=True)
            await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--follow", action="store_true")
    parser.add_argument("--postgresql")
    parser.add_argument("--directory", default=".")
    asyncio.run(main(parser.parse_args()))
