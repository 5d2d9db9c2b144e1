"""A hand-over in a process that is killed at one step of it: for test_kill_hand_over.

    python tests/faults/handing.py DIRECTORY TAKER HAND-OVER STEP

Steps: one before each mover and one behind the last, one before the commit and one behind it. Step 0: none.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]  # in this order: both have a "directory"

from town import DOMAIN

from groupware.caller import Caller
from groupware.duties import handing_over, movers
from groupware.service import open_groupware
from groupware.store.sqlite_writer import Writer
from policies.vocabulary import Door

if TYPE_CHECKING:
    from directory.hand_overs import HandOver
    from groupware.store import Tx

KILLED_AT = int(sys.argv[4])
counted = 0


def step() -> None:
    global counted  # noqa: PLW0603 -- one process, one count
    counted += 1
    if counted == KILLED_AT:
        os.kill(os.getpid(), signal.SIGKILL)


def stepping(mover: movers.Mover) -> movers.Mover:
    def moved(tx: Tx, hand_over: HandOver) -> int:
        step()
        return mover(tx, hand_over)

    return moved


def last(_tx: Tx, _hand_over: HandOver) -> int:
    step()
    return 0


_commit = Writer._commit_batch


def commit(self: Any, *about: Any) -> None:  # noqa: ANN401 -- as Writer._commit_batch
    step()
    _commit(self, *about)
    step()


async def main() -> None:
    directory = Path(sys.argv[1])
    groupware = await open_groupware(directory, directory=directory, domain=DOMAIN)
    taker = Caller(int(sys.argv[2]), "anna", f"anna@{DOMAIN}", "Anna", Door.PORTAL, strong=True)
    Writer._commit_batch = commit  # type: ignore[method-assign] # what this program is for
    handing_over.MOVERS = (*((name, stepping(mover)) for name, mover in movers.MOVERS), ("end", last))  # type: ignore[misc] # what is seeded is final elsewhere
    await groupware.duties.take_over(taker, int(sys.argv[3]))
    await groupware.close()


asyncio.run(main())
