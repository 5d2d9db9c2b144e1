"""Requests that come together, and in pieces: each is answered once, in its order, as it would be alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from ldap_world import BASE, Wire, World, code_of, control, crowded, equal, opened, present, search

from connectors.ldap import ber
from connectors.ldap.caps import Caps
from connectors.ldap.codes import MANAGE_DSA_IT, WHO_AM_I, Code, Op
from directory import officials

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

    from connectors.ldap.message import Message
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
MANY = 500
ANNA, EVERYBODY = equal("uid", "anna"), present("uid")
Told = tuple[int, int, bytes]


@pytest.fixture
async def world(place: Place) -> AsyncIterator[World]:
    async with opened(place) as made:
        await crowded(made, MANY)
        yield made


def requests() -> list[bytes]:
    """Plain searches between what isn't one: long, refused, with a control, and other operations."""
    others = [
        search(EVERYBODY),
        search(ANNA, "=,="),
        ber.tlv(Op.EXTENDED, ber.tlv(0x80, WHO_AM_I.encode())),
        search(ANNA, "ou=elsewhere"),
        ber.tlv(Op.COMPARE, ber.string(f"uid=anna,{BASE}") + ber.sequence(ber.string("uid"), ber.string("anna"))),
        ber.tlv(Op.DELETE, BASE.encode()),
        search(EVERYBODY, size=3),
    ]
    plain = [search(equal("uid", name), attributes=["cn"]) for name in ("anna", "bruno", "nobody")]
    return [op for other in others for op in (*plain, other)]


async def told(wire: Wire, last: int) -> list[Told]:
    """All that is answered until the last has been."""
    found: list[Message] = []
    while not found or found[-1].id != last or found[-1].op == Op.ENTRY:
        each = await wire.next()
        assert each is not None
        found.append(each)
    return [(each.id, each.op, each.octets[each.start : each.stop]) for each in found]


def framed() -> list[bytes]:
    return [ber.sequence(ber.integer(100 + place), op) for place, op in enumerate(requests())]


async def one_by_one(wire: Wire) -> list[Told]:
    found = []
    for place, octets in enumerate(framed()):
        wire.writer.write(octets)
        found += await told(wire, 100 + place)
    return found


async def test_together_they_are_answered_as_one_by_one(world: World) -> None:
    alone = await one_by_one(await world.wire("anna"))
    assert len([each for each in alone if each[1] == Op.ENTRY]) > MANY
    wire = await world.wire("anna")
    wire.writer.write(b"".join(framed()))
    assert await told(wire, alone[-1][0]) == alone


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
async def test_in_pieces_too(world: World, size: int) -> None:
    wire = await world.wire("anna")
    alone = await one_by_one(wire)
    octets = b"".join(framed())
    for start, end in pairwise([*range(0, len(octets), size), len(octets)]):
        wire.writer.write(octets[start:end])
        await wire.writer.drain()
        await asyncio.sleep(0)
    assert await told(wire, alone[-1][0]) == alone


async def test_what_makes_no_sense_ends_it_behind_what_came_with_it(world: World) -> None:
    wire = await world.wire("anna")
    good, bad = ber.sequence(ber.integer(7), search(ANNA)), ber.sequence(ber.integer(8), search(ANNA, scope=9))
    wire.writer.write(good + good + bad + good)
    found = await wire.end()
    assert [(each.id, each.op) for each in found] == [*[(7, Op.ENTRY), (7, Op.SEARCH_DONE)] * 2, (0, 0x78)]
    assert code_of(found[-1]) == Code.PROTOCOL_ERROR


async def test_a_control_isnt_overlooked_among_plain_searches(world: World) -> None:
    wire = await world.wire("anna")
    wire.send(search(ANNA))
    wire.send(search(ANNA), control(MANAGE_DSA_IT, critical=True))
    wire.send(search(ANNA), control("1.2.3.4", critical=True))
    codes = [(await wire.answer()).code for _ in range(3)]
    assert codes == [Code.SUCCESS, Code.SUCCESS, Code.UNAVAILABLE_CRITICAL_EXTENSION]


async def test_who_goes_on_asking_isnt_cut_off_as_silent(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(idle=0.3)) as world:
        wire = await world.wire("anna")
        until = asyncio.get_running_loop().time() + 1
        while asyncio.get_running_loop().time() < until:
            assert (await wire.search(search(ANNA))).code == Code.SUCCESS
        assert code_of((await wire.end())[-1]) == Code.UNAVAILABLE


async def test_what_is_hidden_is_hidden_from_the_very_next_search(world: World) -> None:
    wire = await world.wire("bruno")

    def turn(tx: Tx) -> None:
        anna = officials.get(tx.connection, world.town.people["anna"])
        officials.change(tx.connection, replace(anna, listed=not anna.listed))

    for expected in ([f"uid=anna,{BASE}"], [], [f"uid=anna,{BASE}"]):
        for _ in range(2):
            assert (await wire.search(search(ANNA))).names == expected
        await world.groupware.store.run(turn)
