"""The control socket: a command asks the running server to do the work.

`DIR/control.sock` (mode 0600) takes one line, {"question": NAME, "arguments": {...}}, and answers with lines:
{"row": ...} for each row, then {"end": true}, or {"fault": SENTENCE}. Only the user who runs the server gets that far.
A process that has only some of the doors listens on `DIR/control-DOORS.sock`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.house import House

LONGEST_LINE = 1 << 20
PATIENCE = 10.0
"""Seconds in which a question must have been asked."""

Row = Mapping[str, Any]
Answer = Callable[["House", Row], AsyncIterator[Row]]
"""What answers a question: rows, each ready for JSON. It raises Fault for what the person who asked can mend."""

log = logging.getLogger("iconet.control")


def socket_name(part: str) -> str:
    """The name of the socket of a process that has these doors."""
    return f"control-{part}.sock" if part else "control.sock"


class NoServer(Exception):  # noqa: N818 - not an error: the command then opens the store itself
    """Nobody listens on the control socket."""


class Control:
    """The server's end."""

    def __init__(self, house: House, answers: Mapping[str, Answer]) -> None:
        self._house = house
        self._answers = answers
        self._path = house.settings.data / socket_name(house.part)
        self._server: asyncio.Server | None = None
        self._asking: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen. The caller holds DIR/lock, so a socket that is already there is a dead server's."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, sock=bound(self._path), limit=LONGEST_LINE)

    async def stop(self) -> None:
        """Stop listening and break off what is being answered."""
        self._path.unlink(missing_ok=True)
        if self._server:
            self._server.close()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._asking.add(task)
        try:
            async for line in self._lines(reader):
                writer.write(json.dumps(line).encode() + b"\n")
                await writer.drain()
        except OSError:
            log.debug("asker-left")
        finally:
            self._asking.discard(task)
            writer.close()

    async def _lines(self, reader: asyncio.StreamReader) -> AsyncIterator[Row]:
        try:
            async with asyncio.timeout(PATIENCE):
                question = _question(await reader.readline())
            answer = chosen(self._answers, question["question"])
            async for row in answer(self._house, question["arguments"]):
                yield {"row": row}
            yield {"end": True}
        except Fault as fault:
            yield {"fault": str(fault)}
        except OSError:
            raise
        except Exception:
            log.exception("answer-failed")
            yield {"fault": "internal error; the server's log has it"}


def chosen(answers: Mapping[str, Answer], question: str) -> Answer:
    """Who answers `question`; raises Fault when nobody does."""
    if question not in answers:
        raise Fault(f"nobody here answers {question!r}")
    return answers[question]


def _question(line: bytes) -> dict[str, Any]:
    try:
        question = json.loads(line)
    except ValueError as error:
        raise Fault("the question is not one line of JSON") from error
    if not isinstance(question, dict) or not isinstance(question.get("arguments"), dict) or "question" not in question:
        raise Fault("the question has no name or no arguments")
    return question


async def ask_server(directory: Path, question: str, arguments: Row) -> AsyncIterator[Row]:
    """The rows of the running server's answer. Raises NoServer, or Fault when the server says so."""
    async for row in _answered(await _connected(directory), directory, question, arguments):
        yield row


async def ask_one(path: Path, question: str, arguments: Row) -> AsyncIterator[Row]:
    """The same of the process with this socket."""
    async for row in _answered(await _connected_to(path), path, question, arguments):
        yield row


def others(directory: Path, part: str) -> list[Path]:
    """The sockets of the processes that serve a directory besides this one."""
    return [path for path in _sockets(directory) if path.name != socket_name(part)]


async def _answered(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], place: Path, question: str, arguments: Row
) -> AsyncIterator[Row]:
    reader, writer = connection
    try:
        writer.write(json.dumps({"question": question, "arguments": arguments}).encode() + b"\n")
        async for line in reader:
            answer = json.loads(line)
            if "row" not in answer:
                break
            yield answer["row"]
        else:
            raise Fault(f"{place}: the server stopped while it answered")
        if "fault" in answer:
            raise Fault(answer["fault"])
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connected(directory: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To any process that serves this directory: on one store they all answer alike. Raises NoServer."""
    for path in _sockets(directory):
        with suppress(NoServer):
            return await _connected_to(path)
    return await _connected_to(directory / socket_name(""))


def _sockets(directory: Path) -> list[Path]:
    return sorted(directory.glob(socket_name("*")))


async def _connected_to(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connection = socket.socket(socket.AF_UNIX)
    try:
        with short_path(path) as short:
            connection.connect(short)
    except OSError as error:
        connection.close()
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            raise NoServer from error
        raise Fault(f"{path}: {error.strerror}") from error
    connection.settimeout(0)
    return await asyncio.open_unix_connection(sock=connection, limit=LONGEST_LINE)


def bound(path: Path) -> socket.socket:
    """A socket of that name, for this user alone; listening is the caller's."""
    made = socket.socket(socket.AF_UNIX)
    os.fchmod(made.fileno(), 0o600)  # bind(2) takes the mode over, so nobody gets in between
    with short_path(path) as name:
        made.bind(name)
    return made


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name of a socket for bind and connect, which take 107 bytes at most (unix(7))."""
    handle = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)
