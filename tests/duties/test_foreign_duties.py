"""A property over every verb about duties: people of a body change nothing of another, and widen nothing of theirs."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from directory import duty_tables, roles
from directory import tables as directory
from directory.postings import Posting
from groupware import clock
from groupware.duties.arranging import Arrangement
from groupware.duties.handing_over import Offer
from groupware.duties.proposing import Wanted
from groupware.errors import IconetError
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from duty_town import DutyTown

    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
OWN = ("berta", "boris", "britt", "bruno", "otto")
"""All of Borland: its contact point, deputy and admin, and two without duties."""
ROUNDS, ABROAD = 400, 0.4
"""How many verbs, and how often about somebody of either body rather than of their own."""
SCOPED = (Role.CONTACT_POINT, Role.DEPUTY, Role.DIRECTORY_ADMIN, Role.SECURITY_OFFICER)


class Tries:
    """One verb after another with ids of anybody's."""

    def __init__(self, house: DutyTown, dice: random.Random) -> None:
        self.house, self.dice = house, dice
        self.people = list(house.town.people.values())
        self.own = [house.who(name) for name in OWN]
        self.leavers = [house.who(name) for name in ("anna", "clio", "dean")]
        d = house.groupware.duties
        self.verbs: tuple[Callable[[Any], Coroutine[Any, Any, object]], ...] = (
            lambda c: d.propose(c, self.wanted()),
            lambda c: d.approve(c, self.number()),
            lambda c: d.refuse(c, self.number()),
            lambda c: d.withdraw(c, self.number()),
            lambda c: d.revoke(c, self.number(40), "why"),
            lambda c: d.arrange(c, self.arrangement()),
            lambda c: d.appoint(c, self.body(), self.person(), "act"),
            lambda c: d.answer_appointment(c, self.number(), accepted=True),
            lambda c: d.post_abroad(c, Posting(self.person(), "TR", "Ankara", clock.now())),
            lambda c: d.change_posting(c, Posting(self.person(), "TR", "Izmir", clock.now(), id=self.number())),
            lambda c: d.end_posting(c, self.number(), 1),
            lambda c: d.offer(c, Offer(self.person(), self.person())),
            lambda c: d.take_over(c, self.number()),
            lambda c: d.withdraw_offer(c, self.number()),
            lambda c: d.off_board(
                c, self.dice.choice([self.house.who(name) for name in ("anna", "clio", "dean")]), "x"
            ),
            lambda c: d.resume(c, self.person()),
        )

    def person(self) -> int:
        return self.dice.choice(self.people if self.dice.random() < ABROAD else self.own)

    def body(self) -> int:
        return self.dice.choice(list(self.house.bodies.values()))

    def number(self, most: int = 6) -> int:
        return self.dice.randint(1, most)

    def wanted(self) -> Wanted:
        role = self.dice.choice((*Role, Access.SENDER, Access.READER, Access.MANAGER))
        scope = self.body() if role in SCOPED else self.dice.choice((1, 2, self.person()))
        return Wanted(self.person(), role, scope, "why")

    def arrangement(self) -> Arrangement:
        deputies = tuple(self.dice.sample(self.people, self.number(2)))
        return Arrangement(self.body(), self.dice.choice((0, 1)), self.person(), deputies, "UTC", (), self.number(3))


def foreign(snapshot: Snapshot, house: DutyTown) -> list[object]:
    """Every row about duties of Aland's people."""
    connection, body = snapshot.connection, house.bodies["aa"]
    people = set(connection.scalars(select(directory.official.c.id).where(directory.official.c.body == body)))
    found: list[object] = []
    tables = (directory.role_grant, duty_tables.posting, duty_tables.grant_proposal, directory.official)
    for table in tables:
        column = table.c.id if table is directory.official else table.c.official
        found += map(tuple, connection.execute(select(table).where(column.in_(people)).order_by(table.c.id)))
    points = select(duty_tables.contact_point).where(duty_tables.contact_point.c.body == body)
    return [*found, *map(tuple, connection.execute(points))]


def powers(snapshot: Snapshot, official: int) -> set[tuple[object, int]]:
    return {(each.role, each.scope) for each in roles.all_of(snapshot.connection, official, snapshot.now)}


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_of_another_body_changes_and_nobody_widens_their_own_rights(house: DutyTown, seed: int) -> None:
    dice = random.Random(seed)
    tries, store = Tries(house, dice), house.groupware.store
    before, done = await store.read(lambda snapshot: foreign(snapshot, house)), 0
    for _ in range(ROUNDS):
        name, verb = dice.choice(OWN), dice.choice(tries.verbs)
        held = await store.read(lambda snapshot, name=name: powers(snapshot, house.who(name)))
        takes = verb in (tries.verbs[7], tries.verbs[12])  # what somebody else has offered may be accepted
        try:
            await verb(house.caller(name))
            done += 1
        except IconetError:
            continue
        assert await store.read(lambda snapshot: foreign(snapshot, house)) == before
        now = await store.read(lambda snapshot, name=name: powers(snapshot, house.who(name)))
        assert takes or now <= held, (name, now - held)
    assert done > ROUNDS // 40, "some of it was allowed within the own body"
