"""The desk's answers on both databases: columns, bytes, many lookers at once, rights that move."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from town import DOMAIN, Town, build, message

from directory import officials, rights
from groupware.content import LARGEST_ROW, InFile
from groupware.errors import Refused
from groupware.folders import fetching, searching
from groupware.folders.changes import DELETED, SEEN
from groupware.folders.fetching import RightsMovedError, Want
from groupware.folders.flagging import How

if TYPE_CHECKING:
    from groupware.folders.numbering import State
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio


async def filled(groupware: Groupware, sizes: list[int]) -> Town:
    """Mail of these sizes in anna's Sent folder."""
    town = await groupware.store.run(build)
    anna = town.caller("anna")
    sent = await groupware.folders.find(anna, "Sent")
    for number, size in enumerate(sizes):
        await groupware.folders.append(anna, sent, raw(number, size), 0, 1_000_000 * number)
    return town


def raw(number: int, size: int) -> bytes:
    return b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * size)


async def test_rows_hold_what_columns_says(groupware: Groupware) -> None:
    town = await filled(groupware, [3, 300_000, 5, 6, 7])
    anna, desk = town.caller("anna"), groupware.folders
    _, state, rows = await desk.open(anna, "Sent")
    assert [tuple(row) for row in rows] == [(uid, 0) for uid in range(1, 6)]
    want = Want.BODYSTRUCTURE | Want.DATE | Want.SIZE | Want.HEAD | Want.BYTES
    at = fetching.columns(want)
    found = await desk.fetch(anna, state, [1, 2, 4], want)
    assert [row[0] for row in found] == [1, 2, 4]
    for row in found:
        number = row[0] - 1
        whole = raw(number, [3, 300_000, 5, 6, 7][number])
        body = row[at[Want.BYTES]]
        assert isinstance(body, InFile) == (len(whole) > LARGEST_ROW)
        assert row[at[Want.HEAD]] + (body.read() if isinstance(body, InFile) else body) == whole
        assert (row[at[Want.SIZE]], row[at[Want.DATE]]) == (len(whole), 1_000_000 * number)
    sparse = await desk.fetch(anna, state, [1, 5, 4_000_000_000], Want.ENVELOPE)
    assert [row[0] for row in sparse] == [1, 5]
    assert sparse[1][1].startswith(b'(NIL "4"')


async def test_a_slice_of_bytes_ends_when_it_is_enough(groupware: Groupware) -> None:
    town = await filled(groupware, [400_000] * 5)
    anna = town.caller("anna")
    _, state, _ = await groupware.folders.open(anna, "Sent")
    found = await groupware.folders.fetch(anna, state, [1, 2, 3, 4, 5], Want.HEAD | Want.BYTES)
    assert [row[0] for row in found] == [1, 2, 3]


async def test_fetching_stops_when_rights_move(groupware: Groupware) -> None:
    town = await filled(groupware, [1])
    anna, desk = town.caller("anna"), groupware.folders
    _, state, _ = await desk.open(anna, "Sent")
    await groupware.store.run(lambda tx: rights.bump(tx.connection))
    with pytest.raises(RightsMovedError):
        await desk.fetch(anna, state, [1], Want.SIZE)
    state, news = await desk.catch_up(anna, state)
    assert news is None
    assert len(await desk.fetch(anna, state, [1], Want.SIZE)) == 1


async def test_searching_stops_when_rights_move(groupware: Groupware) -> None:
    town = await filled(groupware, [1])
    anna, desk = town.caller("anna"), groupware.folders
    _, state, _ = await desk.open(anna, "Sent")

    def leaf(snapshot: Snapshot, state: State) -> set[int]:
        return searching.sized(snapshot, state, 0, 1_000)

    assert await desk.search(anna, state, leaf, words=False) == {1}
    await groupware.store.run(lambda tx: rights.bump(tx.connection))
    with pytest.raises(RightsMovedError):
        await desk.search(anna, state, leaf, words=False)
    state, _ = await desk.catch_up(anna, state)
    assert await desk.search(anna, state, leaf, words=False) == {1}


async def test_many_lookers_are_answered_together_and_each_for_itself(groupware: Groupware) -> None:
    town = await filled(groupware, [1])
    desk = groupware.folders
    callers = [town.caller(who) for who in ("anna", "bruno", "clara", "anna")]
    states = [(await desk.open(caller, "Areas/return"))[1] for caller in callers]
    dora = town.caller("dora")
    post = message("dora", "x", "s", "t", message_id="<1@x>")
    await groupware.submit(dora, post, [await groupware.recipient(dora, f"return@{DOMAIN}")])

    def suspend(tx: Tx) -> None:
        officials.suspend(tx.connection, town.people["bruno"])
        rights.bump(tx.connection)

    await groupware.store.run(suspend)
    looks = [desk.catch_up(caller, state) for caller, state in zip(callers, states, strict=True)]
    found = await asyncio.gather(*looks, return_exceptions=True)
    assert isinstance(found[1], Refused)
    for one in (found[0], found[2], found[3]):
        assert not isinstance(one, BaseException)
        assert one[1] is not None
        assert [tuple(each) for each in one[1].placed] == [(1, 0)]


async def test_nothing_in_a_room_can_be_marked_deleted(groupware: Groupware) -> None:
    town = await filled(groupware, [])
    dora, desk = town.caller("dora"), groupware.folders
    post = message("dora", "x", "s", "t", message_id="<1@x>")
    await groupware.submit(dora, post, [await groupware.recipient(dora, f"return@{DOMAIN}")])
    _, state, _ = await desk.open(dora, "Areas/return")
    for how in (How.ADD, How.REPLACE):
        state, flags = await desk.store(dora, state, [1], how, SEEN | DELETED)
        assert flags == [(1, SEEN)]
    assert await desk.expunge(dora, state) == []


async def test_status_counts_and_octets(groupware: Groupware) -> None:
    town = await filled(groupware, [10, 20])
    anna = town.caller("anna")
    _, state, counts = await groupware.folders.status(anna, "Sent", size=True)
    assert (counts.messages, counts.unseen, counts.deleted) == (2, 2, 0)
    assert counts.size == len(raw(0, 10)) + len(raw(1, 20))
    assert state.uidnext == 3
    assert (await groupware.folders.status(anna, "Sent"))[2].size == 0
