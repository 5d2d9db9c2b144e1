"""From a post that seems to hold personal data to its author's word, at the use cases; one world for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import town
from sqlalchemy import select, update

from groupware import tables
from groupware.confirmation import lapsing
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.moderation import Word
from groupware.personal_data_tables import personal_data_hold
from groupware.service import Groupware, open_groupware
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.posting import Receipt
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
SECRET = "born on 14 March 1991, passport no. ZK4417083"
NAMES = "<gate-{}@iconet.test>"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class World:
    groupware: Groupware
    town: town.Town
    posted: int = 0

    async def post(self, name: str, text: str, room: str = "return") -> Receipt:
        self.posted += 1
        raw = town.message(
            name, f"{room}@iconet.test", f"Post {self.posted}", text, message_id=NAMES.format(self.posted)
        )
        caller = self.town.caller(name)
        to = await self.groupware.recipient(caller, f"{room}@iconet.test")
        return await self.groupware.submit(caller, raw, [to])

    async def waiting(self, name: str) -> list[str]:
        return [each.token for each in await self.groupware.confirmation.waiting(self.town.caller(name))]

    async def row(self, token: str) -> Row[Any]:
        columns = (tables.post.c.state, tables.post.c.rule, personal_data_hold)
        joined = select(*columns).join_from(tables.post, personal_data_hold).where(tables.post.c.token == token)
        return await self.groupware.store.read(lambda snapshot: snapshot.connection.execute(joined).one())

    async def told(self) -> list[str]:
        """All that notices say, and who has it."""
        for follower in self.groupware.followers():
            while await follower.step():
                pass

        def read(snapshot: Snapshot) -> list[str]:
            made = (
                select(tables.content.c.body)
                .select_from(tables.mail)
                .join(tables.rendering, tables.rendering.c.id == tables.mail.c.rendering)
                .join(tables.content, tables.content.c.id == tables.rendering.c.content)
                .where(tables.mail.c.kind == "notice")
            )
            found = snapshot.connection.scalars(made.order_by(tables.mail.c.id))
            return [bytes(each).decode() for each in found]

        return await self.groupware.store.read(read)


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    path: Path = tmp_path_factory.mktemp("gate")
    groupware = await open_groupware(path, directory=path, domain=town.DOMAIN)
    groupware.confirmation.portal = lambda: "https://portal.test"

    def plant(tx: Tx) -> town.Town:
        made = town.build(tx)
        tx.connection.execute(
            update(tables.room).where(tables.room.c.id == made.rooms["return"]).values(bars_personal_data=True)
        )
        return made

    yield World(groupware, await groupware.store.run(plant))
    await groupware.close()


async def test_nobody_but_its_author_sees_it_until_they_have_said_a_word(world: World) -> None:
    receipt = await world.post("anna", SECRET)
    assert receipt.held == ()
    assert [(each.rule, each.number) for each in receipt.unconfirmed] == [("personal-data-barred", 1)]
    (token,) = await world.waiting("anna")
    assert await world.waiting("bruno") == await world.waiting("dora") == []
    store, monitor = world.groupware.store, world.groupware.monitor
    number = (await world.groupware.post(world.town.caller("anna"), token)).id
    for name in ("bruno", "dora", "otto"):
        caller = world.town.caller(name, strong=True)

        def may(snapshot: Snapshot, caller: Caller = caller) -> set[Action]:
            asked = (Action.LIST, Action.READ, Action.MODERATE, Action.WITHDRAW, Action.CONFIRM)
            return {a for a in asked if monitor.decide(snapshot, caller, a, Kind.POST, number).allowed}

        assert await store.read(may) == set(), name
        assert await world.groupware.held(caller) == []
        with pytest.raises((NotFound, Forbidden)):
            await world.groupware.confirmation.case(caller, token)
        with pytest.raises((NotFound, Forbidden)):
            await world.groupware.decide(caller, token, Word.APPROVE)
    await world.groupware.indexer.step()
    words = select(tables.search_text.c.body)
    assert await store.read(lambda snapshot: snapshot.connection.scalars(words).all()) == []
    assert [each.state async for each in world.groupware.listing()] == ["held"]
    notices = [each for each in await world.told() if "your word is asked" in each]
    assert len(notices) == 1
    assert f"https://portal.test/unconfirmed/{token}" in notices[0]
    assert "1991" not in notices[0]
    assert "ZK4417083" not in notices[0]


async def test_its_author_sees_what_was_found_and_confirms_with_a_reason(world: World) -> None:
    (token,) = await world.waiting("anna")
    anna, dora = world.town.caller("anna"), world.town.caller("dora")
    case = await world.groupware.confirmation.case(anna, token)
    found = [(each.kind, text.text[each.start : each.end]) for text in case.report.texts for each in text.findings]
    assert found == [("birth-date", "born on 14 March 1991"), ("passport", "ZK4417083")]
    with pytest.raises(Refused, match="reason-needed"):
        await world.groupware.confirmation.confirm(anna, token, " \x00 ")
    assert await world.groupware.confirmation.confirm(anna, token, "The person agreed.") == "held"
    row = await world.row(token)
    assert (row.state, row.rule, row.word, row.by, row.reason) == (
        *("held", "personal-data-barred", "confirmed"),
        *(world.town.people["anna"], "The person agreed."),
    )
    with pytest.raises(Conflict, match="already-decided"):
        await world.groupware.confirmation.confirm(anna, token, "again")
    assert [each.id for each in await world.groupware.held(dora)] == [token]
    await world.groupware.decide(dora, token, Word.APPROVE)
    assert (await world.groupware.post(world.town.caller("bruno"), token)).state == "published"


async def test_who_publishes_without_a_moderator_confirms_too(world: World) -> None:
    receipt = await world.post("dora", SECRET)
    assert receipt.unconfirmed
    (token,) = await world.waiting("dora")
    assert await world.groupware.confirmation.confirm(world.town.caller("dora"), token, "needed") == "published"


async def test_a_new_version_is_a_new_post_and_the_first_one_ends(world: World) -> None:
    await world.post("clara", SECRET)
    (token,) = await world.waiting("clara")
    clara = world.town.caller("clara")
    again = await world.groupware.confirmation.redact(clara, token, "Post", f"Still {SECRET}")
    assert again.unconfirmed
    assert (await world.row(token)).state == "withdrawn"
    (second,) = await world.waiting("clara")
    receipt = await world.groupware.confirmation.redact(clara, second, "Post", "A person with a foreign document.")
    assert receipt.held
    assert (await world.row(second)).word == "redacted"
    assert await world.waiting("clara") == []
    with pytest.raises(NotFound):
        await world.groupware.post(clara, second)


async def test_it_is_withdrawn_or_lapses_and_nobody_reads_it_ever(world: World) -> None:
    await world.post("anna", SECRET)
    await world.post("anna", SECRET)
    first, second = await world.waiting("anna")
    await world.groupware.areas.withdraw(world.town.caller("anna"), first)
    assert (await world.row(first)).word == "withdrawn"
    later = update(personal_data_hold).where(personal_data_hold.c.word == "").values(until=1)
    await world.groupware.store.run(lambda tx: tx.connection.execute(later))
    assert (await world.groupware.store.read(lapsing.next_due) or 0) < 0
    assert await world.groupware.store.run(lambda tx: lapsing.lapse(tx, town.DOMAIN)) == 1
    row = await world.row(second)
    assert (row.state, row.word, row.by) == ("withdrawn", "lapsed", 0)
    assert [each for each in await world.told() if "Your message lapsed" in each and "awaited your word" in each]
    assert not [each for each in await world.told() if "A moderator withdrew it" in each]
    assert await world.groupware.store.read(lapsing.next_due) is None


async def test_other_rooms_and_harmless_posts_go_on_as_ever(world: World) -> None:
    assert (await world.post("anna", "The meeting is on 14 March 2027, file 4471/2026.")).held
    assert (await world.post("otto", SECRET, room="liaison")).held
    assert [fault async for fault in world.groupware.check() if hasattr(fault, "what")] == []


async def test_a_room_that_begins_to_bar_while_a_message_is_prepared_holds_it(world: World) -> None:
    otto = world.town.caller("otto")
    to = await world.groupware.recipient(otto, "liaison@iconet.test")
    bar = update(tables.room).where(tables.room.c.code == "liaison").values(bars_personal_data=True)
    await world.groupware.store.run(lambda tx: tx.connection.execute(bar))
    raw = town.message("otto", "liaison@iconet.test", "Late", "harmless", message_id=NAMES.format("late"))
    receipt = await world.groupware.submit(otto, raw, [to])
    assert receipt.unconfirmed
    (waiting,) = await world.groupware.confirmation.waiting(otto)
    assert waiting.kinds == ("unread",)


async def test_strict_marking_that_nobody_could_moderate_is_told_at_the_word(world: World) -> None:
    raw = town.message("bruno", "return@iconet.test", "[TLP:RED] x", SECRET, message_id=NAMES.format("red"))
    bruno = world.town.caller("bruno")
    to = await world.groupware.recipient(bruno, "return@iconet.test")
    assert (await world.groupware.submit(bruno, raw, [to])).unconfirmed
    (token,) = await world.waiting("bruno")
    with pytest.raises(Refused, match="nobody-may-moderate"):
        await world.groupware.confirmation.confirm(bruno, token, "because")
    assert (await world.row(token)).state == "unconfirmed"
    with pytest.raises(Refused, match="nobody-may-moderate"):
        await world.groupware.confirmation.redact(bruno, token, "x", "nothing in it")
    assert (await world.row(token)).state == "unconfirmed"
