"""What a reader may not see moves nothing of theirs: no wake, no cursor, no transaction; what is withdrawn goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, opened, post, send, settled, uids
from sqlalchemy import select, update
from town import build, message

from directory import rights
from groupware import tables
from groupware.events import EventKind
from groupware.folders import numbering
from groupware.live import Session
from groupware.moderation import Word

if TYPE_CHECKING:
    from town import Town

    from groupware.folders.numbering import State
    from groupware.service import Groupware
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
POST = message("anna", ROOM, "A canary", "canary-1", message_id="<held@client.test>")


async def current(groupware: Groupware, town: Town, who: str, folder: int) -> State | None:
    return await groupware.store.read(
        lambda snapshot: numbering.is_current(snapshot, groupware.monitor, town.caller(who), folder)
    )


async def woken(groupware: Groupware, one: asyncio.Event) -> None:
    """Let the watch read the log until `one` is set."""
    async with asyncio.timeout(20):
        while not one.is_set():
            await groupware.live.step()


async def test_a_held_or_refused_post_wakes_its_author_only(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    events = {who: asyncio.Event() for who in ("anna", "clara")}
    for who, event in events.items():
        groupware.live.join(Session(town.people[who], town.rooms["return"], event.set, event.set))
    await groupware.live.step()
    await send(groupware, town, "anna", POST, ROOM)
    await woken(groupware, events["anna"])
    events["anna"].clear()
    dora = town.caller("dora")
    await groupware.decide(dora, (await groupware.held(dora))[0].id, Word.REFUSE, "no")
    await woken(groupware, events["anna"])
    assert not events["clara"].is_set()
    await post(groupware, town, "shown", "<shown@x>")
    await woken(groupware, events["clara"])


async def test_a_held_or_refused_post_moves_no_folder(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "first", "<1@x>")
    state, _ = await opened(groupware, town, "bruno", "Areas/return")
    dora = town.caller("dora")
    await send(groupware, town, "anna", POST, ROOM)
    assert await current(groupware, town, "bruno", state.id) == state
    await groupware.decide(dora, (await groupware.held(dora))[0].id, Word.REFUSE, "no")
    await settled(groupware)
    assert await current(groupware, town, "bruno", state.id) == state
    await post(groupware, town, "second", "<2@x>")
    assert await current(groupware, town, "bruno", state.id) is None
    assert await uids(groupware, town, "bruno", "Areas/return") == [1, 2]


async def test_copies_of_a_post_move_no_room_folder(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "dora", message("dora", ROOM, "s", "t", message_id="<1@x>"), ROOM)
    state, rows = await opened(groupware, town, "bruno", "Areas/return")
    assert len(rows) == 1
    await settled(groupware)
    assert await current(groupware, town, "bruno", state.id) == state


async def test_what_is_withdrawn_is_lost_in_every_folder(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    for number in (1, 2):
        await post(groupware, town, "s", f"<{number}@x>")
    for name in ("Areas/return", "INBOX"):
        assert await uids(groupware, town, "bruno", name) == [1, 2]

    def withdraw(tx: Tx) -> None:
        first = tx.connection.execute(select(tables.post.c.id).order_by(tables.post.c.id).limit(1)).scalar_one()
        tx.connection.execute(update(tables.post).where(tables.post.c.id == first).values(state="withdrawn"))
        rights.bump(tx.connection)  # as EventKind asks of whoever withdraws
        tx.record(EventKind.POST_WITHDRAWN, first, town.rooms["return"])

    await groupware.store.run(withdraw)
    for name in ("Areas/return", "INBOX"):
        assert await uids(groupware, town, "bruno", name) == [2]
