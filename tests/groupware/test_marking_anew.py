"""To say that a post is marked otherwise is its owner's act; what it changes, and what it leaves as it was."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, opened, post, send, settled, uids
from sqlalchemy import select, update
from town import build, message

from directory import officials, rights, roles
from directory.roles import Grant
from groupware import moderation as decisions
from groupware import off_boarding, second_person, tables
from groupware.checking import Fault
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.folders.fetching import Want
from groupware.marking_tables import loosening
from groupware.marks.changing import Wanted
from groupware.marks.loosening import WITHIN, Word, last
from groupware.message.markings import Marks
from groupware.too_often import DAY, MOST_A_DAY, MOST_OPEN
from policies.vocabulary import Access, Door, Handling, Marking, Role

if TYPE_CHECKING:
    from sqlalchemy import Update
    from town import Town

    from groupware.caller import Caller
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

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


async def test_two_persons_loosen_what_is_of_the_chosen(groupware: Groupware) -> None:
    """One asks, another confirms; who asked can't, nor somebody of another body, nor one who can't read it."""
    town = await build_with_contact_points(groupware)
    groupware.monitor.second_person = second_person.read("TLP:AMBER+STRICT")
    groupware.marks.portal = lambda: "https://portal.test"
    clara, anna, bruno = (strong(town, name) for name in ("clara", "anna", "bruno"))
    await post(groupware, town, "[TLP:GREEN] Weather", "<s@x>")
    assert await groupware.marks.mark(clara, Wanted("<s@x>", Marks(Marking.AMBER_STRICT), "names in it")) == 0
    with pytest.raises(Refused, match="nobody-may-confirm"):
        await groupware.marks.mark(clara, WIDER)
    await groupware.store.run(lambda tx: _deputy(tx, town, "anna"))
    token = (await groupware.newest(clara, "return"))[1][0].token
    assert await groupware.marks.mark(clara, WIDER) == 1
    with pytest.raises(Conflict, match="asked-already"):
        await groupware.marks.mark(anna, WIDER)
    await settled(groupware)
    assert await marked(groupware, clara) == Marking.AMBER_STRICT
    assert [each.token for each in await groupware.marks.to_confirm(anna)] == [token]
    assert await groupware.marks.to_confirm(clara) == await groupware.marks.to_confirm(bruno) == []
    assert await groupware.marks.to_confirm(town.caller("anna")) == []
    for caller in (clara, bruno, strong(town, "dora"), town.caller("anna")):
        with pytest.raises((NotFound, Forbidden)):
            await decide(groupware, caller, token, Word.CONFIRM)
    with pytest.raises(Forbidden, match="not-yours"):
        await decide(groupware, anna, token, Word.WITHDRAW)
    with pytest.raises(Refused, match="reason-needed"):
        await decide(groupware, anna, token, Word.REFUSE, " ")
    assert await decide(groupware, anna, token, Word.CONFIRM) == "confirmed"
    for word in (Word.CONFIRM, Word.REFUSE):
        with pytest.raises(Conflict, match="already confirmed by Anna, at "):
            await decide(groupware, anna, token, word, "late")
    assert await marked(groupware, bruno) == Marking.CLEAR
    act = (await groupware.marks.acts(bruno, "<s@x>"))[-1]
    assert (act.by, act.confirmed_by, act.reason) == ("Clara", "Anna", WIDER.reason)
    await settled(groupware)
    assert await titles(groupware, town, "anna") == ["Your confirmation is asked: a post in Return"]
    assert await titles(groupware, town, "clara") == [
        "Your marking of a post in Return was confirmed, and holds from now on"
    ]
    await what_else_becomes_of_an_ask(groupware, town, token)
    assert [found async for found in groupware.check() if isinstance(found, Fault)] == []


async def what_else_becomes_of_an_ask(groupware: Groupware, town: Town, token: str) -> None:
    """Refused, taken back, overtaken by a stricter one, lapsed, fallen; the room's usual marking counts, too."""
    clara, anna = strong(town, "clara"), strong(town, "anna")
    marks, red = groupware.marks, Wanted(token, Marks(Marking.RED), "once more")
    assert await marks.mark(clara, red) == 0
    assert await marks.mark(clara, Wanted(token, Marks(Marking.RED, Handling.H1), "coded")) == 0
    for word, said in ((Word.REFUSE, "refused"), (Word.WITHDRAW, "withdrawn")):
        assert await marks.mark(clara, Wanted(token, Marks(Marking.AMBER_STRICT, Handling.H2), "up and down")) == 1
        (seen,) = await marks.to_confirm(anna)
        assert await decide(groupware, clara if word is Word.WITHDRAW else anna, token, word, "because") == said
    assert await marks.mark(clara, red) == 1
    with pytest.raises(Conflict, match="changed-meanwhile"):  # what anna has read was another ask
        await marks.decide(anna, token, seen.number, Word.CONFIRM)
    assert await marks.mark(anna, Wanted(token, Marks(Marking.RED, Handling.H2), "stricter")) == 0
    with pytest.raises(Conflict, match="already superseded by Anna"):
        await decide(groupware, anna, token, Word.CONFIRM)
    assert await marks.mark(clara, red) == 1
    until = update(loosening).where(loosening.c.word == "")
    for left in (24 * 3600 * 1_000_000, 0):
        await settled(groupware)
        await groupware.store.run(partial(_execute, until, left))
        assert (await marks.tend(), await marks.tend()) == (1, 0)
    assert await marks.mark(clara, red) == 1
    await settled(groupware)
    gone = await groupware.store.run(lambda tx: off_boarding.off_board(tx, town.people["clara"]))
    assert dict(gone.ended)["looser markings asked for"] == 1
    assert await marks.to_confirm(anna) == []
    assert await titles(groupware, town, "anna") == [
        f"Your confirmation is {asked}: a post in Return" for asked in ("asked", "still asked")
    ]
    (card,) = (await groupware.newest(anna, "return"))[1]
    assert (card.marking, card.handling) == (Marking.RED, Handling.H2)


