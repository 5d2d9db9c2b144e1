"""Text extraction at arm's length: a child process decodes bodies, so that a hostile one costs at most that child."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groupware.message import frames
from groupware.message.text import NOT_SHOWN, Attachment, Display

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANSWER_WITHIN = 5.0
"""Seconds of wall time for one message; then the child is killed."""
REQUEST_MAX = 64 * 1024 * 1024
"""Octets of a message that the child is asked about."""
_BLOCK = 256 * 1024
"""Octets handed to the child at a time; one write of a whole message would copy it on the event loop."""
_REPLY_MAX = 16 * 1024 * 1024
_ROOT = Path(__file__).parents[2]


class Parser:
    """One child, started when first needed and again after it died; requests wait for their turn.

    Start it from the main thread: the kernel kills the child when the *thread* that started it ends.
    """

    def __init__(self, answer_within: float = ANSWER_WITHIN) -> None:
        self._answer_within = answer_within
        self._turn = asyncio.Lock()
        self._child: Process | None = None

    async def display(self, raw_head: bytes, body: bytes) -> Display:
        """What a page shows of a message; `NOT_SHOWN` where the child failed or took too long."""
        reply = await self._ask(frames.DISPLAY, raw_head, body)
        return _display(reply) if reply else NOT_SHOWN

    async def rich(self, raw_head: bytes, body: bytes) -> str:
        """Its HTML as a Matrix room may show it; empty without, and where the child failed or took too long."""
        reply = await self._ask(frames.RICH, raw_head, body)
        return str(reply["html"]) if reply else ""

    async def search_text(self, raw_head: bytes, body: bytes) -> tuple[str, str]:
        """Folded words of header and body; both empty where the child failed or took too long."""
        reply = await self._ask(frames.SEARCH_TEXT, raw_head, body)
        return (str(reply["header"]), str(reply["body"])) if reply else ("", "")

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._end()

    async def _ask(self, want: str, *octets: bytes) -> Mapping[str, Any] | None:
        """The child's reply; None after a crash or time-out, with the child gone."""
        if sum(map(len, octets)) > REQUEST_MAX:
            return None
        async with self._turn:
            answered = False
            try:
                async with asyncio.timeout(self._answer_within):
                    reply = await _exchange(await self._running(), want, octets)
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
            self._child = await _start()
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _start() -> Process:
    """The child sees no environment but its module path, so no secret of ours."""
    command = (sys.executable, "-S", "-s", "-B", "-m", "groupware.message.worker", str(os.getpid()))
    environment = {"PYTHONPATH": str(_ROOT)}
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env=environment
    )


async def _exchange(child: Process, want: str, payload: tuple[bytes, ...]) -> Mapping[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    for piece in _pieces(want, payload):
        child.stdin.write(piece)
        await child.stdin.drain()
    header_size, payload_size = frames.PREFIX.unpack(await child.stdout.readexactly(frames.PREFIX.size))
    if header_size > _REPLY_MAX or payload_size:
        raise ValueError("the child's reply is no reply")
    reply: Mapping[str, Any] = json.loads(await child.stdout.readexactly(header_size))
    return reply


def _pieces(want: str, payload: tuple[bytes, ...]) -> Iterator[bytes]:
    """A request, in one piece unless it is large."""
    size = sum(map(len, payload))
    begin = frames.pack({"want": want}, size)
    if size <= _BLOCK:
        yield b"".join((begin, *payload))
        return
    yield begin
    for octets in payload:
        for start in range(0, len(octets), _BLOCK):
            yield octets[start : start + _BLOCK]


def _display(reply: Mapping[str, Any]) -> Display:
    attachments = tuple(Attachment(**attachment) for attachment in reply["attachments"])
    return Display(**{**reply, "attachments": attachments})
