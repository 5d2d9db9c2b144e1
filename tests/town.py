"""A small town of officials for tests: two areas with a moderated room each, and who may do what in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert

from directory import app_passwords, areas, bodies, officials, partners, roles, terms, units
from directory.bodies import BodyKind
from directory.officials import Official
from directory.roles import Grant
from groupware import tables
from groupware.caller import Caller
from groupware.house_rules import our_terms
from policies.vocabulary import Access, Door, Marking, Role

if TYPE_CHECKING:
    from groupware.service import Groupware
    from groupware.store import Tx

DOMAIN = "iconet.test"
MEMBERS = ("anna", "bruno", "clara")
"""Of the return area; bruno of another body. dora moderates there; otto is of the liaison area only."""


@dataclass(frozen=True)
class Town:
    """Ids by name."""

    people: dict[str, int]
    rooms: dict[str, int]

    def caller(self, name: str, door: Door = Door.SUBMISSION, *, strong: bool = False) -> Caller:
        """Somebody who has signed in."""
        return Caller(self.people[name], name, f"{name}@{DOMAIN}", name.title(), door, strong)


def build(tx: Tx) -> Town:
    """All of it in one transaction."""
    connection = tx.connection
    first = bodies.create(connection, "aa", "Aland", BodyKind.MEMBER_STATE)
    second = bodies.create(connection, "bb", "Borland", BodyKind.MEMBER_STATE)
    unit = {"aa": units.create(connection, first, "u", "Unit A"), "bb": units.create(connection, second, "u", "Unit B")}
    rooms = {}
    for code in ("return", "liaison"):
        area, competence = areas.create_area(connection, code, code.title()), areas.create_competence(connection, code)
        for number in unit.values():
            units.give_competence(connection, number, competence)
        row = {"area": area, "code": code, "name": code.title(), "owner": unit["aa"], "competence": competence}
        defaults = {"moderated": True, "marking": int(Marking.AMBER), "handling": 0, "retention": "standard"}
        rooms[code] = tx.insert(insert(tables.room), {**row, **defaults})
    people = {}
    for name, body in {"anna": "aa", "bruno": "bb", "clara": "aa", "dora": "aa", "otto": "bb", "emil": "aa"}.items():
        number = first if body == "aa" else second
        people[name] = officials.add(
            connection, Official(0, name, f"{name}@{DOMAIN}", name.title(), number, unit[body])
        )
        terms.accept(connection, people[name], our_terms().version, tx.now)
    for name in (*MEMBERS, "dora"):
        _access(tx, people[name], rooms["return"])
    for name in ("otto", "emil"):
        _access(tx, people[name], rooms["liaison"])
    roles.grant(connection, Grant(people["dora"], Role.MODERATOR, rooms["return"], reason="test"))
    roles.grant(connection, Grant(people["emil"], Role.MODERATOR, rooms["liaison"], reason="test"))
    partners.allow(connection, "partner.test")
    return Town(people, rooms)


def _access(tx: Tx, person: int, room: int) -> None:
    for access in (Access.READER, Access.POSTER):
        roles.grant(tx.connection, Grant(person, access, room, reason="test"))


async def app_password(groupware: Groupware, town: Town, name: str) -> str:
    """One that opens every door, for `name`."""
    secret = app_passwords.made()

    def keep(tx: Tx) -> None:
        doors = frozenset(Door) - {Door.PORTAL}
        app_passwords.keep(
            tx.connection, town.people[name], secret, groupware.server_key, doors=doors, label="test", now=tx.now
        )

    await groupware.store.run(keep)
    return secret


def message(sender: str, to: str, subject: str, text: str, *, message_id: str = "", references: str = "") -> bytes:
    """A plain message as a client would submit it."""
    fields = [f"From: {sender.title()} <{sender}@{DOMAIN}>", f"To: {to}", f"Subject: {subject}"]
    fields.append("Date: Sun, 22 Nov 2026 09:00:00 +0000")
    if message_id:
        fields.append(f"Message-ID: {message_id}")
    if references:
        fields += [f"References: {references}", f"In-Reply-To: {references.rsplit(maxsplit=1)[-1]}"]
    return ("\r\n".join([*fields, "", text]) + "\r\n").encode()
