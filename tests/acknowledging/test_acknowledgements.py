"""Acknowledgements: by page, program, mail and receipt, once each; author and owner see who has, others their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from town import DOMAIN, Town, build, message

from directory import roles
from directory.roles import Grant
from groupware.composing import Draft
from groupware.errors import NotFound, Refused
from groupware.moderation import Word
from groupware.service import Groupware
from policies.vocabulary import Door, Marking, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from groupware.acknowledging.looking import Ledger
    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
ROOM, DESK = f"return@{DOMAIN}", f"acknowledge@{DOMAIN}"
ONE = "<one@client.test>"
ASKING = b"Disposition-Notification-To: <anna@iconet.test>\r\nReturn-Receipt-To: anna@iconet.test\r\n"
RECEIPT = """From: Bruno <bruno@iconet.test>\r
To: acknowledge@iconet.test\r
Subject: Read: About one\r
Date: Sun, 22 Nov 2026 09:00:00 +0000\r
Message-ID: <{name}@client.test>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=disposition-notification;\r
 boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
It was displayed. This is no guarantee that it has been read or understood.\r
\r
--b\r
Content-Type: message/disposition-notification\r
\r
Final-Recipient: rfc822;bruno@iconet.test\r
Original-Message-ID: {about}\r
Disposition: {mode}; displayed\r
\r
--b--\r
"""
RETURNED = """--b\r
Content-Type: message/rfc822\r
\r
Subject: About one\r
\r
Disposition: manual-action/MDN-sent-manually; displayed\r
\r
--b--"""
"""What its author wrote, as the client returns it (RFC 8098 3): it isn't the reader's word."""
MANUAL, AUTOMATIC = "manual-action/MDN-sent-manually", "automatic-action/MDN-sent-automatically"


class Scene:
    def __init__(self, groupware: Groupware, town: Town) -> None:
        self.groupware, self.town, self.desk = groupware, town, groupware.acknowledging

    async def send(self, who: str, raw: bytes, to: str = DESK) -> None:
        caller = self.town.caller(who)
        await self.groupware.submit(caller, raw, [await self.groupware.recipient(caller, to)])

    async def post(self, who: str, name: str = ONE, *, asking: bool = True) -> None:
        raw = message(who, ROOM, "About one", "Take note.", message_id=name)
        await self.send(who, (ASKING if asking else b"") + raw, ROOM)
        dora = self.town.caller("dora", strong=True)
        for held in await self.groupware.held(dora):
            await self.groupware.decide(dora, held.id, Word.APPROVE)

    async def awaiting(self, who: str) -> list[str]:
        return [each.message_id for each in await self.desk.awaiting(self.town.caller(who))]

    async def ledger(self, who: str, name: str = ONE) -> Ledger:
        return await self.desk.ledger(self.town.caller(who, strong=True), name)

    async def counts(self, who: str) -> dict[str, tuple[int, int, list[str]]]:
        found = (await self.ledger(who)).bodies
        return {each.name: (len(each.noted), each.could, [one.name for one in each.missing]) for each in found}


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    def town_of(tx: Tx) -> Town:
        made = build(tx)
        of = tx.connection.scalar(text("SELECT id FROM body WHERE code = 'aa'"))
        roles.grant(tx.connection, Grant(made.people["clara"], Role.CONTACT_POINT, of, reason="test"))
        return made

    groupware = Groupware(store, DOMAIN)
    yield Scene(groupware, await store.run(town_of))
    await groupware.parser.close()


async def test_who_has_and_who_hasnt(scene: Scene) -> None:
    await scene.post("anna")
    assert [await scene.awaiting(who) for who in ("bruno", "clara", "dora", "anna", "otto")] == [[ONE]] * 3 + [[]] * 2
    assert await scene.counts("anna") == {"Aland": (0, 2, ["Clara", "Dora"]), "Borland": (0, 1, ["Bruno"])}
    bruno = scene.town.caller("bruno", Door.API)
    first = await scene.desk.acknowledge(bruno, ONE)
    assert await scene.desk.acknowledge(bruno, ONE) == first
    assert await scene.counts("clara") == {"Aland": (0, 2, ["Clara", "Dora"]), "Borland": (1, 1, [])}
    assert await scene.desk.count(bruno) == 0
    own, other = await scene.ledger("bruno"), await scene.ledger("dora")
    assert [own.own, own.bodies, own.whole] == [first, (), False]
    assert [other.own, other.whole] == [0, True]  # dora is of the unit that owns it
    (noted,) = (await scene.ledger("anna")).bodies[1].noted
    assert (noted.person.name, noted.at, noted.door) == ("Bruno", first, "api")
    events = "SELECT count(*) FROM audit_record WHERE action = 'acknowledge' AND event = 'permitted'"
    assert await scene.groupware.store.read(lambda s: s.connection.scalar(text(events))) == 1


async def test_who_cant(scene: Scene) -> None:
    await scene.post("anna")
    with pytest.raises(Refused, match="nobody-acknowledges-own"):
        await scene.desk.acknowledge(scene.town.caller("anna"), ONE)
    for who, name in (("otto", ONE), ("bruno", "<absent@client.test>")):
        with pytest.raises(NotFound):
            await scene.desk.acknowledge(scene.town.caller(who), name)
        with pytest.raises(NotFound):
            await scene.desk.ledger(scene.town.caller(who), name)


async def test_by_mail_and_by_a_clients_receipt(scene: Scene) -> None:
    await scene.post("anna")
    _, octets = await _rendered(scene)
    assert (octets.count(b"Disposition-Notification-To"), octets.count(b"Return-Receipt-To")) == (1, 0)
    assert b"Disposition-Notification-To: <acknowledge@iconet.test>" in octets
    assert ASKING in await scene.groupware.raw(scene.town.caller("bruno"), ONE)
    for raw in (
        RECEIPT.format(name="a", about=ONE, mode=AUTOMATIC).encode(),
        RECEIPT.format(name="h", about=ONE, mode=AUTOMATIC).replace("--b--", RETURNED).encode(),
        message("bruno", DESK, "Away", "x", message_id="<b@x>", references=ONE).replace(
            b"Subject", b"Auto-Submitted: auto-replied\r\nSubject"
        ),
        RECEIPT.format(name="c", about="<absent@client.test>", mode=MANUAL).encode(),
        message("bruno", DESK, "Read", "I did.", message_id="<d@x>"),
    ):
        with pytest.raises(Refused):
            await scene.send("bruno", raw)
    with pytest.raises(Refused, match="from-is-not-sender"):
        await scene.send("clara", RECEIPT.format(name="e", about=ONE, mode=MANUAL).encode())
    assert await scene.awaiting("bruno") == [ONE]
    await scene.send("bruno", RECEIPT.format(name="f", about=ONE, mode=MANUAL).encode())
    await scene.send("clara", message("clara", DESK, "Re", "Noted.", message_id="<g@x>", references=ONE))
    assert await scene.counts("anna") == {"Aland": (1, 2, ["Dora"]), "Borland": (1, 1, [])}


async def test_asked_for_in_the_portal(scene: Scene) -> None:
    draft = Draft("Please note", "This.", Marking.AMBER, "0" * 32, 1_763_800_000_000_000, receipts=True)
    await scene.groupware.compose(scene.town.caller("dora", Door.PORTAL), "return", draft)
    await scene.post("anna", asking=False)
    assert await scene.awaiting("bruno") == [f"<{'0' * 32}@{DOMAIN}>"]


async def _rendered(scene: Scene) -> tuple[object, bytes]:
    card = (await scene.groupware.newest(scene.town.caller("bruno"), "return"))[1][0]
    return await scene.groupware.rendered(scene.town.caller("bruno"), card.token)
