"""Who could read this: what the preview of a room takes in a network of 5,000 members.

python bench/preview.py [--members 5000] [--rounds 20]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import uvloop
from town import Town, build

from directory import officials, roles
from directory.officials import Official
from directory.roles import Grant
from groupware.message.markings import Marks
from groupware.monitor import Monitor
from groupware.preview import preview
from groupware.store import open_store
from policies.decision import Policies
from policies.vocabulary import Access, Marking

if TYPE_CHECKING:
    from groupware.store import Store, Tx

GOAL = 50


def _join(town: Town, members: int, tx: Tx) -> None:
    for number in range(members):
        body = 1 + number % 2
        person = Official(0, f"p{number}", f"p{number}@iconet.test", f"P {number}", body, body)
        roles.grant(
            tx.connection,
            Grant(officials.add(tx.connection, person), Access.READER, town.rooms["return"], reason="bench"),
        )


async def measure(store: Store, town: Town, marking: Marking, rounds: int) -> None:
    monitor, took = Monitor(Policies.load()), []
    for _ in range(rounds):
        began = time.perf_counter()
        found = await store.read(
            lambda snapshot: preview(snapshot, monitor, town.caller("anna"), "return", Marks(marking))
        )
        took.append((time.perf_counter() - began) * 1000)
    first, *later = took
    worst = statistics.quantiles(later, n=20)[-1]
    print(
        f"{marking.label:<18} {found.officials:5} readers, {found.by_mail:5} by mail   first {first:5.1f} ms"
        f"   p50 {statistics.median(later):5.1f} ms   p95 {worst:5.1f} ms   goal <= {GOAL} ms",
        flush=True,
    )


async def main(members: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        store = open_store(Path(home), directory=Path(home))
        town = await store.run(build)
        await store.run(lambda tx: _join(town, members, tx))
        for marking in (Marking.AMBER, Marking.AMBER_STRICT, Marking.RED):
            await measure(store, town, marking, rounds)
        await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    uvloop.run(main(asked.members, asked.rounds))
