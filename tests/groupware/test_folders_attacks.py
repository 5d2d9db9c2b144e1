"""Numbers under attack: two sessions at once, there and back again, copies of copies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attack import opened, post, send, settled, uids
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite
from town import DOMAIN, build, message

from directory import rights
from groupware import checking, tables
from groupware.folders import numbering
from groupware.folders.changes import DELETED, FLAGGED, SEEN
from groupware.folders.flagging import How

if TYPE_CHECKING:
    from conftest import Place
    from sqlalchemy import Compiled, Select

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio


async def test_a_flag_that_is_removed_leaves_the_others(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "s", "<1@x>")
    state, _ = await opened(groupware, town, "bruno", "INBOX")
    await groupware.folders.store(town.caller("bruno"), state, [1], How.ADD, SEEN | FLAGGED)
    _, flags = await groupware.folders.store(town.caller("bruno"), state, [1], How.REMOVE, FLAGGED)
    assert flags == [(1, SEEN)]


async def test_sessions_that_number_at_once_agree(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "s", "<0@x>")
    names = ["INBOX", "Areas/return"] * 6
    first = await asyncio.gather(*(opened(groupware, town, "bruno", name) for name in names))
    assert {tuple(uid for uid, _ in rows) for _, rows in first} == {(1,)}
    for number in range(1, 5):
        await post(groupware, town, "s", f"<{number}@x>")
        again = await asyncio.gather(*(opened(groupware, town, "bruno", name) for name in names))
        assert {tuple(uid for uid, _ in rows) for _, rows in again} == {tuple(range(1, number + 2))}


async def test_a_message_handed_in_many_times_at_once_is_one_post(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    raw = message("dora", "x", "s", "t", message_id="<1@x>")
    to = (f"return@{DOMAIN}", f"otto@{DOMAIN}")
    receipts = await asyncio.gather(*(send(groupware, town, "dora", raw, *to) for _ in range(8)))
    assert len({receipt.message_id for receipt in receipts}) == 1
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "INBOX") == [1]
    assert await uids(groupware, town, "otto", "INBOX") == [1]


async def test_there_and_back_again_is_a_new_number_and_no_second_copy(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "s", "<1@x>")
    caller = town.caller("bruno")
    inbox, trash = [await groupware.folders.find(caller, name) for name in ("INBOX", "Trash")]
    state, _ = await opened(groupware, town, "bruno", "INBOX")
    await groupware.folders.copy(caller, state, [1], trash, move=True)
    assert await uids(groupware, town, "bruno", "INBOX") == []
    state, rows = await opened(groupware, town, "bruno", "Trash")
    assert rows == [(1, 0)]
    await groupware.folders.copy(caller, state, [1], inbox, move=True)
    await groupware.store.run(lambda tx: rights.bump(tx.connection))
    assert await uids(groupware, town, "bruno", "INBOX") == [2]
    await post(groupware, town, "s", "<2@x>")
    assert await uids(groupware, town, "bruno", "INBOX") == [2, 3]
    assert [found async for found in groupware.check() if isinstance(found, checking.Fault)] == []


async def test_own_bytes_are_erased_with_their_last_place(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    caller = town.caller("bruno")
    inbox = await groupware.folders.find(caller, "INBOX")
    await groupware.folders.append(caller, inbox, b"Subject: x\r\n\r\nhello\r\n", 0, None)
    state, _ = await opened(groupware, town, "bruno", "INBOX")
    await groupware.folders.copy(caller, state, [1], inbox)
    contents = select(func.count()).select_from(tables.content)
    for uid, left, kept in ((1, [2], 1), (2, [], 0)):
        await groupware.folders.store(caller, state, [uid], How.ADD, DELETED)
        assert await groupware.folders.expunge(caller, state) == [uid]
        await groupware.store.run(lambda tx: rights.bump(tx.connection))
        assert await uids(groupware, town, "bruno", "INBOX") == left
        assert await groupware.store.read(lambda snapshot: snapshot.connection.scalar(contents)) == kept


@pytest.mark.parametrize(
    "statement", [numbering._AREA_NEW, numbering._AREA_ALL, numbering._POST_COPIES, numbering._MAIL_COPIES]
)
async def test_whether_an_item_has_a_place_is_one_look_into_the_index(sqlite_place: Place, statement: Select) -> None:
    """Without this, a change of rights takes seconds of the writer's time for each folder of 10,000 messages."""
    async with sqlite_place.opened() as store:

        def plan(snapshot):  # noqa: ANN001, ANN202 -- Snapshot
            compiled = statement.compile(dialect=snapshot.connection.dialect)
            values = dict.fromkeys(compiled.params, 1)
            rows = snapshot.connection.execute(text(f"EXPLAIN QUERY PLAN {_named(compiled)}"), values)
            return [row[3] for row in rows if " place " in row[3]]

        assert await store.read(plan) == [
            "SEARCH place USING COVERING INDEX ix_place_item (folder=? AND post=? AND mail=?)"
        ]


def _named(compiled: Compiled) -> str:
    """The text with parameters by name, as `text` wants them."""
    return compiled.statement.compile(dialect=sqlite.dialect(paramstyle="named")).string