async def test_what_was_said_about_an_ask_goes_with_the_post(groupware: Groupware) -> None:
    """From the record and from the notices that quote it; what ends by itself afterwards leaves no words either."""
    town = await build_with_contact_points(groupware)
    groupware.monitor.second_person = second_person.read("TLP:RED")
    clara, anna = strong(town, "clara"), strong(town, "anna")
    await groupware.store.run(lambda tx: _deputy(tx, town, "anna"))
    await post(groupware, town, "Weather", "<s@x>")
    token = (await groupware.newest(clara, "return"))[1][0].token
    await groupware.marks.mark(clara, Wanted(token, Marks(Marking.RED), "names in it"))
    for note in ("no quincunx\nat all", ""):
        await groupware.marks.mark(clara, Wanted(token, Marks(Marking.CLEAR), "the quincunx is out"))
        if note:
            await decide(groupware, anna, token, Word.REFUSE, note)
    await settled(groupware)
    assert await titles(groupware, town, "clara") == ["Your marking of a post in Return was refused"]
    await groupware.retention.set_class("standard", "0d", existing=True)
    assert (await groupware.retention.erase()).verified == 1
    await settled(groupware)
    ended = "Your marking of a post in Return has ended: the post isn't there any more"
    assert await titles(groupware, town, "clara") == [ended]  # the first one has lost its words
    assert await groupware.store.read(lambda snapshot: bodies(snapshot, "quincunx")) == 0
    notes = select(loosening.c.word, loosening.c.reason, loosening.c.note).order_by(loosening.c.id)
    found = await groupware.store.read(lambda snapshot: snapshot.connection.execute(notes).all())
    assert [tuple(row) for row in found] == [("refused", "", ""), ("gone", "", "")]


async def test_asks_are_bounded_and_one_ends_with_its_post(groupware: Groupware) -> None:
    """Ten of one who speaks wait, and twenty of a body are made in a day; another body's count for themselves."""
    town = await build_with_contact_points(groupware)
    marks, clara, anna, bruno = groupware.marks, *(strong(town, name) for name in ("clara", "anna", "bruno"))
    await groupware.store.run(lambda tx: _deputy(tx, town, "anna"))
    wanted = [Wanted(f"<{each}@x>", Marks(Marking.CLEAR), "so it is") for each in range(MOST_OPEN + 2)]
    for who, each in [*(("dora", each) for each in wanted), ("bruno", replace(WIDER, name="<b@x>"))]:
        await send(groupware, town, who, message(who, ROOM, "Weather", "x", message_id=each.name), ROOM)
    (held,) = await groupware.held(town.caller("dora"))
    await groupware.decide(town.caller("dora"), held.id, decisions.Word.APPROVE)
    usual = update(tables.room).values(marking=int(Marking.RED), second_person="TLP:RED")
    await groupware.store.run(lambda tx: tx.connection.execute(usual))
    assert [await marks.mark(clara, each) for each in wanted[:MOST_OPEN]] == [1] * MOST_OPEN
    with pytest.raises(Conflict, match=r"too-many-open: 10 of your asks wait already"):
        await marks.mark(clara, wanted[MOST_OPEN])
    await groupware.areas.withdraw(clara, wanted[0].name, "it names somebody")
    assert len(await marks.to_confirm(anna)) == MOST_OPEN - 1
    assert await marks.mark(clara, wanted[MOST_OPEN]) == 1
    await settled(groupware)
    ended = "Your marking of a post in Return has ended: the post isn't there any more"
    assert ended in await titles(groupware, town, "clara")
    for _ in range(MOST_A_DAY - MOST_OPEN - 1):
        await marks.mark(anna, wanted[-1])
        (token,) = [each.token for each in await marks.to_confirm(clara)]
        await decide(groupware, anna, token, Word.WITHDRAW)
    with pytest.raises(Conflict, match=r"too-many-today: .* 20 times within 24 hours"):
        await marks.mark(anna, wanted[-1])
    with pytest.raises(Refused, match="nobody-may-confirm"):
        await marks.mark(bruno, replace(WIDER, name="<b@x>"))
    earlier = update(loosening).values(at=loosening.c.at - DAY)
    await groupware.store.run(lambda tx: tx.connection.execute(earlier))
    assert await marks.mark(anna, wanted[-1]) == 1
    words = select(loosening.c.word, loosening.c.by).where(loosening.c.word.in_(["", "gone"]))
    found = await groupware.store.read(lambda snapshot: snapshot.connection.execute(words).all())
    assert sorted(tuple(row) for row in found) == [*([("", 0)] * (MOST_OPEN + 1)), ("gone", clara.official)]


