"""Secrecy at rest, on against off: posts accepted in groups, and a folder of them read, on SQLite.

    python bench/secrecy.py [--posts 1000] [--rounds 3]

Both sides take turns. Processor time of the whole process, the least of the rounds, and the ratio on/off.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from town import DOMAIN, build, message

from groupware.folders import fetching, names, numbering
from groupware.folders.fetching import Want
from groupware.sealing.keys import KeyFolder
from groupware.sealing.seals import OFF, Seals
from groupware.service import Groupware
from groupware.store import Conditions, open_store

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Snapshot, Tx

AT_ONCE = 64
LINES = "\r\n".join(["The return of ten persons is planned for the next month, by air."] * 60)


async def measured(directory: Path, seals: Seals, posts: int) -> dict[str, float]:
    """Seconds of processor time for writing, and for reading envelopes and whole messages."""
    store = open_store(directory, directory=directory, conditions=Conditions(seals=seals))
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)
    caller = town.caller("dora")
    to = [await groupware.recipient(caller, f"return@{DOMAIN}")]
    began = time.process_time()
    for start in range(0, posts, AT_ONCE):
        numbers = range(start, min(posts, start + AT_ONCE))
        raws = [
            message("dora", f"return@{DOMAIN}", f"Flight {n}", LINES, message_id=f"<{n}@bench.test>") for n in numbers
        ]
        await asyncio.gather(*(groupware.submit(caller, raw, to) for raw in raws))
    wrote = time.process_time()
    for want in (Want.ENVELOPE | Want.HEAD, Want.BYTES | Want.HEAD):
        await _read(groupware, caller, want, posts)  # the first fills caches
    middle = time.process_time()
    await _read(groupware, caller, Want.ENVELOPE | Want.BODYSTRUCTURE, posts)
    listed = time.process_time()
    await _read(groupware, caller, Want.BYTES | Want.HEAD, posts)
    done = time.process_time()
    await groupware.close()
    return {"write": wrote - began, "list": listed - middle, "read": done - listed}


async def _read(groupware: Groupware, caller: Caller, want: Want, posts: int) -> None:
    def number(tx: Tx) -> numbering.State:
        found = names.find(tx, groupware.monitor, caller, "Areas/return")
        return numbering.open_folder(tx, groupware.monitor, caller, found)

    state = await groupware.store.run(number)
    left = list(range(1, posts + 1))
    while left:

        def look(snapshot: Snapshot, uids: list[int] = left[: fetching.SLICE]) -> list[tuple[object, ...]]:
            return fetching.fetch(snapshot, groupware.monitor, caller, state, uids, want, groupware.store.directory)

        rows = await groupware.store.read(look)
        if not rows:
            return
        left = left[len(rows) :]


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sides: dict[str, list[dict[str, float]]] = {"off": [], "on": []}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as place:
            keys = KeyFolder(Path(place) / "keys")
            keys.begin()
            for side, seals in (("off", OFF), ("on", Seals(keys, sealing=True))):
                sides[side].append(asyncio.run(measured(Path(place) / side, seals, arguments.posts)))
    for name in ("write", "list", "read"):
        off, on = (min(each[name] for each in rounds) / arguments.posts * 1e6 for rounds in sides.values())
        print(f"{name:<6}{off:8.1f} -> {on:8.1f} us a post, {on / off:.2f}")


if __name__ == "__main__":
    main()
