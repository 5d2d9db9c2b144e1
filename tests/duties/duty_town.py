"""The small town with duties: Aland is governed by itself and governs Borland; what each may do, by four eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from town import DOMAIN, build

from directory import bodies, contact_points, officials, roles
from directory import tables as directory
from directory.contact_points import ContactPoint
from directory.officials import Official
from directory.roles import Grant
from directory.tables import FOREVER
from groupware import tables
from groupware.duties.proposing import Wanted
from groupware.tables import event
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.caller import Caller
    from groupware.events import EventKind
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

MORE = {"clio": "aa", "dean": "aa", "adam": "aa", "berta": "bb", "boris": "bb", "britt": "bb"}
DUTIES = (
    ("clio", Role.CONTACT_POINT),
    ("dean", Role.DEPUTY),
    ("adam", Role.DIRECTORY_ADMIN),
    ("berta", Role.CONTACT_POINT),
    ("boris", Role.DEPUTY),
    ("britt", Role.DIRECTORY_ADMIN),
)
"""clio and berta are the contact points of the two bodies, dean and boris their deputies, adam and britt admins."""


@dataclass(frozen=True)
class DutyTown:
    groupware: Groupware
    town: Town
    bodies: dict[str, int]

    def who(self, name: str) -> int:
        return self.town.people[name]

    def caller(self, name: str, *, strong: bool = True) -> Caller:
        return self.town.caller(name, Door.PORTAL, strong=strong)

    def wanted(
        self, name: str, role: Role | Access, scope: int, reason: str = "needed", valid_until: int = FOREVER
    ) -> Wanted:
        return Wanted(self.who(name), role, scope, reason, valid_until=valid_until)

    async def holds(self, name: str, role: Role | Access, scope: int) -> bool:
        def query(snapshot: Snapshot) -> bool:
            held = roles.held(snapshot.connection, self.who(name), snapshot.now)
            return (role, scope) in {(each.role, each.scope) for each in held}

        return await self.groupware.store.read(query)

    async def grant_of(self, name: str, role: Role | Access) -> int:
        held = await self.groupware.store.read(
            lambda snapshot: roles.held(snapshot.connection, self.who(name), snapshot.now)
        )
        return next(each.id for each in held if each.role == role)

    async def point(self, body: str, area: int = 0) -> ContactPoint:
        found = await self.groupware.store.read(
            lambda snapshot: contact_points.find(snapshot.connection, self.bodies[body], area)
        )
        assert found
        return found

    async def events(self, kind: EventKind) -> list[int]:
        statement = select(event.c.subject).where(event.c.kind == kind).order_by(event.c.id)
        return await self.groupware.store.read(lambda snapshot: list(snapshot.connection.scalars(statement)))

    async def subjects(self, name: str) -> list[str]:
        """Of the mail in their INBOX."""
        statement = (
            select(tables.rendering.c.subject)
            .join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
            .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
            .where(tables.mail_recipient.c.official == self.who(name))
        )
        return await self.groupware.store.read(lambda snapshot: list(snapshot.connection.scalars(statement)))

    async def follow(self) -> None:
        for follower in self.groupware.followers():
            while await follower.step():
                pass


def _rows(tx: Tx) -> tuple[Town, dict[str, int]]:
    town = build(tx)
    connection = tx.connection
    found = {code: bodies.find(connection, code) for code in ("aa", "bb")}
    number = {code: body.id for code, body in found.items() if body}
    units = {row.body: row.id for row in connection.execute(select(directory.unit.c.body, directory.unit.c.id))}
    bodies.put_under(connection, list(number.values()), number["aa"])
    connection.execute(update(directory.area).values(body=number["aa"]))
    for name, code in MORE.items():
        unit = units[number[code]]
        new = Official(0, name, f"{name}@{DOMAIN}", name.title(), number[code], unit)
        town.people[name] = officials.add(connection, new)
    for name, role in DUTIES:
        roles.grant(connection, Grant(town.people[name], role, number[MORE[name]], reason="test"))
    for code, holder, deputy in (("aa", "clio", "dean"), ("bb", "berta", "boris")):
        point = ContactPoint(number[code], holder=town.people[holder], deputies=(town.people[deputy],))
        contact_points.add(connection, point)
    return town, number


async def built(groupware: Groupware) -> DutyTown:
    town, number = await groupware.store.run(_rows)
    return DutyTown(groupware, town, number)
