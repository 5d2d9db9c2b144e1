"""A right counts from the very next command on, and what may not be seen answers as what isn't there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from directory import officials, rights, roles
from groupware.events import EventKind
from groupware.folders.desk import Desk
from groupware.off_boarding import off_board

if TYPE_CHECKING:
    from collections.abc import Callable

    from imap_world import World

    from groupware.caller import Caller
    from groupware.folders.numbering import State
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio


async def revoke(world: World, who: str) -> None:
    def use_case(tx: Tx) -> None:
        for grant in roles.held(tx.connection, world.town.people[who], tx.now):
            roles.revoke(tx.connection, grant.id, tx.now)
        tx.record(EventKind.RIGHTS_CHANGED, world.town.people[who])

    await world.groupware.store.run(use_case)


async def reading(world: World, who: str = "bruno"):  # noqa: ANN201 -- a Wire
    for number in range(3):
        await world.post("dora", f"post {number}")
    client = await world.line_client(who)
    assert b"* 3 EXISTS" in await client.ask("SELECT Areas/return")
    return client


async def test_a_lost_right_empties_the_folder_at_the_next_command(world: World) -> None:
    client = await reading(world)
    await revoke(world, "bruno")
    assert await client.ask("NOOP") == [b"* 3 EXPUNGE", b"* 2 EXPUNGE", b"* 1 EXPUNGE", b"a3 OK Done"]
    unknown = (await client.ask("SELECT Areas/unknown"))[-1].removeprefix(b"a4 ")
    assert unknown == b"NO [NONEXISTENT] No such folder"
    assert (await client.ask("SELECT Areas/return"))[-1].removeprefix(b"a5 ") == unknown


@pytest.mark.parametrize(
    "command",
    ["FETCH 1:3 (BODY.PEEK[])", "FETCH 1:3 (FLAGS)", "FETCH 1:* (ENVELOPE)", "SEARCH ALL", "UID SEARCH TEXT post"],
)
async def test_nothing_lost_is_read_and_numbers_stay(world: World, command: str) -> None:
    client = await reading(world)
    await revoke(world, "bruno")
    lines = await client.ask(command)
    may_tell = command.startswith("UID")
    assert [line for line in lines if b"FETCH" in line or line.startswith(b"* SEARCH ")] == []
    assert len([line for line in lines if b"EXPUNGE" in line]) == (3 if may_tell else 0)
    assert len([line for line in await client.ask("CHECK") if b"EXPUNGE" in line]) == (0 if may_tell else 3)


class Slow(Desk):
    """A desk at which somebody loses a right between the question and the look."""

    def __init__(self, world: World) -> None:
        super().__init__(world.groupware.store, world.groupware.monitor, world.groupware.indexer, world.groupware.alarm)
        self._world = world
        self._moved = False

    async def search(
        self, caller: Caller, state: State, leaf: Callable[[Snapshot, State], set[int]], *, words: bool
    ) -> set[int]:
        if not self._moved:
            self._moved = True
            await revoke(self._world, caller.login)
        return await super().search(caller, state, leaf, words=words)


@pytest.mark.parametrize("keys", ["LARGER 1", "TEXT post", "OR SMALLER 1 NOT SMALLER 1"])
async def test_what_is_lost_during_a_search_is_not_found(world: World, keys: str) -> None:
    client = await reading(world)
    world.groupware.folders = Slow(world)
    lines = await client.ask(f"SEARCH {keys}")
    assert lines[0] == b"* SEARCH"
    assert lines[-1].split()[1] == b"OK"
    assert len([line for line in await client.ask("NOOP") if b"EXPUNGE" in line]) == 3


async def test_an_idler_is_told_of_a_lost_right_at_once(world: World) -> None:
    client = await reading(world)
    tag = client.send("IDLE")
    assert await client.line() == b"+ idling"
    await revoke(world, "bruno")
    assert [await client.line() for _ in range(3)] == [b"* 3 EXPUNGE", b"* 2 EXPUNGE", b"* 1 EXPUNGE"]
    client.writer.write(b"DONE\r\n")
    assert await client.answer(tag) == [tag + b" OK Done"]


@pytest.mark.parametrize("idles", [True, False])
async def test_whoever_is_off_boarded_is_out_at_once(world: World, *, idles: bool) -> None:
    client = await reading(world)
    if idles:
        client.send("IDLE")
        assert await client.line() == b"+ idling"
    await world.groupware.store.run(lambda tx: off_board(tx, world.town.people["bruno"]))
    assert await client.line() == b"* BYE Signed out"
    assert await client.line() == b""


async def test_whoever_is_suspended_is_out_and_keeps_folders(world: World) -> None:
    client = await reading(world, "anna")
    raw = b"Subject: mine\r\n\r\nown\r\n"
    assert (await client.ask(b"APPEND Drafts {%d+}\r\n%b" % (len(raw), raw)))[-1].split()[1] == b"OK"
    await client.ask("SELECT Drafts")
    number = world.town.people["anna"]

    def suspend(tx: Tx) -> None:
        officials.suspend(tx.connection, number)
        rights.bump(tx.connection)

    await world.groupware.store.run(suspend)
    assert await client.ask("NOOP") == [b"* BYE Signed out", b""]


async def test_forbidden_and_absent_answer_alike(world: World) -> None:
    await world.post("dora", "hidden")
    client = await world.line_client("otto")
    script = [
        "SELECT {}",
        "EXAMINE {}",
        "STATUS {} (MESSAGES UNSEEN UIDNEXT SIZE)",
        'LIST "" {}',
        'LSUB "" {}',
        "CREATE {}",
    ]
    script += ["DELETE {}", "RENAME {} Areas/other", "SUBSCRIBE {}", "UNSUBSCRIBE {}", "APPEND {} {{3+}}\r\nabc"]
    script += [
        'LIST "" {} RETURN (STATUS (MESSAGES))',
        "SELECT INBOX",
        "COPY 1:* {}",
        "UID COPY 1:* {}",
        "UID MOVE 1:* {}",
    ]
    for each in script:
        found = []
        for name in ("Areas/return", "Areas/absent"):
            tag = client.send(each.format(name))
            found.append([line.replace(tag, b"t").replace(name.encode(), b"x") for line in await client.answer(tag)])
        assert found[0] == found[1], each


async def test_a_post_reaches_who_idles_within_a_moment(world: World) -> None:
    client = await reading(world)
    client.send("IDLE")
    assert await client.line() == b"+ idling"
    delays = []
    for number in range(10):
        began = asyncio.get_running_loop().time()
        await world.post("dora", f"news {number}")
        assert await client.line() == b"* %d EXISTS" % (4 + number)
        delays.append(asyncio.get_running_loop().time() - began)
    print("IDLE push, from handing in", sorted(delays))
    assert sorted(delays)[5] < 0.25
