"""Clients' lines, broken at random: the grammar answers each with a command or `BadCommand`, and soon."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from own_time import at_most

from connectors.imap.commands import Command
from connectors.imap.grammar import BadCommand, parse
from connectors.imap.line import Line, Upload
from connectors.imap.mailbox import decode, encode

SEEDS = Path(__file__).parent.joinpath("seeds", "imap_lines.txt").read_bytes().replace(b"{LITERAL}", b"\0").splitlines()
PIECES = (
    *(bytes([octet]) for octet in b'()"\\ {}&*%:,[]<>.+-=~\0\xff\r\t'),
    *(b"NOT ", b"OR ", b"0", b"99999999999", b"NIL", b"&AP-", b"&-", b" RETURN (", b"UID ", b"BODY[", b"\xc3\xbc"),
)
MUTANTS = 200_000
WORST_SECONDS = 0.05


def mutate(rng: random.Random, line: bytearray) -> None:
    at = rng.randrange(len(line) + 1)
    match rng.randrange(5):
        case 0:
            line[at:at] = rng.choice(PIECES)
        case 1:
            del line[at : at + rng.randint(1, 4)]
        case 2:
            line[at:at] = line[at : at + 40] * rng.choice((1, 1, 1, 20))
        case 3:
            other = rng.choice(SEEDS)
            line[at:] = other[rng.randrange(len(other)) :]
        case _:
            line[at : at + 1] = bytes([rng.randrange(256)])


def answer(line: Line) -> Command | BadCommand:
    try:
        return parse(line)
    except BadCommand as refusal:
        return refusal


def test_no_mutant_raises_or_lingers() -> None:
    rng = random.Random(9051)
    upload = Upload(0)
    literals = (b"", b"INBOX", b"\xff\xfe", b"a\0b", b"&APw", upload)
    understood = 0
    for _ in range(MUTANTS):
        text = bytearray(rng.choice(SEEDS))
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            mutate(rng, text)
        line = Line(bytes(text), tuple(rng.choices(literals, k=rng.randrange(4))))
        result = at_most(WORST_SECONDS, partial(answer, line))
        understood += isinstance(result, Command)
    upload.close()
    assert MUTANTS // 100 < understood < MUTANTS  # the mutants reach into the rules, and break them


@given(st.binary(max_size=300), st.lists(st.binary(max_size=20), max_size=3))
@settings(max_examples=500, deadline=None)
def test_any_octets_get_an_answer(octets: bytes, literals: list[bytes]) -> None:
    result = answer(Line(octets, tuple(literals)))
    assert result.tag


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_a_name_that_is_read_can_be_written_and_read_again(octets: bytes) -> None:
    try:
        name = decode(octets)
    except BadCommand:
        return
    assert len(encode(name)) > 1000 or decode(encode(name)) == name
