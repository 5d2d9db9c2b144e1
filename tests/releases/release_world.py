"""A town in which releases are asked for: each body has its contact point and a deputy; who does what, in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from town import DOMAIN, Town, build, message

from directory import rights, roles
from directory.roles import Grant
from groupware import clock, tables
from groupware.moderation import Word as Decision
from groupware.releases.words import DAY, Asked, Word
from policies.vocabulary import Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.posting import Receipt
    from groupware.service import Groupware
    from groupware.store import Tx

ROOM = f"return@{DOMAIN}"
OUTSIDE = "desk@partner.test"
WORDS = (
    "Seven persons were found in a refrigerated lorry on the northern ferry this morning and all of them are well; "
    "the driver named a depot near the old harbour where two further lorries are said to wait for the night boat."
)
MORE = (
    "Our own checks at the harbour show a third lorry with the same trailer maker and forged seals, "
    "bought by a haulier whose licence was taken away last year after a similar case at the eastern border crossing."
)
NOTICES = """SELECT content.body FROM mail JOIN rendering ON rendering.id = mail.rendering
    JOIN content ON content.id = rendering.content JOIN mail_recipient ON mail_recipient.mail = mail.id
    WHERE mail.kind = 'notice' AND mail_recipient.official = :official ORDER BY mail.id"""


def speakers(tx: Tx, town: Town) -> None:
    """clara speaks for aa, emil is her deputy; otto speaks for bb, bruno is his deputy."""
    of = {"clara": (Role.CONTACT_POINT, "aa"), "emil": (Role.DEPUTY, "aa")}
    of |= {"otto": (Role.CONTACT_POINT, "bb"), "bruno": (Role.DEPUTY, "bb")}
    bodies = dict(tx.connection.execute(text("SELECT code, id FROM body")).all())
    for name, (role, body) in of.items():
        roles.grant(tx.connection, Grant(town.people[name], role, bodies[body], reason="test"))


def town_of(tx: Tx) -> Town:
    made = build(tx)
    speakers(tx, made)
    return made


def wanted(**other: Any) -> Asked:  # noqa: ANN401 -- any field
    values: dict[str, Any] = {
        "recipient": OUTSIDE,
        "organisation": "Partner Agency",
        "purpose": "To find the lorries.",
        "conditions": "For the desk officer only.",
        "until": clock.now() + 30 * DAY,
    }
    return Asked(**{**values, **other})


@dataclass
class Scene:
    """The network and its town."""

    groupware: Groupware
    town: Town
    ahead: list[int]
    """How far the store's time is before the real one."""

    def caller(self, name: str, *, strong: bool = True) -> Caller:
        return self.town.caller(name, strong=strong)

    async def send(self, who: str, raw: bytes, *to: str) -> Receipt:
        caller = self.caller(who, strong=False)
        return await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, each) for each in to])

    async def post(self, who: str, name: str, words: str = WORDS, *, references: str = "", subject: str = "") -> str:
        """Publish a post and return its token."""
        known = f"<{name}@client.test>"
        subject = subject or f"About {name}"
        await self.send(who, message(who, ROOM, subject, words, message_id=known, references=references), ROOM)
        for held in await self.groupware.held(self.caller("dora")):
            await self.groupware.decide(self.caller("dora"), held.id, Decision.APPROVE)
        return await self.groupware.store.read(lambda s: _token(s, known))

    async def ask(self, who: str, token: str, **other: Any) -> int:  # noqa: ANN401 -- any field
        return await self.groupware.releases.ask(self.caller(who), token, wanted(**other))

    async def say(self, who: str, number: int, word: Word, note: str = "", *, strong: bool = True) -> str:
        return await self.groupware.releases.decide(self.caller(who, strong=strong), number, word, note)

    async def settle(self) -> None:
        """All that goes on by itself, until nothing does."""
        desk = self.groupware.releases
        followers = self.groupware.followers()
        while any([*[await each.step() for each in followers], await desk.printer.step(), await desk.pack()]):
            pass

    async def state(self, number: int, who: str = "") -> str:
        row = await self.groupware.store.read(
            lambda s: s.connection.execute(text("SELECT state, why FROM release WHERE id = :n"), {"n": number}).one()
        )
        return (
            f"{row.state} {row.why}".strip()
            if not who
            else (await self.groupware.releases.card(self.caller(who), number)).release.state
        )

    async def notices(self, who: str) -> list[str]:
        """What ICONet has told somebody, oldest first."""
        official = {"official": self.town.people[who]}
        rows = await self.groupware.store.read(lambda s: s.connection.execute(text(NOTICES), official).all())
        return [bytes(row.body).decode() for row in rows]

    async def address(self, who: str) -> str:
        """The address to which they may answer, of the last notice that has one."""
        found = [match[1] for each in await self.notices(who) if (match := re.search(r"Reply-To: <?([^>\r\n]+)", each))]
        return found[-1]

    async def change(self, token: str, **values: Any) -> None:  # noqa: ANN401 -- any column
        def write(tx: Tx) -> None:
            tx.connection.execute(tables.post.update().where(tables.post.c.token == token).values(**values))
            rights.bump(tx.connection)

        await self.groupware.store.run(write)

    async def sent(self) -> list[tuple[Any, bytes]]:
        """What the relay takes from its queue now, and has sent."""
        claimed = list(await self.groupware.claim_outbound())
        for each, _ in claimed:
            await self.groupware.outbound_sent(each, "250 taken")
        return claimed


def _token(snapshot: Any, name: str) -> str:  # noqa: ANN401 -- a snapshot
    statement = select(tables.post.c.token).join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    return str(snapshot.connection.execute(statement.where(tables.rendering.c.message_id == name)).scalar_one())
