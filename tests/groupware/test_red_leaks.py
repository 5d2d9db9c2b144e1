"""TLP:RED and TLP:AMBER+STRICT at every door and in every notice: a canary in subject and text, and who meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled, uids
from sqlalchemy import select
from town import DOMAIN, build, message

from directory import officials, roles
from directory.roles import Grant
from groupware import tables
from groupware.errors import NotFound
from groupware.marks.changing import Wanted
from groupware.message.markings import Marks
from groupware.moderation import Word
from policies.vocabulary import Access, Door, Marking, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio
CANARY = "canary"


@pytest.fixture
def groupware(groupware: Groupware) -> Groupware:
    groupware.marks.portal = lambda: "https://iconet.test"
    return groupware


async def build_with_roles(groupware: Groupware) -> Town:
    """Clara speaks for the body of anna, clara and dora, who are in the room with bruno of another body."""
    town = await groupware.store.run(build)

    def grant(tx):  # noqa: ANN001, ANN202 -- Tx
        body = officials.get(tx.connection, town.people["clara"]).body
        roles.grant(tx.connection, Grant(town.people["clara"], Role.CONTACT_POINT, body, reason="test"))
        for name in ("bruno", "emil"):
            roles.grant(tx.connection, Grant(town.people[name], Role.MODERATOR, town.rooms["return"], reason="test"))
        for access in Access:
            roles.grant(tx.connection, Grant(town.people["emil"], access, town.rooms["return"], reason="test"))

    await groupware.store.run(grant)
    await groupware.matrix.remember(town.rooms["return"], "!return")
    return town


async def told(groupware: Groupware, town: Town, who: str) -> list[str]:
    """The notices in somebody's INBOX."""

    def query(snapshot):  # noqa: ANN001, ANN202 -- Snapshot
        statement = (
            select(tables.content.c.body)
            .join(tables.rendering, tables.rendering.c.content == tables.content.c.id)
            .join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
            .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
            .where(tables.mail_recipient.c.official == town.people[who], tables.mail.c.kind == "notice")
            .order_by(tables.mail.c.id)
        )
        return [bytes(each).decode() for each in snapshot.connection.scalars(statement)]

    return await groupware.store.read(query)


async def in_matrix(groupware: Groupware, town: Town) -> list[object]:
    while any([await follower.step() for follower in groupware.matrix.followers()]):
        pass
    rows = await groupware.matrix.following(town.rooms["return"])
    return [ready for row in rows if (ready := await groupware.matrix.ready(row, "")) is not None]


async def test_a_red_post(groupware: Groupware) -> None:
    town = await build_with_roles(groupware)
    raw = message("anna", ROOM, f"[TLP:RED] {CANARY}", CANARY, message_id="<r@x>")
    (outcome,) = (await send(groupware, town, "anna", raw, ROOM)).outcomes
    await settled(groupware)
    for who in ("dora", "emil", "bruno"):  # nobody but who may decide hears that something waits
        notices = await told(groupware, town, who)
        assert [f"No. {outcome.number} " in each for each in notices] == ([] if who == "bruno" else [True]), who
        assert await groupware.held(town.caller(who, Door.API)) == []
    (held,) = await groupware.held(town.caller("dora", Door.PORTAL, strong=True))
    await groupware.decide(town.caller("dora", Door.PORTAL, strong=True), held.id, Word.APPROVE)
    await settled(groupware)
    assert await in_matrix(groupware, town) == []
    for who in ("anna", "bruno", "clara", "dora", "emil"):
        notices = await told(groupware, town, who)
        assert all(CANARY not in each for each in notices), who
        links = [each for each in notices if f"https://iconet.test/posts/{held.id}" in each]
        assert len(links) == (who in ("clara", "dora", "emil")), who
        mine = who == "anna"
        assert len(await uids(groupware, town, who, "Areas/return")) == mine, who
        assert len((await groupware.newest(town.caller(who), "return"))[1]) == mine
        strong = (await groupware.newest(town.caller(who, Door.PORTAL, strong=True), "return"))[1]
        assert len(strong) == (who != "bruno"), who
        if not mine:
            with pytest.raises(NotFound):
                await groupware.raw(town.caller(who, Door.API), "<r@x>")
    await once_marked_wider_it_travels_and_back_again_it_is_told_anew(groupware, town)


async def once_marked_wider_it_travels_and_back_again_it_is_told_anew(groupware: Groupware, town: Town) -> None:
    clara = town.caller("clara", Door.PORTAL, strong=True)
    before = len(await told(groupware, town, "dora"))
    await groupware.marks.mark(clara, Wanted("<r@x>", Marks(Marking.AMBER), "names are out"))
    await settled(groupware)
    assert len(await uids(groupware, town, "bruno", "Areas/return")) == 1
    assert len(await in_matrix(groupware, town)) == 1
    assert len(await told(groupware, town, "dora")) == before
    await groupware.marks.mark(clara, Wanted("<r@x>", Marks(Marking.RED), "they aren't"))
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "Areas/return") == []
    assert len(await told(groupware, town, "dora")) == before + 1


async def test_a_red_letter(groupware: Groupware) -> None:
    """Before, its recipients had no door through which to read it."""
    town = await build_with_roles(groupware)
    raw = message("anna", "x", f"[TLP:RED] {CANARY}", CANARY, message_id="<l@x>")
    await send(groupware, town, "anna", raw, f"clara@{DOMAIN}")
    await settled(groupware)
    (notice,) = await told(groupware, town, "clara")
    assert "https://iconet.test/letter?id=l%40x" in notice.replace("=3D", "=").replace("=\r\n", "")
    assert CANARY not in notice
    assert await uids(groupware, town, "clara", "INBOX") == [1]
    letter, display = await groupware.marks.letter(town.caller("clara", Door.PORTAL, strong=True), "l@x")
    assert (letter.subject, display.text.strip()) == (f"[TLP:RED] {CANARY}", CANARY)
    for caller in (town.caller("clara"), town.caller("dora", Door.PORTAL, strong=True)):
        with pytest.raises(NotFound):
            await groupware.marks.letter(caller, "l@x")


async def test_a_strict_post_stays_in_its_body(groupware: Groupware) -> None:
    town = await build_with_roles(groupware)
    raw = message("dora", ROOM, f"[TLP:AMBER+STRICT] [H1] {CANARY}", CANARY, message_id="<s@x>")
    await send(groupware, town, "dora", raw, ROOM)
    await settled(groupware)
    assert await in_matrix(groupware, town) == []
    bruno = town.caller("bruno", Door.PORTAL, strong=True)
    assert await told(groupware, town, "bruno") == []
    assert await uids(groupware, town, "bruno", "INBOX") == []
    assert (await groupware.newest(bruno, "return"))[1] == []
    assert len(await uids(groupware, town, "anna", "INBOX")) == 1
    assert await told(groupware, town, "anna") == []
