"""The audit log: what a record costs to append in groups, to seal, and how many a second are verified; CPU of one core.

python bench/audit.py [--records 400000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from groupware.acts import Act, Happening
from groupware.audit.sealing import Sealing
from groupware.audit.verifying import verify
from groupware.store import open_store

if TYPE_CHECKING:
    from groupware.store import Store, Tx

ORIGIN, GROUP = "iconet.test/audit", 100
APPEND_GOAL, VERIFY_GOAL = 10, 500_000


def told(what: str, seconds: float, records: int, goal: str) -> None:
    print(f"{what:<36} {seconds / records * 1e6:6.2f} us a record {records / seconds:12,.0f}/s   {goal}", flush=True)


def acts(first: int) -> list[Act]:
    who, rules = first // GROUP % 50, ("reader-reads", "moderator-reads-and-decides")
    return [Act(Happening.PERMITTED, who, "imap", "read", "Post", n, rules) for n in range(first, first + GROUP)]


async def append(store: Store, records: int) -> float:
    def put(group: list[Act], tx: Tx) -> None:
        tx.acts.extend(group)

    spent = 0.0
    for first in range(0, records, GROUP):
        group = acts(first)
        began = time.process_time()
        await store.run(partial(put, group))
        spent += time.process_time() - began
    return spent


async def main(records: int) -> None:
    key = Ed25519PrivateKey.generate()
    sealing = Sealing(ORIGIN, key)
    with tempfile.TemporaryDirectory() as home:
        store = open_store(Path(home), directory=Path(home))
        told(f"append, groups of {GROUP}", await append(store, records), records, f"goal <= {APPEND_GOAL} us")
        began = time.process_time()
        while await store.run(sealing.seal):
            await store.run(sealing.check)
        told("seal, a checkpoint each 1,024", time.process_time() - began, records, "")
        began, clock = time.process_time(), time.perf_counter()
        found = await verify(store, ORIGIN, key.public_key())
        spent, wall = time.process_time() - began, time.perf_counter() - clock
        assert (found.sealed, found.waiting, found.wrong) == (records, 0, ())
        told("verify", spent, records, f"goal >= {VERIFY_GOAL:,}/s")
        told("verify, by the clock", wall, records, "")
        await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=400_000)
    uvloop.run(main(parser.parse_args().records))
