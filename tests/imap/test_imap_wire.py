from __future__ import annotations

import asyncio
import time
import tracemalloc
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.imap.commands import Append
from connectors.imap.grammar import parse
from connectors.imap.limits import MAX_LINE, MAX_LITERAL, MAX_LITERALS, MAX_MESSAGE
from connectors.imap.line import IN_MEMORY, Line, Upload
from connectors.imap.wire import CommandReader, Hangup, TooBig

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Wire:
    """Octets that come in the given portions, and the invitations that were sent."""

    portions: list[bytes]
    invited: list[int] = field(default_factory=list)

    async def read(self, n: int, /) -> bytes:
        if not self.portions:
            return b""
        first = self.portions.pop(0)
        if len(first) > n:
            self.portions.insert(0, first[n:])
        return first[:n]

    async def invite(self) -> None:
        self.invited.append(sum(map(len, self.portions)))


def reader(*portions: bytes, logged_in: bool = False) -> tuple[CommandReader, Wire]:
    wire = Wire([portion for portion in portions if portion])
    found = CommandReader(wire, wire.invite)
    found.logged_in = logged_in
    return found, wire


async def test_lines_come_one_by_one() -> None:
    commands, _ = reader(b"a NOOP\r\nb NO", b"OP\r", b"\nc NOOP\n")
    assert [await commands.next() for _ in range(3)] == [Line(b"a NOOP"), Line(b"b NOOP"), Line(b"c NOOP")]
    with pytest.raises(EOFError):
        await commands.next()


async def test_a_waiting_literal_is_invited_and_the_other_is_not() -> None:
    commands, wire = reader(b"a LOGIN {4}\r\nanna {2+}\r\npw\r\nb NOOP\r\n")
    assert await commands.next() == Line(b"a LOGIN \0 \0", (b"anna", b"pw"))
    assert len(wire.invited) == 1
    assert await commands.next() == Line(b"b NOOP")


@given(st.integers(1, 40), st.binary(max_size=60).filter(lambda octets: b"\0" not in octets))
async def test_portions_make_no_difference(size: int, literal: bytes) -> None:
    stream = b"a LOGIN {%d+}\r\n%b {1+}\r\nx\r\nb NOOP\r\n" % (len(literal), literal)
    commands, _ = reader(*(stream[at : at + size] for at in range(0, len(stream), size)))
    assert await commands.next() == Line(b"a LOGIN \0 \0", (literal, b"x"))
    assert await commands.next() == Line(b"b NOOP")


async def test_a_stream_reader_is_a_source() -> None:
    stream, wire = asyncio.StreamReader(), Wire([])
    stream.feed_data(b"a NOOP\r\nDONE\r\n")
    commands = CommandReader(stream, wire.invite)
    assert await commands.next() == Line(b"a NOOP")
    assert await commands.continuation() == b"DONE"


@dataclass
class Halting:
    """Sends half a line, then halts until it is told to go on."""

    halted: asyncio.Event = field(default_factory=asyncio.Event)
    going: asyncio.Event = field(default_factory=asyncio.Event)
    sent: bool = False

    async def read(self, _: int, /) -> bytes:
        if self.sent:
            self.halted.set()
            await self.going.wait()
            return b"NE\r\n"
        self.sent = True
        return b"DO"


async def test_a_cancelled_continuation_loses_nothing() -> None:
    source = Halting()
    commands = CommandReader(source, Wire([]).invite)
    waiting = asyncio.create_task(commands.continuation())
    await source.halted.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    source.going.set()
    assert await commands.continuation() == b"DONE"