def bodies(snapshot: Snapshot, word: str) -> int:
    """How many contents there are with this word."""
    found = snapshot.connection.scalars(select(tables.content.c.body))
    return sum(word.encode() in bytes(body or b"") for body in found)


def _execute(statement: Update, left: int, tx: Tx) -> None:
    tx.connection.execute(statement.values(at=tx.now + left - WITHIN, until=tx.now + left))


async def test_a_room_chooses_for_its_posts_and_who_lost_the_duty_asks_in_vain(groupware: Groupware) -> None:
    town = await build_with_contact_points(groupware)
    clara, anna = strong(town, "clara"), strong(town, "anna")
    await groupware.store.run(lambda tx: _deputy(tx, town, "anna"))
    usual = update(tables.room).values(marking=int(Marking.RED), second_person="TLP:RED")
    await post(groupware, town, "Weather", "<s@x>")
    assert await groupware.marks.mark(clara, Wanted("<s@x>", Marks(Marking.GREEN), "no room has chosen")) == 0
    await groupware.store.run(lambda tx: tx.connection.execute(usual))
    assert await groupware.marks.mark(clara, Wanted("<s@x>", Marks(Marking.CLEAR), "the room is strict")) == 1
    token = (await groupware.newest(clara, "return"))[1][0].token
    await groupware.store.run(
        lambda tx: (roles.revoke_all(tx.connection, clara.official, tx.now, 0, "test"), rights.bump(tx.connection))
    )
    assert await decide(groupware, anna, token, Word.CONFIRM) == "fallen"
    assert await marked(groupware, anna) == Marking.GREEN


def _deputy(tx: Tx, town: Town, name: str) -> None:
    body = officials.get(tx.connection, town.people[name]).body
    roles.grant(tx.connection, Grant(town.people[name], Role.DEPUTY, body, reason="test"))
    rights.bump(tx.connection)


async def decide(groupware: Groupware, caller: Caller, token: str, word: Word, note: str = "") -> str:
    """About the ask that was made last, as of who has just read it."""
    row = await groupware.store.read(lambda snapshot: last(snapshot, token))
    return await groupware.marks.decide(caller, token, row.id, word, note)


async def marked(groupware: Groupware, caller: Caller) -> int:
    (card,) = (await groupware.newest(caller, "return"))[1]
    return card.marking


async def titles(groupware: Groupware, town: Town, name: str) -> list[str]:
    """Of the notices about asks that somebody has, each once."""
    made = (
        select(tables.rendering.c.subject)
        .join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
        .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
        .where(tables.mail.c.kind == "notice", tables.mail_recipient.c.official == town.people[name])
        .order_by(tables.mail.c.id)
    )
    found = await groupware.store.read(lambda snapshot: snapshot.connection.scalars(made).all())
    return list(dict.fromkeys(each for each in found if "post in Return" in each))


async def test_what_is_held_is_not_marked(groupware: Groupware) -> None:
    town = await build_with_contact_points(groupware)

    await send(groupware, town, "clara", message("clara", ROOM, "x", "x", message_id="<s@x>"), ROOM)
    with pytest.raises(NotFound):
        await groupware.marks.mark(strong(town, "clara"), WIDER)
    states = await groupware.store.read(lambda s: s.connection.scalars(select(tables.post.c.marking)).all())
    assert states == [2]
