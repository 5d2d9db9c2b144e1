"""A file of 10,000 officials is imported while others write: how long the slowest of them waited.

    python bench/people_import.py [--lines 10000]

Three files after another: all are new, all get another telephone, all get an external id. For each it prints how long
the comparison and the import took, and the slowest wait of one who writes without end. Goal: nobody waits for a second.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import uvloop
from town import DOMAIN, build

from directory import rights
from groupware import clock
from groupware.people.leave import OPERATOR
from groupware.service import open_groupware

if TYPE_CHECKING:
    from groupware.service import Groupware

GOAL = 1.0
HEAD = "external_id,login,name,unit,phone"


def files(lines: int) -> dict[str, bytes]:
    kinds = {"new": ("", 7), "another telephone": ("", 8), "an external id": ("P", 8)}
    return {
        name: "\r\n".join([HEAD, *(_line(number, *kind) for number in range(lines))]).encode()
        for name, kind in kinds.items()
    }


def _line(number: int, mark: str, digit: int) -> str:
    external = f"{mark}{number}" if mark else ""
    return f"{external},person{number},Person {number},u,+358 {digit} {number:05}"


async def writing(groupware: Groupware, waits: list[float]) -> None:
    """Write until cancelled, one small thing after the other."""
    while True:
        began = clock.monotonic()
        await groupware.store.run(lambda tx: rights.bump(tx.connection))
        waits.append(clock.monotonic() - began)


async def imported(groupware: Groupware, name: str, octets: bytes) -> float:
    waits: list[float] = []
    began = clock.monotonic()
    diff = await groupware.people.compare(OPERATOR, "aa", octets)
    compared = clock.monotonic() - began
    other = asyncio.create_task(writing(groupware, waits))
    await asyncio.sleep(0)
    await groupware.people.apply(OPERATOR, "aa", octets, diff.digest)
    took = clock.monotonic() - began - compared
    other.cancel()
    await asyncio.wait([other])
    print(f"{name}: compared {compared:.2f} s, applied {took:.2f} s, slowest of {len(waits)} others {max(waits):.2f} s")
    return max(waits)


async def main(lines: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        groupware = await open_groupware(Path(directory), directory=Path(directory), domain=DOMAIN)
        await groupware.store.run(build)
        slowest = max([await imported(groupware, *each) for each in files(lines).items()])
        await groupware.close()
    print(f"slowest: {slowest:.2f} s; goal: {GOAL:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=10_000)
    uvloop.run(main(parser.parse_args().lines))
