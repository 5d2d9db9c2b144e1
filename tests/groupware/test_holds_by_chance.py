"""Holds, dates and rounds of erasing in any order: what is on hold stays, what is due goes, by a naive reckoning."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled
from sqlalchemy import select, update
from town import DOMAIN, build, message

from directory import rights, roles
from directory.roles import Grant
from directory.tables import area
from groupware import tables
from groupware.errors import Conflict, NotFound
from groupware.retention import erasing
from groupware.retention.holds import What
from groupware.retention_tables import erasure, retention_date
from groupware.service import Groupware
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.retention.seeking import Sought
    from groupware.store import Snapshot, Store, Tx

pytestmark = pytest.mark.anyio
POSTS, STEPS, FAR = 8, 60, 2**60
THREADS = {number: 1 + (number - 1) // 3 * 3 for number in range(1, POSTS + 1)}


@dataclass
class Reckoning:
    """What there is by a naive count."""

    due: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(THREADS, False))
    holds: dict[int, tuple[What, int, str]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def keeps(self, post: int) -> bool:
        on = {(What.POST, post), (What.THREAD, THREADS[post]), (What.ROOM, 1)}
        return any((kind, subject) in on for kind, subject, _ in self.holds.values())

    def round(self) -> None:
        self.gone |= {post for post, due in self.due.items() if due and not self.keeps(post)}


class Machine:
    """Does at random what people and the worker do."""

    def __init__(self, groupware: Groupware, town: Town, seed: int) -> None:
        self.groupware, self.town, self.reckoning = groupware, town, Reckoning()
        self._random = random.Random(seed)
        self._sought: Sought | None = None

    async def step(self) -> None:
        await self._random.choice([self._place, self._place, self._lift, self._lift, self._date, self._date,
                                   self._look, self._erase, self._round])()  # fmt: skip

    async def _place(self) -> None:
        kind, post, who = self._random.choice(list(What)), self._random.randint(1, POSTS), self._officer()
        name = "return" if kind is What.ROOM else str(post)
        try:
            caller = self.town.caller(who, Door.PORTAL, strong=True)
            (number,) = await self.groupware.retention.place(caller, kind, name, "case")
        except (Conflict, NotFound):
            return
        subject = {What.POST: post, What.THREAD: THREADS[post], What.ROOM: 1}[kind]
        self.reckoning.holds[number] = (kind, subject, who)

    def _officer(self) -> str:
        return self._random.choice(["emil", "anna"])

    async def _lift(self) -> None:
        if not self.reckoning.holds:
            return
        number = self._random.choice(list(self.reckoning.holds))
        who = "anna" if self.reckoning.holds.pop(number)[2] == "emil" else "emil"
        await self.groupware.retention.lift(self.town.caller(who, Door.PORTAL, strong=True), number, "closed")

    async def _date(self) -> None:
        """A date moves, whatever is marked."""
        post, due = self._random.randint(1, POSTS), self._random.random() < 0.6

        def move(tx: Tx) -> None:
            date = update(retention_date).where(retention_date.c.post == post)
            tx.connection.execute(date.values(due=0 if due else FAR))

        await self.groupware.store.run(move)
        self.reckoning.due[post] = due

    async def _look(self) -> None:
        self._sought = await self.groupware.store.read(lambda view: erasing.next_due(view, view.now))

    async def _erase(self) -> None:
        """Of what was looked for some time ago."""
        if self._sought is None:
            return
        sought, self._sought = self._sought, None
        posts = list(sought.about)
        where = self.groupware.store.directory
        await self.groupware.store.run(lambda tx: erasing.erase(tx, where, tx.now, sought, posts))
        ready = {post for post in posts if self.reckoning.due[post] and not self.reckoning.keeps(post)}
        self.reckoning.gone |= ready

    async def _round(self) -> None:
        while (await self.groupware.retention._worker._erase()).looked:
            pass
        self.reckoning.round()
        now = await self.groupware.store.read(_is_due)
        assert not now


def _is_due(snapshot: Snapshot) -> bool:
    return erasing.is_due(snapshot, snapshot.now)


def threads(snapshot: Snapshot) -> dict[int, int]:
    return {row.id: row.thread for row in snapshot.connection.execute(select(tables.post.c.id, tables.post.c.thread))}


def gone(snapshot: Snapshot) -> set[int]:
    return set(snapshot.connection.scalars(select(erasure.c.post)))


async def begun(store: Store) -> tuple[Groupware, Town]:
    """Three threads of at most three posts; emil and anna watch for Aland, which runs the area."""
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)

    def watch(tx: Tx) -> None:
        for name in ("emil", "anna"):
            roles.grant(tx.connection, Grant(town.people[name], Role.SECURITY_OFFICER, 1, reason="test"))
        tx.connection.execute(update(area).values(body=1))
        rights.bump(tx.connection)

    await store.run(watch)
    for post, thread in THREADS.items():
        under = f"<{thread}@x>" if thread != post else ""
        await send(
            groupware, town, "dora", message("dora", ROOM, "s", "t", message_id=f"<{post}@x>", references=under), ROOM
        )
    await settled(groupware)
    await groupware.retention.due()
    return groupware, town


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_on_hold_stays_and_what_is_due_goes(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(erasing, "LOOKED_AT", 2)
    monkeypatch.setattr(erasing, "_LOOK", erasing._LOOK.limit(2))
    monkeypatch.setattr(erasing, "_OF_LIFTED", erasing._OF_LIFTED.limit(2))
    groupware, town = await begun(store)
    machine = Machine(groupware, town, seed)
    threads = await store.read(
        lambda view: dict(view.connection.execute(select(tables.post.c.id, tables.post.c.thread)).all())
    )
    assert threads == THREADS
    for _ in range(STEPS):
        await machine.step()
        assert await store.read(gone) == machine.reckoning.gone
    await machine._round()
    assert await store.read(gone) == machine.reckoning.gone
    await groupware.parser.close()
