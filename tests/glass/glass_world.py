"""A town with security officers: sam and stan of aa, sonja of bb, and simon of cc, the central authority."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from town import DOMAIN, Town, build, message

from directory import bodies, officials, rights, roles, terms, units
from directory.bodies import BodyKind
from directory.officials import Official
from directory.roles import Grant
from groupware import tables
from groupware.house_rules import our_terms
from groupware.moderation import Word
from policies.vocabulary import Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

ROOM = f"return@{DOMAIN}"
WORDS = "Seven persons were found in a refrigerated lorry on the northern ferry this morning and all of them are well."
NOTICES = """SELECT rendering.subject, content.body FROM mail JOIN rendering ON rendering.id = mail.rendering
    JOIN content ON content.id = rendering.content JOIN mail_recipient ON mail_recipient.mail = mail.id
    WHERE mail.kind = 'notice' AND mail_recipient.official = :official
    AND rendering.subject LIKE 'Break-glass%' ORDER BY mail.id"""


def town_of(tx: Tx) -> Town:
    made, connection = build(tx), tx.connection
    bodies.create(connection, "cc", "Centre", BodyKind.AGENCY)
    of = {row.code: row.id for row in connection.execute(text("SELECT code, id FROM body"))}
    connection.execute(text("UPDATE body SET authority = :cc"), {"cc": of["cc"]})
    unit = {code: connection.scalar(text("SELECT id FROM unit WHERE body = :b"), {"b": of[code]}) for code in of}
    unit["cc"] = units.create(connection, of["cc"], "u", "Unit C")
    people = dict(made.people)
    for name, body in {"sam": "aa", "sonja": "bb", "simon": "cc", "stan": "aa"}.items():
        people[name] = _officer(tx, name, of[body], unit[body])
    roles.grant(connection, Grant(people["clara"], Role.CONTACT_POINT, of["aa"], reason="test"))
    roles.grant(connection, Grant(people["otto"], Role.CONTACT_POINT, of["bb"], reason="test"))
    rights.bump(connection)
    return Town(people, made.rooms)


def _officer(tx: Tx, name: str, body: int, unit: int) -> int:
    number = officials.add(tx.connection, Official(0, name, f"{name}@{DOMAIN}", name.title(), body, unit))
    terms.accept(tx.connection, number, our_terms().version, tx.now)
    roles.grant(tx.connection, Grant(number, Role.SECURITY_OFFICER, body, reason="test"))
    return number


@dataclass
class Scene:
    groupware: Groupware
    town: Town
    ahead: list[int]
    """How far the store's time is before the real one."""

    def caller(self, name: str, *, strong: bool = True) -> Caller:
        return self.town.caller(name, strong=strong)

    async def officer(self, name: str, beside: str) -> None:
        """One more security officer, of somebody's body."""

        def add(tx: Tx) -> int:
            known = officials.get(tx.connection, self.town.people[beside])
            return _officer(tx, name, known.body, known.unit)

        self.town.people[name] = await self.groupware.store.run(add)

    async def post(self, who: str, name: str, *fields: str) -> int:
        """Publish a post in the return area and return its number."""
        known, caller = f"<{name}@client.test>", self.caller(who, strong=False)
        raw = message(who, ROOM, f"Secret {name}", WORDS, message_id=known)
        raw = "".join(f"{field}\r\n" for field in fields).encode() + raw
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, ROOM)])
        for held in await self.groupware.held(self.caller("dora")):
            if held.author != "dora@iconet.test":
                await self.groupware.decide(self.caller("dora"), held.id, Word.APPROVE)
        return int(await self.groupware.store.read(lambda s: _number(s, known)))

    async def settle(self) -> None:
        """All that goes on by itself, until nothing does."""
        followers = self.groupware.followers()
        while any([*[await each.step() for each in followers], await self.groupware.glass.tend()]):
            pass

    async def notices(self, who: str) -> list[str]:
        """What ICONet has told somebody of break-glass, oldest first: subject and text."""
        official = {"official": self.town.people[who]}
        rows = await self.groupware.store.read(lambda s: s.connection.execute(text(NOTICES), official).all())
        return [f"{row.subject}\n{bytes(row.body).decode()}" for row in rows]

    async def change(self, number: int, **values: Any) -> None:  # noqa: ANN401 -- any column
        def write(tx: Tx) -> None:
            tx.connection.execute(tables.post.update().where(tables.post.c.id == number).values(**values))
            rights.bump(tx.connection)

        await self.groupware.store.run(write)

    async def cleared(self, who: str, clearance: int) -> None:
        def write(tx: Tx) -> None:
            known = officials.get(tx.connection, self.town.people[who])
            officials.change(tx.connection, replace(known, clearance=clearance))
            rights.bump(tx.connection)

        await self.groupware.store.run(write)

    async def log(self, action: str) -> list[tuple[str, str, str]]:
        """What the log holds of an action: what happened, to what, of which number."""
        said = "SELECT event, kind, resource FROM audit_record WHERE action = :action ORDER BY id"
        rows = await self.groupware.store.read(lambda s: s.connection.execute(text(said), {"action": action}).all())
        return [(row.event, row.kind, row.resource) for row in rows]


def _number(snapshot: Snapshot, name: str) -> int:
    statement = select(tables.post.c.id).join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    return int(snapshot.connection.execute(statement.where(tables.rendering.c.message_id == name)).scalar_one())
