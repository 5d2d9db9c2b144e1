"""A directory whose rules change, and beside it the same in plain Python: who has which right, where and when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from directory import access, bodies, moment, officials, roles, units
from directory.access import Rule, Subject
from directory.officials import Official
from directory.tables import FOREVER, role_grant
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from directory.roles import Grant

ROOMS = {1: 1, 2: 1, 3: 2}
"""Rooms and their areas."""
RIGHTS = (Access.READER, Access.POSTER, Access.MANAGER)
Held = tuple[int, str, int, int]
"""A rule, a right, a room and an official."""


@dataclass
class Person:
    """An official, in plain facts."""

    unit: int
    suspended: bool = False
    since: int = 0
    until: int = FOREVER


@dataclass
class AccessWorld:
    """Both, and the hour. `seen` keeps what the oracle said at each moment."""

    connection: Connection
    now: int = 100
    body_of: dict[int, int] = field(default_factory=dict)
    parent: dict[int, int | None] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)
    duties: dict[int, Grant] = field(default_factory=dict)
    seen: dict[int, set[Held]] = field(default_factory=dict)

    def build(self) -> None:
        moment.keep(self.connection, self.now)
        for code in ("aa", "bb"):
            body = bodies.create(self.connection, code, code, bodies.BodyKind.MEMBER_STATE)
            top = units.create(self.connection, body, "top", "Top")
            for number, parent in ((top, None), *((self._unit(body, code, top), top) for code in ("x", "y"))):
                self.body_of[number], self.parent[number] = body, parent
        for unit in sorted(self.body_of):
            self.hire(unit)

    def _unit(self, body: int, code: str, top: int) -> int:
        return units.create(self.connection, body, code, code, top)

    # ---- acts, done to both

    def tick(self, hours: int = 1) -> None:
        self.now += hours
        moment.keep(self.connection, self.now)

    def hire(self, unit: int, since: int = 0, until: int = FOREVER) -> None:
        login = f"p{len(self.people)}"
        new = Official(0, login, f"{login}@iconet.test", login, 0, unit, valid_from=since, valid_until=until)
        self.people[officials.add(self.connection, new)] = Person(unit, since=since, until=until)

    def alter(self, who: int, *, unit: int, suspended: bool, until: int) -> None:
        now = officials.get(self.connection, who)
        officials.change(self.connection, replace(now, unit=unit, suspended=suspended, valid_until=until))
        self.people[who] = replace(self.people[who], unit=unit, suspended=suspended, until=until)

    def bring(self, who: int, unit: int, other: int) -> None:
        """As an import does: somebody goes to the other unit, and a new one comes to it."""
        known = officials.get(self.connection, who)
        login = f"new-{unit}"
        new = Official(0, login, f"{login}@aa.test", login, self.body_of[other], other)
        officials.write_all(self.connection, officials.batch([new], [replace(known, unit=other)]), self.now)
        found = officials.by_login(self.connection, login)
        assert found is not None
        self.people[found.id] = Person(other)
        self.people[who].unit = other

    def moves(self) -> list[tuple[int, int]]:
        """Each unit with each other one under which it could hang."""
        pairs = [(unit, parent) for unit in sorted(self.body_of) for parent in sorted(self.body_of)]
        return [
            (unit, parent)
            for unit, parent in pairs
            if self.body_of[unit] == self.body_of[parent]
            if unit not in self.above(parent) and self.parent[unit] != parent
        ]

    def move(self, unit: int, parent: int) -> None:
        units.move(self.connection, unit, parent)
        self.parent[unit] = parent

    def give(self, rule: Rule) -> None:
        new = replace(rule, granted=self.now)
        self.rules[access.add(self.connection, new)] = new

    def end(self, number: int) -> None:
        access.end(self.connection, number, 0, self.now)
        rule = self.rules[number]
        self.rules[number] = replace(rule, valid_until=min(rule.valid_until, self.now))

    def appoint(self, grant: Grant) -> None:
        self.duties[roles.grant(self.connection, grant)] = grant

    def dismiss(self, number: int) -> None:
        roles.revoke(self.connection, number, self.now)
        grant = self.duties[number]
        self.duties[number] = replace(grant, valid_until=min(grant.valid_until, self.now))

    def strip(self, who: int) -> None:
        roles.revoke_all(self.connection, who, self.now)
        for number, grant in self.duties.items():
            if grant.official == who:
                self.duties[number] = replace(grant, valid_until=min(grant.valid_until, self.now))

    # ---- the oracle

    def above(self, unit: int | None) -> set[int]:
        return set() if unit is None else {unit} | self.above(self.parent[unit])

    def due(self, at: int) -> set[Held]:
        """Who has what at a time, from the facts as they are now."""
        return {
            (number, rule.access.value, rule.room, who)
            for number, rule in self.rules.items()
            for who, person in self.people.items()
            if rule.valid_from <= at < rule.valid_until and person.since <= at < person.until
            if not person.suspended and who != rule.granted_by and self.fits(rule, who, person, at)
        }

    def fits(self, rule: Rule, who: int, person: Person, at: int) -> bool:
        if rule.subject is Subject.ROLE:
            return any(
                grant.official == who and grant.role == rule.role and grant.valid_from <= at < grant.valid_until
                for grant in self.duties.values()
                if grant.role != Role.LIAISON_OFFICER or grant.scope == rule.area
                if grant.role != Role.ORGANISER or grant.scope == rule.room
            )
        return (
            rule.subject is Subject.EVERYBODY
            or (rule.subject is Subject.BODY and rule.key == self.body_of[person.unit])
            or (rule.subject is Subject.UNIT and rule.key in self.above(person.unit))
            or (rule.subject is Subject.OFFICIAL and rule.key == who)
        )

    # ---- comparing

    def held(self, at: int) -> set[Held]:
        """What the rows say of a time."""
        rows = self.connection.execute(
            select(role_grant).where(
                role_grant.c.access != 0, role_grant.c.valid_from <= at, role_grant.c.valid_until > at
            )
        ).all()
        found = [(row.access, row.role, row.scope, row.official) for row in rows]
        assert len(found) == len(set(found)), "somebody has the same by the same rule twice"
        return set(found)

    def compare(self) -> None:
        """Now and in the time to come as the facts are now; in the past as the oracle said then."""
        self.seen[self.now] = self.due(self.now)
        for later in range(1, 7):
            assert self.held(self.now + later) == self.due(self.now + later), f"in {later}"
        for at, was in self.seen.items():
            assert self.held(at) == was, f"at {at - self.now}"
