"""A post that is taken back is gone at every door, and whoever has to know is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN, build, message

from directory import roles
from directory.roles import Grant
from groupware import copies, notices, tables
from groupware.area_tables import withdrawal
from groupware.areas.access import Asked
from groupware.errors import Conflict, Forbidden, NotFound
from groupware.followers import Follower
from groupware.listing import posts as listing
from groupware.moderation import Word
from groupware.service import Groupware
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from town import Town

    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
NAME = "<withdrawn@x>"


@dataclass
class Room:
    """The return room, and what happens there."""

    groupware: Groupware
    town: Town

    async def post(self, name: str, *codes: str) -> None:
        caller = self.town.caller(name)
        to = [f"{code}@{DOMAIN}" for code in codes or ("return",)]
        raw = message(name, ", ".join(to), "Words", "secret", message_id=NAME)
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, each) for each in to])

    async def decide(self, word: Word) -> None:
        dora = self.town.caller("dora")
        for held in await self.groupware.held(dora):
            await self.groupware.decide(dora, held.id, word, "because")

    async def withdraw(self, name: str, reason: str = "") -> None:
        await self.groupware.areas.withdraw(self.town.caller(name), NAME, reason)

    async def settle(self) -> None:
        store = self.groupware.store
        for name, kinds, handler in (
            (copies.NAME, copies.KINDS, copies.Copies(self.groupware.monitor)),
            (notices.NAME, notices.KINDS, notices.Notices(DOMAIN, self.groupware.monitor)),
        ):
            follower = Follower(store, name, "me", kinds, handler)
            while await follower.step():
                pass

    async def states(self) -> list[str]:
        return [post.state async for post in listing(self.groupware.store)]

    async def inbox(self, name: str) -> list[str]:
        _, state, _ = await self.groupware.folders.open(self.town.caller(name), "INBOX")
        subjects = (
            select(tables.rendering.c.subject)
            .join(tables.place, tables.place.c.rendering == tables.rendering.c.id)
            .where(tables.place.c.folder == state.id)
        )
        return await self.groupware.store.read(lambda snapshot: list(snapshot.connection.scalars(subjects)))


@pytest.fixture
async def room(store: Store) -> AsyncIterator[Room]:
    groupware = Groupware(store, DOMAIN)
    yield Room(groupware, await store.run(build))
    await groupware.close()


async def test_it_leaves_folders_inboxes_lists_and_the_raw_view(room: Room) -> None:
    await room.post("anna")
    await room.decide(Word.APPROVE)
    await room.settle()
    folders, bruno = room.groupware.folders, room.town.caller("bruno")
    _, area, places = await folders.open(bruno, "Areas/return")
    assert (len(places), "[TLP:AMBER] Words" in await room.inbox("bruno")) == (1, True)
    (card,) = (await room.groupware.newest(bruno, "return"))[1]
    await room.withdraw("anna", "It named somebody")
    state, changes = await folders.catch_up(bruno, area)
    assert changes is not None
    assert (list(changes.gone), state.uidnext) == ([1], area.uidnext)
    assert "[TLP:AMBER] Words" not in await room.inbox("bruno")
    for name in ("bruno", "dora", "anna"):
        caller = room.town.caller(name)
        assert (await room.groupware.newest(caller, "return"))[1] == []
        for look in (room.groupware.raw(caller, NAME), room.groupware.conversation(caller, card.token)):
            with pytest.raises(NotFound):
                await look
    assert await room.states() == ["withdrawn"]
    rows = await room.groupware.store.read(lambda snapshot: snapshot.connection.execute(select(withdrawal)).all())
    assert [(row.by, row.state, row.reason) for row in rows] == [
        (room.town.people["anna"], "published", "It named somebody")
    ]


async def test_one_that_is_held_leaves_the_queue(room: Room) -> None:
    await room.post("anna")
    (held,) = await room.groupware.held(room.town.caller("dora"))
    await room.withdraw("anna")
    assert not await room.groupware.held(room.town.caller("dora"))
    with pytest.raises(Forbidden):
        await room.groupware.decide(room.town.caller("dora"), held.id, Word.APPROVE)
    await room.post("anna")
    assert await room.states() == ["withdrawn"], "a repeat is no second post"


async def test_a_second_time_changes_nothing_and_tells_nobody(room: Room) -> None:
    await room.post("anna")
    await room.decide(Word.APPROVE)
    await room.withdraw("dora", "Not for this room")
    await room.withdraw("anna", "Another reason")
    await room.withdraw("dora")
    await room.settle()
    told = [subject for subject in await room.inbox("anna") if "withdrawn" in subject]
    assert told == ["Your message to Return was withdrawn"]


async def test_who_speaks_for_its_owner_takes_it_back_once_it_is_published(room: Room) -> None:
    """Without a right in the room; nobody's of another body, and nobody's before it is published."""

    def speak(tx: Tx) -> None:
        people = room.town.people
        for name, role, body in (("emil", Role.DEPUTY, 1), ("otto", Role.CONTACT_POINT, 2)):
            roles.grant(tx.connection, Grant(people[name], role, body, reason="test"))

    await room.groupware.store.run(speak)
    await room.post("anna")
    for name in ("emil", "otto"):
        with pytest.raises(NotFound):
            await room.withdraw(name)
    await room.decide(Word.APPROVE)
    await room.settle()
    with pytest.raises(NotFound):
        await room.withdraw("otto")
    assert "[TLP:AMBER] Words" in await room.inbox("bruno")
    await room.withdraw("emil", "It is ours to say")
    await room.settle()
    assert "[TLP:AMBER] Words" not in await room.inbox("bruno")
    assert await room.states() == ["withdrawn"]
    assert [subject for subject in await room.inbox("anna") if "withdrawn" in subject]
    stored = select(tables.content.c.body).order_by(tables.content.c.id.desc()).limit(1)
    (told,) = await room.groupware.store.read(lambda snapshot: list(snapshot.connection.scalars(stored)))
    assert b"Who speaks for its owner withdrew it from Return (return). Reason: It is ours to say" in told


async def test_who_takes_back_their_own_isnt_told(room: Room) -> None:
    await room.post("anna")
    await room.decide(Word.APPROVE)
    await room.withdraw("anna")
    await room.settle()
    assert not [subject for subject in await room.inbox("anna") if "withdrawn" in subject]


async def test_what_was_refused_stays_refused(room: Room) -> None:
    await room.post("anna")
    await room.decide(Word.REFUSE)
    with pytest.raises(Conflict, match="already-decided"):
        await room.withdraw("anna")
    assert await room.states() == ["refused"]


async def test_others_cant_and_learn_nothing(room: Room) -> None:
    await room.post("anna")
    await room.decide(Word.APPROVE)
    for name in ("bruno", "otto", "emil"):
        with pytest.raises(NotFound):
            await room.withdraw(name)
    with pytest.raises(NotFound):
        await room.groupware.areas.withdraw(room.town.caller("bruno"), "<nothing@x>")
    assert await room.states() == ["published"]


async def test_a_message_to_two_rooms_is_taken_back_from_both_by_its_author_from_one_by_its_moderator(
    room: Room,
) -> None:
    for right in ("reader", "poster"):
        await room.groupware.areas.give_access(None, "liaison", Asked(right, "official:anna", "test"))
    await room.post("anna", "return", "liaison")
    await room.withdraw("dora")
    assert sorted(await room.states()) == ["held", "withdrawn"]
    await room.withdraw("anna")
    assert await room.states() == ["withdrawn", "withdrawn"]
