"""A child process that is asked about messages: started when first needed, again after it died, ended when too slow."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groupware.message import frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANSWER_WITHIN = 30.0
"""Seconds of wall time for one message; then the child is killed.

What is hostile ends sooner, by its seconds of CPU (message.worker): on a machine with much else to do an honest message
takes long, too, and a post that went without search or fingerprints for it would go without for good.
"""
REQUEST_MAX = 64 * 1024 * 1024
"""Octets of a message that the child is asked about."""
_BLOCK = 256 * 1024
"""Octets handed to the child at a time; one write of a whole message would copy it on the event loop."""
_ENDS_WITHIN = 1.0
"""Seconds."""
_REPLY_MAX = 16 * 1024 * 1024
_ROOT = Path(__file__).parents[2]


class Child:
    """One child that runs `module`; requests wait for their turn. `path` is where libraries lie that it needs.

    Start it from the main thread: the kernel kills the child when the *thread* that started it ends.
    """

    def __init__(self, module: str, answer_within: float = ANSWER_WITHIN, path: tuple[Path, ...] = ()) -> None:
        self._module = module
        self._path = (_ROOT, *path)
        self._answer_within = answer_within
        self._turn = asyncio.Lock()
        self._child: Process | None = None
        self.overran = False
        """Whether the last that was asked had no answer for its limit of CPU: another child has it as well."""

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._end()

    async def ask(self, wanted: Mapping[str, object], *octets: bytes) -> Mapping[str, Any] | None:
        """The child's reply to what is `wanted` of octets; None after a crash or time-out, with the child gone."""
        if sum(map(len, octets)) > REQUEST_MAX:
            return None
        async with self._turn:
            answered = self.overran = False
            try:
                async with asyncio.timeout(self._answer_within):
                    reply = await _exchange(await self._running(), wanted, octets)
                answered = True
            except (OSError, EOFError, ValueError):  # TimeoutError is an OSError
                return None
            else:
                return reply
            finally:
                # Also when the caller is cancelled: half an exchange must not answer the next request.
                if not answered:
                    await self._end()

    async def _running(self) -> Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await self._start()
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            self.overran = await _ended(child) == -signal.SIGXCPU

    async def _start(self) -> Process:
        """The child sees no environment but its module path, so no secret of ours."""
        command = (sys.executable, "-S", "-s", "-B", "-m", self._module, str(os.getpid()))
        environment = {"PYTHONPATH": os.pathsep.join(map(str, self._path))}
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env=environment
        )


async def _emptied(child: Process) -> None:
    """What it told has to end, too: with half a reply unread, nobody would ever be told that the child has."""
    with suppress(OSError):
        while child.stdout is not None and await child.stdout.read(_BLOCK):
            pass


async def _ended(child: Process) -> int:
    """What it ended with. One that says no more is about to end: to kill it would hide of what it died."""
    says_no_more = child.stdout is not None and child.stdout.at_eof()
    try:
        async with asyncio.timeout(_ENDS_WITHIN if says_no_more else 0):
            return await child.wait()
    except TimeoutError:
        if child.returncode is None:
            child.kill()
        await _emptied(child)
        return await child.wait()


async def _exchange(child: Process, wanted: Mapping[str, object], payload: tuple[bytes, ...]) -> Mapping[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    for piece in _pieces(wanted, payload):
        child.stdin.write(piece)
        await child.stdin.drain()
    header_size, payload_size = frames.PREFIX.unpack(await child.stdout.readexactly(frames.PREFIX.size))
    if header_size > _REPLY_MAX or payload_size:
        raise ValueError("the child's reply is no reply")
    reply: Mapping[str, Any] = json.loads(await child.stdout.readexactly(header_size))
    return reply


def _pieces(wanted: Mapping[str, object], payload: tuple[bytes, ...]) -> Iterator[bytes]:
    """A request, in one piece unless it is large."""
    size = sum(map(len, payload))
    begin = frames.pack(wanted, size)
    if size <= _BLOCK:
        yield b"".join((begin, *payload))
        return
    yield begin
    for octets in payload:
        for start in range(0, len(octets), _BLOCK):
            yield octets[start : start + _BLOCK]
