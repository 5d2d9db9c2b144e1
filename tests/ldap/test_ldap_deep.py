"""Deeper than one request: mutants of real messages, pages over a directory that changes, and ten thousand clients."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ldap_world import BASE, Wire, World, all_of, any_of, bind, code_of, control, equal, none_of, opened, pieces, search

from connectors.ldap import ber, message
from connectors.ldap.ber import BadBer
from connectors.ldap.caps import Caps
from connectors.ldap.codes import NOTICE_OF_DISCONNECTION, PAGED_RESULTS, WHO_AM_I, Code, Op
from directory import officials
from directory.officials import Official

if TYPE_CHECKING:
    from conftest import Place

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
MUTANTS, LAST = 400, 99
CLIENTS, PLACES, AT_ONCE = 10_000, 60, 250
TYPED = all_of(
    equal("objectClass", "inetOrgPerson"), any_of(pieces("cn", (0, "a"), (1, "n")), none_of(equal("mail", "x")))
)
"""What an address book asks while somebody types."""


def seeds() -> list[bytes]:
    """The contents of whole messages, of each kind that clients send."""
    pages = control(PAGED_RESULTS, ber.sequence(ber.integer(3), ber.string("")))
    ops = (
        search(TYPED, attributes=["cn", "mail", "+"], size=5),
        bind(f"uid=anna,{BASE}", "x" * 24),
        ber.tlv(Op.COMPARE, ber.string(f"uid=anna,{BASE}") + ber.sequence(ber.string("cn"), ber.string("Anna"))),
        ber.tlv(Op.EXTENDED, ber.tlv(0x80, WHO_AM_I.encode())),
        ber.integer(3, Op.ABANDON),
        ber.tlv(Op.DELETE, f"uid=anna,{BASE}".encode()),
    )
    return [ber.integer(7) + op for op in ops] + [ber.integer(7) + ops[0] + ber.tlv(0xA0, pages)]


def mutated(dice: random.Random, octets: bytes) -> bytes:
    """One to four places of it otherwise: a bit, a length, a piece doubled, moved, gone or made of noise."""
    made = bytearray(octets)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(made) + 1)
        piece = made[at : at + dice.randint(1, 12)]
        how = dice.randrange(6)
        if how == 0 and at < len(made):
            made[at] ^= 1 << dice.randrange(8)
        elif how == 1 and at < len(made):
            made[at] = dice.choice((0, 0x7F, 0x80, 0x81, 0x84, 0xFF))
        elif how == 2:
            made[at:at] = piece * dice.randint(1, 20)
        elif how == 3:
            del made[at : at + len(piece)]
        elif how == 4:
            made[at:at] = dice.randbytes(dice.randint(1, 8))
        else:
            made += piece
    return bytes(made)


def says_goodbye(octets: bytes) -> bool:
    """Whether a mutant is an Unbind, which has no answer (RFC 4511 4.3)."""
    with contextlib.suppress(BadBer):
        return message.read(ber.tlv(ber.SEQUENCE, octets)).op == Op.UNBIND
    return False


async def outcome(wire: Wire) -> bool:
    """Read until the last request is answered, or the connection is ended: by a Notice, and by nothing less."""
    while (each := await wire.next()) is not None:
        if each.id == LAST and each.op == Op.SEARCH_DONE:
            return True
        if each.id == 0:
            names = [each.octets[a:b] for tag, a, b in ber.elements(each.octets, each.start, each.stop) if tag == 0x8A]
            assert (names, code_of(each)) == ([NOTICE_OF_DISCONNECTION.encode()], Code.PROTOCOL_ERROR)
            assert await wire.end() == []
            return False
        assert each.id not in (0, LAST) or each.op == Op.ENTRY
    raise AssertionError("closed without a word")


@pytest.mark.parametrize("seed", range(2))
async def test_mutants_are_answered_or_told_goodbye(world: World, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    dice, wire, ended = random.Random(seed), await world.wire("anna"), 0
    for _ in range(MUTANTS):
        if says_goodbye(octets := mutated(dice, dice.choice(seeds()))):
            continue
        wire.writer.write(ber.tlv(ber.SEQUENCE, octets))
        wire.send(search(equal("uid", "anna"), attributes=["1.1"]), number=LAST)
        if not await outcome(wire):
            ended += 1
            await wire.close()
            wire = await world.wire("anna")
    assert 0 < ended < MUTANTS
    assert [each for each in caplog.records if each.levelno >= logging.WARNING or each.exc_info] == []


async def _page(wire: Wire, size: int, cookie: bytes) -> tuple[list[str], bytes]:
    value = ber.sequence(ber.integer(size), ber.string(cookie))
    answer = await wire.search(search(pieces("uid", (0, "p")), attributes=["1.1"]), control(PAGED_RESULTS, value))
    assert answer.code == Code.SUCCESS
    assert answer.done is not None
    told = answer.done.controls[0].value
    (_, _, _), (_, start, stop) = ber.elements(told, *ber.of_tag(ber.SEQUENCE, told, 0, len(told)))
    return answer.names, told[start:stop]


async def test_pages_of_what_changes_between_them(world: World) -> None:
    """Who is seen all the time is shown once, who goes out of sight between pages isn't shown after that."""
    numbers: dict[str, int] = {}

    def add(tx: Tx, *logins: str) -> None:
        home = officials.get(tx.connection, world.town.people["anna"]).unit
        for login in logins:
            new = Official(0, login, f"{login}@iconet.test", login.title(), 0, home)
            numbers[login] = officials.add(tx.connection, new)

    def change(tx: Tx, login: str, **to: object) -> None:
        changed = replace(officials.get(tx.connection, numbers[login]), **to)  # type: ignore[arg-type] # by name
        officials.change(tx.connection, changed)

    run = world.groupware.store.run
    await run(lambda tx: add(tx, *[f"p{number:02}" for number in range(12)]))
    wire, found, cookie = await world.wire("bruno"), list[str](), b""
    acts = [
        lambda tx: change(tx, "p11", listed=False),
        lambda tx: change(tx, "p00", listed=False),
        lambda tx: add(tx, "p98", "p99"),
        lambda tx: officials.suspend(tx.connection, numbers["p10"]),
        lambda tx: change(tx, "p00", listed=True),
    ]
    while True:
        names, cookie = await _page(wire, 2, cookie)
        found += names
        if not cookie:
            break
        if acts:
            await run(acts.pop(0))
    assert acts == []
    assert len(found) == len(set(found))
    always = {f"uid=p{number:02},{BASE}" for number in range(1, 10)}
    assert always <= {*found}
    assert {f"uid={gone},{BASE}" for gone in ("p10", "p11")}.isdisjoint(found)


