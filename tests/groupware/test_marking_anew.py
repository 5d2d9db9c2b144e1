"""To say that a post is marked otherwise is its owner's act; what it changes, and what it leaves as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, opened, post, send, settled, uids
from sqlalchemy import select
from town import build, message

from directory import officials, roles
from directory.roles import Grant
from groupware import tables
from groupware.checking import Fault
from groupware.errors import Conflict, NotFound, Refused
from groupware.folders.fetching import Want
from groupware.marks.changing import Wanted
from groupware.message.markings import Marks
from policies.vocabulary import Access, Door, Handling, Marking, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.caller import Caller
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio
WIDER = Wanted("<s@x>", Marks(Marking.CLEAR), "published by the ministry")


async def build_with_contact_points(groupware: Groupware) -> Town:
    """Clara speaks for the body whose unit owns what dora writes, and bruno for his own."""
    town = await groupware.store.run(build)

    def grant(tx):  # noqa: ANN001, ANN202 -- Tx
        for name in ("clara", "bruno"):
            body = officials.get(tx.connection, town.people[name]).body
            roles.grant(tx.connection, Grant(town.people[name], Role.CONTACT_POINT, body, reason="test"))
        assert Access.READER in {each.role for each in roles.held(tx.connection, town.people["anna"], tx.now)}

    await groupware.store.run(grant)
    await groupware.matrix.remember(town.rooms["return"], "!return")
    return town


def strong(town: Town, name: str) -> Caller:
    return town.caller(name, Door.PORTAL, strong=True)


async def heads(groupware: Groupware, town: Town, who: str) -> list[bytes]:
    state, places = await opened(groupware, town, who, "Areas/return")
    rows = await groupware.folders.fetch(town.caller(who), state, [uid for uid, _ in places], Want.HEAD | Want.SIZE)
    return [bytes(next(each for each in row if isinstance(each, bytes | memoryview))) for row in rows]


async def in_matrix(groupware: Groupware, town: Town) -> list[str]:
    """What is asked of the homeserver next, as words."""
    while any([await follower.step() for follower in groupware.matrix.followers()]):
        pass
    said = []
    for row in await groupware.matrix.following(town.rooms["return"]):
        ready = await groupware.matrix.ready(row, "")
        said.append("" if ready is None else ready.redacts or ready.content["body"].split("\n")[0])
        if ready is None:
            await groupware.matrix.dropped(row)
        else:
            await groupware.matrix.sent(row, f"${len(said)}-{row.key}")
    return said


async def test_who_may_and_what_it_changes(groupware: Groupware) -> None:
    town = await build_with_contact_points(groupware)
    await post(groupware, town, "[TLP:AMBER+STRICT] Numbers", "<s@x>")
    raw = await groupware.raw(town.caller("dora"), "<s@x>")
    assert await uids(groupware, town, "bruno", "INBOX") == []
    assert await in_matrix(groupware, town) == [""]
    before = await heads(groupware, town, "anna")
    for caller in (strong(town, "dora"), strong(town, "bruno"), strong(town, "anna"), town.caller("clara")):
        with pytest.raises(NotFound):
            await groupware.marks.mark(caller, WIDER)
    with pytest.raises(Refused, match="reason-needed"):
        await groupware.marks.mark(strong(town, "clara"), Wanted("<s@x>", Marks(Marking.CLEAR), " "))
    await groupware.marks.mark(strong(town, "clara"), WIDER)
    with pytest.raises(Conflict, match="same-marking"):
        await groupware.marks.mark(strong(town, "clara"), WIDER)
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "INBOX") == [1]
    assert await heads(groupware, town, "anna") == before
    (new,) = await heads(groupware, town, "bruno")
    assert b"X-TLP: TLP:CLEAR\r\n" in new
    assert b"Subject: [TLP:CLEAR] Numbers\r\n" in new
    assert b"X-TLP: TLP:AMBER+STRICT\r\n" in before[0]
    assert await groupware.raw(town.caller("bruno"), "<s@x>") == raw
    assert await in_matrix(groupware, town) == ["[TLP:CLEAR] Numbers"]
    (card,) = (await groupware.newest(town.caller("bruno"), "return"))[1]
    assert (card.marking, card.subject) == (0, "[TLP:CLEAR] Numbers")
    (act,) = await groupware.marks.acts(town.caller("bruno"), "<s@x>")
    assert (act.by, act.was.marking, act.marks.marking, act.reason) == (
        "Clara",
        Marking.AMBER_STRICT,
        Marking.CLEAR,
        WIDER.reason,
    )
    await what_is_stricter_goes(groupware, town)
    assert [found async for found in groupware.check() if isinstance(found, Fault)] == []


async def what_is_stricter_goes(groupware: Groupware, town: Town) -> None:
    """From mailboxes, lists and the room; a handling code asks for a clearance."""
    await groupware.marks.mark(strong(town, "clara"), Wanted("<s@x>", Marks(Marking.AMBER_STRICT), "names in it"))
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "INBOX") == []
    assert await uids(groupware, town, "bruno", "Areas/return") == []
    assert len(await in_matrix(groupware, town)) == 1
    with pytest.raises(NotFound):
        await groupware.marks.acts(town.caller("bruno"), "<s@x>")
    assert await uids(groupware, town, "anna", "Areas/return") == [1]
    await groupware.marks.mark(strong(town, "clara"), Wanted("<s@x>", Marks(Marking.RED, Handling.H2), "names in it"))
    assert await uids(groupware, town, "anna", "Areas/return") == []
    (card,) = (await groupware.newest(strong(town, "anna"), "return"))[1]
    assert (card.marking, card.handling, card.subject) == (4, 2, "[TLP:RED] [H2] Numbers")
    stays = Wanted("<s@x>", Marks(Marking.AMBER), "names are out", operator=True, code_stays=True)
    await groupware.marks.mark(strong(town, "clara"), stays)
    assert (await groupware.marks.acts(strong(town, "anna"), "<s@x>"))[-1].marks == Marks(Marking.AMBER, Handling.H2)


async def test_what_is_held_is_not_marked(groupware: Groupware) -> None:
    town = await build_with_contact_points(groupware)

    await send(groupware, town, "clara", message("clara", ROOM, "x", "x", message_id="<s@x>"), ROOM)
    with pytest.raises(NotFound):
        await groupware.marks.mark(strong(town, "clara"), WIDER)
    states = await groupware.store.read(lambda s: s.connection.scalars(select(tables.post.c.marking)).all())
    assert states == [2]
