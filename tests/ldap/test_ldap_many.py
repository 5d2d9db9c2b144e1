"""A directory of some size: long answers go in pieces, end when they are to, and hold nobody up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from ldap_world import BASE, World, any_of, control, crowded, equal, none_of, opened, pieces, present, search

from connectors.ldap import ber
from connectors.ldap.caps import Caps
from connectors.ldap.codes import PAGED_RESULTS, Code, Op
from groupware.off_boarding import off_board

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

pytestmark = pytest.mark.anyio
MANY = 1500
EVERYBODY = present("uid")
HEAVY = any_of(*[none_of(pieces("cn", (1, "a"))), *[pieces("cn", (1, f"{number}x")) for number in range(60)]])


@pytest.fixture
async def world(sqlite_place: Place) -> AsyncIterator[World]:
    async with opened(sqlite_place) as made:
        await crowded(made, MANY)
        yield made


async def test_all_are_found_whole_and_in_pages(world: World) -> None:
    wire = await world.wire("bruno")
    whole = await wire.search(search(EVERYBODY, attributes=["title"]))
    assert (len(whole.entries), whole.code) == (MANY + 6, Code.SUCCESS)
    found, cookie = [], b""
    while True:
        value = ber.sequence(ber.integer(400), ber.string(cookie))
        page = await wire.search(search(EVERYBODY, attributes=["1.1"]), control(PAGED_RESULTS, value))
        assert page.done is not None
        found += page.names
        told = page.done.controls[0].value
        (_, _, _), (_, start, stop) = ber.elements(told, *ber.of_tag(ber.SEQUENCE, told, 0, len(told)))
        cookie = told[start:stop]
        if not cookie:
            break
    assert found == whole.names


async def test_a_size_limit_holds_among_many(world: World) -> None:
    wire = await world.wire("bruno")
    found = await wire.search(search(EVERYBODY, size=700))
    assert (len(found.entries), found.code) == (700, Code.SIZE_LIMIT_EXCEEDED)
    found = await wire.search(search(HEAVY, size=3))
    assert (len(found.entries), found.code) == (3, Code.SIZE_LIMIT_EXCEEDED)


async def test_a_search_that_is_given_up_ends(world: World) -> None:
    wire = await world.wire("bruno")
    number = wire.send(search(EVERYBODY))
    wire.send(ber.integer(number, Op.ABANDON))
    last = wire.send(search(equal("uid", "anna"), attributes=["1.1"]))
    found = []
    while (each := await wire.next()) is not None and (each.id, each.op) != (last, Op.SEARCH_DONE):
        found.append(each)
    assert all(each.op == Op.ENTRY for each in found)
    assert len([each for each in found if each.id == number]) < MANY


async def test_whoever_leaves_while_being_answered_gets_no_end(world: World) -> None:
    wire, other = await world.wire("bruno"), await world.wire("anna")
    for _ in range(200):
        wire.send(search(EVERYBODY))
    first = await wire.next()
    assert first is not None
    await world.groupware.store.run(lambda tx: off_board(tx, world.town.people["bruno"]))
    rest = await wire.end()
    assert sum(each.op == Op.SEARCH_DONE for each in rest) < 200
    assert (await other.search(search(equal("uid", "bruno")))).entries == []


async def test_heavy_filters_hold_nobody_up(world: World) -> None:
    heavy, light = [await world.wire("bruno") for _ in range(3)], await world.wire("anna")
    assert (await light.search(search(EVERYBODY, size=1))).entries, "what is made once is there before time is taken"
    asked = [asyncio.create_task(wire.search(search(HEAVY, attributes=["1.1"]))) for wire in heavy]
    loop, waited = asyncio.get_running_loop(), []
    while not all(each.done() for each in asked):
        began = loop.time()
        assert (await light.search(search(equal("uid", "anna")))).names == [f"uid=anna,{BASE}"]
        waited.append(loop.time() - began)
    without_a = [BASE, f"ou=u,o=bb,{BASE}", *[f"uid={login},{BASE}" for login in ("bruno", "emil", "otto")]]
    assert [sorted((await each).names) for each in asked] == [sorted(without_a)] * 3
    assert max(waited) < 1.0


async def test_a_time_limit(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(search=0.0)) as world:
        wire = await world.wire("bruno")
        found = await wire.search(search(EVERYBODY, seconds=5))
        assert (found.entries, found.code) == ([], Code.TIME_LIMIT_EXCEEDED)


async def test_a_client_that_takes_nothing_is_cut_off(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(write=0.2)) as world:
        wire = await world.wire("bruno")
        ended = asyncio.create_task(sessions_end(world))
        for _ in range(20_000):
            wire.send(search(present("objectClass")))
        async with asyncio.timeout(20):
            await ended
        await wire.close()


async def sessions_end(world: World) -> None:
    await asyncio.gather(*world.door._sessions, return_exceptions=True)