async def test_a_search_is_given_up_while_its_pages_are_read(world: World) -> None:
    """Abandon in the middle: the pages before it stay good, and the next request is answered."""
    wire = await world.wire("anna")
    number = wire.send(search(pieces("uid", (0, "p"))))
    wire.send(ber.integer(number, Op.ABANDON))
    wire.send(ber.integer(4711, Op.ABANDON))
    wire.send(search(equal("uid", "anna"), attributes=["1.1"]), number=LAST)
    assert await outcome(wire)


async def test_ten_thousand_clients_have_their_places_and_no_more(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(connections=PLACES, of_one_network=CLIENTS)) as world:
        kept = [await world.clear_wire() for _ in range(PLACES)]
        for wire in kept:
            assert await wire.bind("", "") == Code.SUCCESS
        for _ in range(CLIENTS // AT_ONCE):
            for wire in await asyncio.gather(*(world.clear_wire() for _ in range(AT_ONCE))):
                told = await wire.end()
                assert [(each.id, code_of(each)) for each in told] == [(0, Code.BUSY)]
                await wire.close()
            assert len(world.door._sessions) <= PLACES
        for wire in kept:
            assert await wire.bind("", "") == Code.SUCCESS
            await wire.close()
        async with asyncio.timeout(10):
            while code_of(await (again := await world.clear_wire()).ask(bind("", ""))) == Code.BUSY:
                await again.close()
