"""`iconet` that is killed, or loses its homeserver, at one step of a post's way: for test_kill_steps.

    python tests/faults/stepping.py ORDER WORD...

A step is a commit or a request to the homeserver, once before it and once behind it. While the file ORDER is there
with "iconet 7" or "homeserver 7" in it, steps are counted; at the seventh the file goes, and so does who is named.
"nobody 0" only counts. ORDER.steps says how many there were.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from connectors import cli
from connectors.matrix.bridge import client
from groupware.store.sqlite_writer import Writer

ORDER = Path(sys.argv[1])
LOCK = threading.Lock()
counted: dict[str, int] = {}


def step() -> None:
    """Count, and kill when it is time. The writer has a thread of its own."""
    with LOCK:
        try:
            order = ORDER.read_text()
        except FileNotFoundError:
            counted.clear()
            return
        counted[order] = counted.get(order, 0) + 1
        draft = ORDER.with_suffix(".draft")
        draft.write_text(str(counted[order]))
        draft.replace(ORDER.with_suffix(".steps"))
        whom, _, number = order.partition(" ")
        if counted[order] == int(number):
            ORDER.unlink()
            os.kill(os.getpid() if whom == "iconet" else homeserver(), signal.SIGKILL)


def homeserver() -> int:
    children = Path("/proc/self/task").glob("*/children")
    pids = [pid for listed in children for pid in listed.read_text().split()]
    return next(int(pid) for pid in pids if b"synapse" in Path(f"/proc/{pid}/cmdline").read_bytes())


_commit, _send = Writer._commit_batch, client._Client.send


def commit(self: Any, *about: Any) -> None:  # noqa: ANN401 -- as Writer._commit_batch
    step()
    _commit(self, *about)
    step()


async def send(self: Any, *about: Any, **more: Any) -> Any:  # noqa: ANN401 -- as nio's
    step()
    answer = await _send(self, *about, **more)
    step()
    return answer


Writer._commit_batch = commit  # type: ignore[method-assign] # what this program is for
client._Client.send = send  # type: ignore[method-assign] # the same
sys.argv = ["iconet", *sys.argv[2:]]
sys.exit(cli.main())