@pytest.mark.parametrize("size", [0, 3, IN_MEMORY, IN_MEMORY + 1, 1_000_000])
async def test_a_message_is_read_after_login(size: int) -> None:
    content = bytes(range(1, 251)) * (size // 250 + 1)
    commands, wire = reader(
        b'a APPEND "Sent" (\\Seen) {%d}\r\n' % size, content[:size], b"\r\nb NOOP\r\n", logged_in=True
    )
    line = await commands.next()
    command = parse(line)
    assert isinstance(command, Append)
    assert (command.message.size, command.message.read()) == (size, content[:size])
    assert len(wire.invited) == 1
    assert await commands.next() == Line(b"b NOOP")
    assert command.message.file.closed


async def test_a_large_message_is_not_held_in_memory() -> None:
    portions = [b"a APPEND Sent {%d+}\r\n" % (4 << 20), *[b"x" * (64 << 10)] * 64, b"\r\n"]
    commands, _ = reader(*portions, logged_in=True)
    tracemalloc.start()
    await commands.next()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    commands.close()
    assert peak < 1 << 20


@pytest.mark.parametrize(
    "start", [b"a APPEND {5+}\r\nDraft ", b"a append Sent () ", b'a APPEND "a b" "01-Jan-2020 00:00:00 +0000" ']
)
async def test_the_message_is_told_from_the_name(start: bytes) -> None:
    commands, _ = reader(start + b"{9000+}\r\n" + b"x" * 9000 + b"\r\n", logged_in=True)
    assert isinstance((await commands.next()).literals[-1], Upload)
    commands.close()


@pytest.mark.parametrize(
    ("announcement", "logged_in"),
    [
        (b"a APPEND Sent {%d}" % (MAX_MESSAGE + 1), True),
        (b"a APPEND Sent {99999999999999999999}", True),
        (b"a APPEND Sent {%d}" % (MAX_LITERAL + 1), False),
        (b"a APPEND {%d}" % (MAX_LITERAL + 1), True),
        (b"a SELECT {%d}" % (MAX_LITERAL + 1), True),
    ],
)
async def test_what_is_too_big_is_not_invited(announcement: bytes, *, logged_in: bool) -> None:
    commands, wire = reader(announcement + b"\r\nb NOOP\r\n", logged_in=logged_in)
    with pytest.raises(TooBig) as refusal:
        await commands.next()
    assert refusal.value.tag == b"a"
    assert wire.invited == []
    assert await commands.next() == Line(b"b NOOP")


@pytest.mark.parametrize(
    ("octets", "logged_in"),
    [
        (b"a APPEND Sent {%d+}\r\n" % (MAX_MESSAGE + 1), True),
        (b"a LOGIN {4097+}\r\n", False),
        (b"a LOGIN {8193+}\r\n", True),
        (b"a NOOP\0\r\n", True),
        (b"a SEARCH " + b"x" * MAX_LINE + b"\r\n", True),
        (b"x" * (MAX_LINE * 20), False),
        (b"a SEARCH" + (b" SUBJECT {8000+}\r\n" + b"x" * 8000) * 17, True),
        (b"a SEARCH" + b" SUBJECT {1+}\r\nx" * (MAX_LITERALS + 1), True),
    ],
)
async def test_what_cannot_be_skipped_ends_it(octets: bytes, *, logged_in: bool) -> None:
    commands, _ = reader(octets, logged_in=logged_in)
    with pytest.raises(Hangup):
        await commands.next()


async def test_the_longest_line_is_read() -> None:
    text = b"a " + b"x" * (MAX_LINE - 2)
    commands, _ = reader(text + b"\r\n")
    assert await commands.next() == Line(text)


@dataclass
class Bomb:
    """A line without an end."""

    portion: int

    async def read(self, n: int, /) -> bytes:
        return b"x" * min(n, self.portion)


@pytest.mark.parametrize("portion", [1 << 20, 4096, 100])
async def test_a_line_bomb_holds_little(portion: int) -> None:
    commands = CommandReader(Bomb(portion), Wire([]).invite)
    tracemalloc.start()
    with pytest.raises(Hangup):
        await commands.next()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 << 10


@pytest.mark.parametrize("portion", [1 << 20, 4096, 100])
async def test_a_line_bomb_stalls_nobody(portion: int) -> None:
    seconds = []
    for _ in range(3):  # the fastest counts: a collection of the test's own objects isn't the reader's time
        commands = CommandReader(Bomb(portion), Wire([]).invite)
        start = time.thread_time()
        with pytest.raises(Hangup):
            await commands.next()
        seconds.append(time.thread_time() - start)
    assert min(seconds) < 0.005
