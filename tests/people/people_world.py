"""Two bodies with admins of their own, and a third that governs both: what the tests of keeping people need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert
from town import DOMAIN, Town
from town import build as build_town

from directory import areas, bodies, officials, roles, units
from directory.bodies import BodyKind
from directory.officials import Official
from directory.roles import Grant
from directory.tables import area
from groupware import tables
from groupware.people.entry import Entry
from groupware.service import Groupware
from groupware.store import Conditions
from policies.vocabulary import Access, Door, Marking, Role

if TYPE_CHECKING:
    from conftest import Place

    from groupware.caller import Caller
    from groupware.people.looking import Card
    from groupware.store import Store, Tx

DAY = 24 * 3600 * 1_000_000
START = 1_800_000_000_000_000
"""Where the world's time begins: in January 2027."""
ADMINS = {"adela": "aa", "alma": "aa", "bela": "bb", "cora": "cc"}
"""Directory admins by body; cc governs all three."""
EXTRA = {"carol": "aa", "dana": "bb"}
"""The contact points of aa and bb."""


class Time:
    """The store's time, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += int(days * DAY)


@dataclass
class World:
    groupware: Groupware
    town: Town
    time: Time

    def strong(self, name: str) -> Caller:
        """Somebody in the portal."""
        return self.town.caller(name, Door.PORTAL, strong=True)

    async def card(self, login: str) -> Card:
        """How an entry stands, for an admin of its body."""
        found = await self.groupware.store.read(lambda s: officials.by_login(s.connection, login))
        assert found is not None, login
        code = await self.groupware.store.read(lambda s: _code(s.connection, found.body))
        admin = next(name for name, body in ADMINS.items() if body == code and name != login)
        return await self.groupware.people.entry(self.strong(admin), found.id)

    async def close(self) -> None:
        await self.groupware.close()


def _code(connection: object, number: int) -> str:
    return next(code for code in ("aa", "bb", "cc") if _body(connection, code) == number)


def _body(connection: object, code: str) -> int:
    found = bodies.find(connection, code)  # type: ignore[arg-type] # a snapshot's
    assert found is not None
    return found.id


def build(tx: Tx) -> Town:
    """The town, with bodies of three levels and their admins."""
    return extended(tx, build_town(tx))


def extended(tx: Tx, town: Town) -> Town:
    """A town that is there already, with the rest."""
    connection = tx.connection
    third = bodies.create(connection, "cc", "Centre", BodyKind.INSTITUTION)
    units.create(connection, third, "u", "Unit C")
    numbers = {code: _body(connection, code) for code in ("aa", "bb", "cc")}
    bodies.put_under(connection, list(numbers.values()), third)
    for code in ("aa", "bb"):
        top = units.find(connection, numbers[code], "u")
        below = units.create(connection, numbers[code], "u1", f"Unit {code} one", top)
        units.create(connection, numbers[code], "u2", f"Unit {code} two", top)
        units.create(connection, numbers[code], "x", f"Unit {code} apart")
        assert below
    people = dict(town.people)
    for name, code in {**ADMINS, **EXTRA}.items():
        home = units.find(connection, numbers[code], "u1" if code != "cc" else "u")
        assert home is not None
        new = Official(0, name, f"{name}@{DOMAIN}", name.title(), 0, home, valid_from=START - 10 * DAY)
        people[name] = officials.add(connection, new)
        role = Role.DIRECTORY_ADMIN if name in ADMINS else Role.CONTACT_POINT
        roles.grant(connection, Grant(people[name], role, numbers[code], reason="test"))
    roles.grant(connection, Grant(people["clara"], Access.POSTER, town.rooms["liaison"], valid_until=START + 5 * DAY))
    for code, runs in {"return": "bb", "liaison": "bb"}.items():
        tx.connection.execute(area.update().where(area.c.code == code).values(body=numbers[runs]))
    rooms = {**town.rooms, "special": _special(tx, numbers["aa"], people["carol"])}
    return Town(people, rooms)


def _special(tx: Tx, body: int, reader: int) -> int:
    """A room of which carol is a reader, though not her own unit is competent for it, but the one apart."""
    area, competence = (
        areas.create_area(tx.connection, "special", "Special", body),
        areas.create_competence(tx.connection, "special"),
    )
    apart = units.find(tx.connection, body, "x")
    assert apart is not None
    units.give_competence(tx.connection, apart, competence)
    row = {"area": area, "code": "special", "name": "Special", "owner": apart, "competence": competence}
    defaults = {"moderated": True, "marking": int(Marking.AMBER), "handling": 0, "retention": "standard"}
    number = tx.insert(insert(tables.room), {**row, **defaults})
    roles.grant(tx.connection, Grant(reader, Access.READER, number, reason="test"))
    return number


async def opened(store: Store, time: Time) -> World:
    groupware = Groupware(store, DOMAIN)
    return World(groupware, await store.run(build), time)


async def opened_at(place: Place) -> World:
    time = Time()
    return await opened(place.open(Conditions(now=time)), time)


def someone(name: str = "Nina Nova", unit: str = "u1", **fields: object) -> Entry:
    """An entry that nothing is wrong with."""
    return Entry(**{"name": name, "unit": unit, **fields})  # type: ignore[arg-type] # by name
