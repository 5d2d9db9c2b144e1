"""The wire's reading half: octets in, whole command lines with their literals out (RFC 9051 4.3, RFC 7888)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from connectors.imap.limits import (
    MAX_COMMAND,
    MAX_DIGITS,
    MAX_LINE,
    MAX_LITERAL,
    MAX_LITERALS,
    MAX_MESSAGE,
    MAX_UNASKED_BEFORE_LOGIN,
)
from connectors.imap.line import IN_MEMORY, MARK, Line, Upload, tag_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CHUNK = 16 << 10
BLOCK = 64 << 10
"""Octets of a message that are written to its file at a time."""
ANNOUNCEMENT = re.compile(rb"\{([0-9]++)(\+?)\}")
BEFORE_MESSAGE = re.compile(
    rb"[^ ]++ APPEND "
    rb'(?:\x00|"(?:[^"\\]++|\\.)*+"|[^ ("\x00]++) '  # mailbox
    rb'(?:\([^()\x00]*+\) )?(?:"[^"\x00]*+" )?',  # flags, date
    re.IGNORECASE,
)
"""What stands before the literal that is an APPEND's message (RFC 9051 9, append)."""


class Source(Protocol):
    """Where octets come from; an `asyncio.StreamReader` is one."""

    async def read(self, n: int, /) -> bytes:
        """Up to `n` octets as soon as there are some; none at the end."""


class Hangup(Exception):  # noqa: N818 - what the front must do, not what went wrong
    """Nothing more can be understood from this client: answer `* BYE text` and close."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class TooBig(Exception):  # noqa: N818 - named as the response code
    """A literal was announced that is too big, and hasn't been sent: answer `tag NO [TOOBIG]` and read on."""

    def __init__(self, tag: bytes) -> None:
        super().__init__("Literal too big")
        self.tag = tag


@dataclass(frozen=True, slots=True)
class _Announced:
    """A literal to come: `size` octets, and whether the client `waits` to be invited."""

    size: int
    waits: bool


@dataclass(slots=True)
class _Draft:
    """A command as far as it has been read; `octets` counts text and small literals."""

    text: bytearray = field(default_factory=bytearray)
    literals: list[bytes | Upload] = field(default_factory=list)
    octets: int = 0

    def add_text(self, line: bytes) -> _Announced | None:
        """Put a line at the end; the literal that it announces is cut off and returned."""
        self.count(len(line))
        start = line.rfind(b"{") if line.endswith(b"}") else -1
        match = ANNOUNCEMENT.fullmatch(line, start) if start >= 0 else None
        self.text += line[:start] if match else line
        return _announced(match) if match else None

    def add_literal(self, literal: bytes | Upload) -> None:
        """Put a literal at the end."""
        self.text.append(MARK)
        self.literals.append(literal)

    def count(self, octets: int) -> None:
        """Let the command grow, up to `MAX_COMMAND`."""
        self.octets += octets
        if self.octets > MAX_COMMAND:
            raise Hangup("Command too long")


def _announced(match: re.Match[bytes]) -> _Announced:
    digits = match[1].lstrip(b"0") or b"0"
    return _Announced(int(digits) if len(digits) <= MAX_DIGITS else MAX_MESSAGE + 1, waits=not match[2])


class CommandReader:
    """Reads one client's commands; holds at most `MAX_LINE` + `CHUNK` octets of what isn't a command yet.

    `invite` sends `+ ...` and makes sure that it leaves. Set `logged_in` after login: only then may a message be
    sent, up to `MAX_MESSAGE`, and only then a literal of more than 4096 octets unasked (RFC 7888: LITERAL- before
    login, LITERAL+ after). At the end of the stream: `EOFError`. Deadlines are the caller's: `asyncio.timeout`.
    """

    def __init__(self, source: Source, invite: Callable[[], Awaitable[None]]) -> None:
        self.logged_in = False
        self._source = source
        self._invite = invite
        self._buffer = bytearray()
        self._uploads: list[Upload] = []

    async def next(self) -> Line:
        """The next command. Closes the message of the one before. `Hangup`, `TooBig`, `EOFError`."""
        self.close()
        draft = _Draft()
        while (announced := draft.add_text(await self._line())) is not None:
            draft.add_literal(await self._literal(draft, announced))
        return Line(bytes(draft.text), tuple(draft.literals))

    async def continuation(self) -> bytes:
        """A line that is no command: the answer to a `+`. May be cancelled without loss. `Hangup`, `EOFError`."""
        return await self._line()

    def close(self) -> None:
        """Give back the files of messages."""
        while self._uploads:
            self._uploads.pop().close()

    async def _line(self) -> bytes:
        """One line without its end, which is CRLF or a bare LF."""
        scanned = 0
        while (end := self._buffer.find(b"\n", scanned, MAX_LINE + 2)) < 0:
            if len(self._buffer) > MAX_LINE + 1:
                raise Hangup("Line too long")
            scanned = len(self._buffer)
            await self._fill()
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        if MARK in line:  # RFC 9051 9: CHAR and TEXT-CHAR have no NUL
            raise Hangup("NUL in command")
        return line

    async def _fill(self) -> None:
        chunk = await self._source.read(CHUNK)
        if not chunk:
            raise EOFError
        self._buffer += chunk

    async def _literal(self, draft: _Draft, announced: _Announced) -> bytes | Upload:
        is_message = self.logged_in and BEFORE_MESSAGE.fullmatch(draft.text) is not None
        self._check(draft, announced, MAX_MESSAGE if is_message else MAX_LITERAL)
        if not is_message:
            draft.count(announced.size)
        if announced.waits:
            await self._invite()
        return await (self._message(announced.size) if is_message else self._exactly(announced.size))

    def _check(self, draft: _Draft, announced: _Announced, most: int) -> None:
        """Refuse what is too big: politely if it hasn't been sent yet (RFC 7888 4)."""
        if announced.size > most or len(draft.literals) == MAX_LITERALS:
            raise TooBig(tag_of(draft.text)) if announced.waits else Hangup("Literal too big")
        if not (announced.waits or self.logged_in or announced.size <= MAX_UNASKED_BEFORE_LOGIN):
            raise Hangup("Literal too big")

    async def _message(self, size: int) -> Upload:
        upload = Upload(size)
        self._uploads.append(upload)
        for start in range(0, size, BLOCK):
            block = await self._exactly(min(BLOCK, size - start))
            if size > IN_MEMORY:
                await asyncio.to_thread(upload.add, block)
            else:
                upload.add(block)
        return upload

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._fill()
        block = bytes(self._buffer[:size])
        del self._buffer[:size]
        return block
