"""Whole sessions of random commands, good and broken: each gets an answer, none gets a fault, the door stays open."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

sys.path.insert(0, str(Path(__file__).parents[1] / "imap"))

from imap_world import World, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place
    from imap_world import Wire

FOLDERS = some.sampled_from(
    [b"INBOX", b"Sent", b"Trash", b"Areas/return", b"Areas/liaison", b"nowhere", b'"&APw"', b"inbox"]
)
SETS = some.sampled_from([b"1", b"1:*", b"*", b"2:1", b"1,3:4,9", b"4294967295", b"0", b"*:5", b"7:", b"1:3"])
ITEMS = some.sampled_from(
    [
        b"ALL",
        b"FULL",
        b"UID",
        b"FLAGS",
        b"(UID FLAGS)",
        b"BODY[]",
        b"BODY.PEEK[]<5.7>",
        b"BODY.PEEK[1.2.MIME]",
        b"RFC822",
        b"(ENVELOPE BODYSTRUCTURE BODY INTERNALDATE RFC822.SIZE)",
        b"BODY[HEADER.FIELDS (To %d Subject)]",
        b"MODSEQ",
        b"BODY[TEXT]<0.0>",
        b"BODY[HEADER.FIELDS.NOT (x)]",
        b"BODY[1]",
        b"BODY.PEEK[2.HEADER]",
    ]
)
KEYS = some.sampled_from(
    [
        b"ALL",
        b"UNSEEN",
        b"SUBJECT a",
        b'TEXT "canary"',
        b"NOT DELETED",
        b"OR SEEN FLAGGED",
        b"(LARGER 1 SMALLER 900)",
        b"SINCE 1-Jan-2020",
        b"HEADER x-y z",
        b"UID 1:*",
        b"1:*",
        b"KEYWORD what",
        b"YOUNGER 9",
        b'BODY ""',
        b"MODSEQ 1",
        b"CHARSET utf-16 TEXT x",
        b"SENTON 1-Jan-1970",
        b'TEXT "a b\\"c"',
        b"RETURN (MIN COUNT) ALL",
        b"RETURN () NOT ALL",
    ]
)
FLAGS = some.sampled_from([b"(\\Seen)", b"(\\Deleted)", b"\\Flagged $Junk", b"()", b"(unknown)", b"(\\Recent)"])
BY_NUMBER = some.one_of(
    some.tuples(some.just(b"FETCH"), SETS, ITEMS),
    some.tuples(some.just(b"STORE"), SETS, some.sampled_from([b"+FLAGS", b"-FLAGS.SILENT", b"FLAGS"]), FLAGS),
    some.tuples(some.sampled_from([b"COPY", b"MOVE"]), SETS, FOLDERS),
    some.tuples(some.just(b"SEARCH"), KEYS, KEYS),
    some.tuples(some.just(b"EXPUNGE"), SETS),
)
OTHERS = some.one_of(
    some.tuples(some.sampled_from([b"SELECT", b"EXAMINE", b"DELETE", b"SUBSCRIBE", b"CREATE"]), FOLDERS),
    some.tuples(some.sampled_from([b"NOOP", b"CHECK", b"CLOSE", b"UNSELECT", b"EXPUNGE", b"NAMESPACE", b"STARTTLS"])),
    some.tuples(some.just(b"STATUS"), FOLDERS, some.sampled_from([b"(MESSAGES SIZE)", b"(HIGHESTMODSEQ)", b"()"])),
    some.tuples(
        some.just(b'LIST ""'), some.sampled_from([b"*", b"%", b"(INBOX Areas/%) RETURN (STATUS (UNSEEN))", b'""'])
    ),
    some.tuples(
        some.just(b"APPEND"),
        FOLDERS,
        some.sampled_from([b"{3+}\r\nabc", b"(\\Seen) {9+}\r\nA: b\r\n\r\nc", b"{0+}\r\n"]),
    ),
    some.tuples(some.just(b"ENABLE"), some.sampled_from([b"CONDSTORE", b"UTF8=ACCEPT"])),
    some.tuples(some.binary(max_size=40).map(lambda octets: octets.translate(None, b"\r\n\0{}"))),
)
COMMANDS = some.lists(
    some.one_of(
        BY_NUMBER.map(b" ".join), BY_NUMBER.map(lambda words: b"UID " + b" ".join(words)), OTHERS.map(b" ".join)
    ),
    min_size=1,
    max_size=14,
)


class Faults(logging.Handler):
    """Whatever is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(f"{record.getMessage()} {record.exc_info}")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


async def session(world: World, commands: list[bytes]) -> None:
    client = await world.line_client("anna")
    for command in commands:
        if not await answered(client, command):
            break
    await client.close()
    other = await world.line_client("bruno")
    assert (await other.ask("NOOP"))[-1].endswith(b" OK Done")
    await other.close()


async def answered(client: Wire, command: bytes) -> bool:
    """Whether the conversation goes on; nothing but BYE ends it."""
    lines = await client.ask(command)
    if not lines[-1]:
        assert any(line.startswith(b"* BYE ") for line in lines), (command, lines)
        return False
    assert lines[-1].split()[1] in (b"OK", b"NO", b"BAD"), (command, lines[-1])
    assert b"SERVERBUG" not in lines[-1], (command, lines[-1])
    return True


def test_no_session_meets_a_fault(sqlite_place: Place, loop: asyncio.AbstractEventLoop) -> None:
    faults = Faults()
    logging.getLogger().addHandler(faults)
    opening = opened(sqlite_place)
    world = loop.run_until_complete(opening.__aenter__())
    for number in range(4):
        loop.run_until_complete(world.post("dora", f"post {number}", text="canary"))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(COMMANDS)
    def play(commands: list[bytes]) -> None:
        loop.run_until_complete(session(world, [b"SELECT Areas/return", *commands]))

    try:
        play()
    finally:
        loop.run_until_complete(opening.__aexit__(None, None, None))
        logging.getLogger().removeHandler(faults)
    assert faults.told == []
