"""No single message, name or lost file stops those who work on for everybody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, post, send, settled, uids
from sqlalchemy import func, select, update
from town import build, message

from directory import officials
from directory.errors import UnfitError
from groupware import content, live, personal_mail, rendering, tables
from groupware.folders import filing
from groupware.message.scan import scan
from groupware.moderation import Word
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("reason", ["a\0b", "a\ud800b", "a\r\nBcc: b", "x" * 5_000])
async def test_no_reason_stops_the_notices(groupware: Groupware, reason: str) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", message("anna", "x", "s", "t", message_id="<1@x>"), ROOM)
    token = (await groupware.held(town.caller("dora")))[0].id
    await groupware.decide(town.caller("dora"), token, Word.REFUSE, reason)
    await settled(groupware)
    assert await uids(groupware, town, "anna", "INBOX") == [1, 2]


@pytest.mark.parametrize("change", [{"name": "A\nB"}, {"name": "A" * 1_000}, {"address": "a" * 65 + "@iconet.test"}])
async def test_nobody_has_a_name_that_no_header_can_hold(groupware: Groupware, change: dict[str, str]) -> None:
    town = await groupware.store.run(build)
    anna = await groupware.store.read(lambda snapshot: officials.get(snapshot.connection, town.people["anna"]))
    with pytest.raises(UnfitError):
        await groupware.store.run(lambda tx: officials.change(tx.connection, replace(anna, **change)))


async def test_a_lost_file_stops_no_index(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    raw = message("dora", "x", "first", "text\r\n" * 50_000, message_id="<1@x>")
    await send(groupware, town, "dora", raw, ROOM)
    for file in (groupware.store.directory / content.FOLDER).iterdir():
        file.unlink()
    await post(groupware, town, "second", "<2@x>")
    while await groupware.indexer.step():
        pass
    words = select(func.count()).select_from(tables.search_text)
    assert await groupware.store.read(lambda snapshot: snapshot.connection.scalar(words)) == 2


async def test_words_of_an_erased_draft_do_not_go_to_the_next_message(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    raw = b"Subject: draft\r\n\r\ncanary\r\n"

    def keep(tx):  # noqa: ANN001, ANN202 -- Tx
        made = rendering.add(tx, rendering.verbatim(raw, scan(raw, strict=False)), content.add(tx, content.in_row(raw)))
        mail = personal_mail.Mail(made, "own", town.people["anna"], 1, Marking.AMBER)
        return personal_mail.add(tx, mail)

    first = await groupware.store.run(keep)
    found = await groupware.store.read(lambda snapshot: groupware.indexer._load(snapshot, 0, None))
    await groupware.store.run(lambda tx: filing.forget_own(tx, [first.id]))
    await groupware.store.run(keep)
    await groupware.indexer._index(found)
    words = select(func.count()).select_from(tables.search_text)
    assert await groupware.store.read(lambda snapshot: snapshot.connection.scalar(words)) == 0


async def test_a_session_that_fails_to_wake_does_not_end_the_watch(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    woken = asyncio.Event()
    failing = [RuntimeError("gone")]

    def wake() -> None:
        if failing:
            raise failing.pop()
        woken.set()

    watch = asyncio.create_task(groupware.live.run())
    session = live.Session(town.people["dora"], town.rooms["return"], wake, woken.set)
    groupware.live.join(session)
    async with asyncio.timeout(20):
        number = 0
        while not woken.is_set():
            number += 1
            await post(groupware, town, "s", f"<{number}@x>")
    assert not failing
    watch.cancel()


async def test_a_late_failure_does_not_send_again_what_was_sent(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", message("anna", "p", "s", "t", message_id="<o@x>"), "x@partner.test")
    [(first, _)] = await groupware.claim_outbound()
    await groupware.store.run(lambda tx: tx.connection.execute(update(tables.outbound).values(lease_until=0)))
    [(second, _)] = await groupware.claim_outbound()
    await groupware.outbound_sent(second, "250 taken")
    await groupware.outbound_failed(first, "421 too slow", temporary=True)
    assert await groupware.next_outbound() is None
