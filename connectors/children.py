"""Child processes that die with their parent, even one killed with SIGKILL (prctl(2), PR_SET_PDEATHSIG)."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping
    from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends. `parent` is that thread's process."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call above
        os.kill(os.getpid(), signal.SIGKILL)


async def spawn(*command: str, environment: Mapping[str, str] | None = None, output: Path | None = None) -> Process:
    """Start `command` as a child that dies with us, from an event loop on the main thread: the signal is per thread.

    A small Python sets the death signal and becomes the command: code between fork and exec is unsafe with threads.
    With `output` it writes into that file, begun anew, and a terminal's Ctrl-C is ours alone to act on.
    """
    launcher = (sys.executable, "-IS", __file__, str(os.getpid()))
    if output is None:
        return await asyncio.create_subprocess_exec(*launcher, *command, env=environment)
    with open(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: ASYNC230, PTH123 -- a local file, opened by its number
        return await asyncio.create_subprocess_exec(
            *launcher,
            *command,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.umask(0o077)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the server chose the command; no shell is wanted
