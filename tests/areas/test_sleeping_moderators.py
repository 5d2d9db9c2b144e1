"""Held posts that nobody decides are told of: to the deputies, then to who runs the room; once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from area_world import admin, run_by_admin_and_managers
from sqlalchemy import bindparam, select
from town import DOMAIN, build, message

from directory import roles
from directory.roles import Grant
from groupware import clock, notices, tables
from groupware.areas.sleeping import Watch
from groupware.followers import Follower
from groupware.moderation import Word
from groupware.service import Groupware
from groupware.store import Conditions
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place
    from town import Town

pytestmark = pytest.mark.anyio
_SUBJECTS = (
    select(tables.rendering.c.subject)
    .join(tables.place, tables.place.c.rendering == tables.rendering.c.id)
    .where(tables.place.c.folder == bindparam("folder"))
    .order_by(tables.place.c.uid)
)
DAY = 24 * 3600 * clock.MICROSECONDS


@dataclass
class Night:
    """A town at some time."""

    groupware: Groupware
    town: Town
    ahead: list[int]

    async def post(self, name: str = "anna") -> None:
        caller, to = self.town.caller(name), f"return@{DOMAIN}"
        raw = message(name, to, "Words", "x", message_id=f"<{self.ahead[0]}@x>")
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, to)])

    async def watch(self) -> bool:
        """Another process each time: nothing is kept in memory."""
        return await Watch(self.groupware.store, self.groupware.monitor, DOMAIN).step()

    async def told(self, name: str, words: str = "nobody has decided") -> list[str]:
        """The subjects of the notices that somebody has."""
        _, state, _ = await self.groupware.folders.open(self.town.caller(name), "INBOX")
        found = await self.groupware.store.read(
            lambda snapshot: list(snapshot.connection.scalars(_SUBJECTS, {"folder": state.id}))
        )
        return [subject for subject in found if words in subject]


@pytest.fixture
async def night(place: Place) -> AsyncIterator[Night]:
    ahead = [0]
    store = place.open(Conditions(now=lambda: clock.now() + ahead[0]))
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)
    await store.run(lambda tx: run_by_admin_and_managers(tx, town))
    await store.run(
        lambda tx: roles.grant(tx.connection, Grant(town.people["bruno"], Role.MODERATOR, town.rooms["return"]))
    )
    yield Night(groupware, town, ahead)
    await groupware.close()


ASLEEP = "1 message for Return: nobody has decided"


async def test_first_the_deputy_is_told_and_then_who_runs_the_room(night: Night) -> None:
    await night.groupware.areas.set_deputy(admin(night.town), "return", "bruno", deputy=True)
    await night.post()
    assert not await night.watch()
    night.ahead[0] += DAY
    assert await night.watch()
    assert not await night.watch()
    assert (await night.told("bruno"), await night.told("clara")) == ([ASLEEP], [])
    night.ahead[0] += DAY
    assert await night.watch()
    night.ahead[0] += 9 * DAY
    assert not await night.watch()
    assert (len(await night.told("bruno")), await night.told("clara")) == (2, [ASLEEP])
    assert await night.told("otto") == []


async def test_without_deputies_who_runs_the_room_is_told_at_once(night: Night) -> None:
    await night.post()
    night.ahead[0] += DAY
    assert await night.watch()
    assert await night.told("clara") == [ASLEEP]


async def test_what_was_decided_or_withdrawn_wakes_nobody(night: Night) -> None:
    await night.post()
    (held,) = await night.groupware.held(night.town.caller("dora"))
    await night.groupware.decide(night.town.caller("dora"), held.id, Word.REFUSE, "no")
    night.ahead[0] += 1
    await night.post()
    (held,) = await night.groupware.held(night.town.caller("dora"))
    await night.groupware.areas.withdraw(night.town.caller("anna"), held.id)
    night.ahead[0] += 5 * DAY
    assert not await night.watch()


async def test_a_deputy_hears_of_a_held_post_only_when_nobody_else_can(night: Night) -> None:
    async def follow() -> None:
        made = notices.Notices(DOMAIN, night.groupware.monitor)
        await Follower(night.groupware.store, notices.NAME, "me", notices.KINDS, made).step()

    await night.groupware.areas.set_deputy(admin(night.town), "return", "bruno", deputy=True)
    await night.post()
    await follow()
    assert await _asked(night, "dora") == 1
    assert await _asked(night, "bruno") == 0
    await night.groupware.store.run(lambda tx: roles.revoke_all(tx.connection, night.town.people["dora"], tx.now))
    night.ahead[0] += 1
    await night.post()
    await follow()
    assert await _asked(night, "bruno") == 1
    await night.groupware.store.run(lambda tx: roles.revoke_all(tx.connection, night.town.people["bruno"], tx.now))
    night.ahead[0] += 1
    await night.post()
    await follow()
    assert await _asked(night, "clara", "there is no moderator") == 1


async def _asked(night: Night, name: str, words: str = "your decision is asked") -> int:
    return len(await night.told(name, words))
