"""A secretary sends for her head: From is the head, Sender herself, on record and for all to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN

from directory import roles
from groupware import tables
from groupware.composing import Draft
from groupware.duties.handing_over import Offer
from groupware.errors import Forbidden, NotFound, Refused
from groupware.moderation import Word
from policies.vocabulary import Access, Marking, Role

if TYPE_CHECKING:
    from duty_town import DutyTown

    from groupware.posting import Receipt

pytestmark = pytest.mark.anyio
TO_ROOM = "return@iconet.test"


def message(author: str, sender: str, more: str = "") -> bytes:
    fields = [f"From: {author}@{DOMAIN}", "Subject: For the head", "Message-ID: <one@client.test>"]
    fields += [f"Sender: {sender}@{DOMAIN}"] if sender else []
    fields += [more] if more else []
    return "\r\n".join([*fields, "", "Text", ""]).encode()


async def send(house: DutyTown, name: str, raw: bytes, to: str = TO_ROOM) -> Receipt:
    caller = house.caller(name, strong=False)
    return await house.groupware.submit(caller, raw, [await house.groupware.recipient(caller, to)])


@pytest.fixture
async def delegated(house: DutyTown) -> DutyTown:
    """clara may send for anna."""
    await delegate(house, "clara")
    return house


async def delegate(house: DutyTown, name: str) -> None:
    """Proposed by the contact point, accepted by the head."""
    duties = house.groupware.duties
    number = await duties.propose(house.caller("clio"), house.wanted(name, Access.SENDER, house.who("anna")))
    await duties.approve(house.caller("anna"), number)


async def posted(house: DutyTown) -> tuple[int, int, str]:
    row = select(tables.post.c.author, tables.post.c.sender, tables.post.c.state)
    return await house.groupware.store.read(lambda snapshot: tuple(snapshot.connection.execute(row).one()))


async def test_without_the_delegation_nothing_goes_in_anothers_name(house: DutyTown) -> None:
    for sender in ("", "anna", "clara"):
        with pytest.raises(Refused, match="from-is-not-sender"):
            await send(house, "clara", message("anna", sender))


async def test_author_and_sender_are_both_on_record(delegated: DutyTown) -> None:
    receipt = await send(delegated, "clara", message("anna", "clara"))
    assert receipt.held
    assert await posted(delegated) == (delegated.who("anna"), delegated.who("clara"), "held")
    assert await send(delegated, "clara", message("anna", "clara")) == receipt, "a repeat is no second post"


@pytest.mark.parametrize(
    "more", ["Sender: dora@iconet.test", "Sender: clara@iconet.test, dora@iconet.test", "Sender: anna@iconet.test"]
)
@pytest.mark.parametrize("sender", ["", "dora", "anna"])
async def test_sender_must_be_there_once_and_ones_own(delegated: DutyTown, sender: str, more: str) -> None:
    with pytest.raises(Refused, match="from-is-not-sender"):
        await send(delegated, "clara", message("anna", sender, more))


async def test_two_senders_are_none(delegated: DutyTown) -> None:
    with pytest.raises(Refused, match="from-is-not-sender"):
        await send(delegated, "clara", message("anna", "clara", "Sender: dora@iconet.test"))
    with pytest.raises(Refused, match="from-is-not-sender"):
        await send(delegated, "clara", message("clara", "clara", "Sender: dora@iconet.test"))


async def test_neither_approves_it_and_both_are_told(delegated: DutyTown) -> None:
    for name in ("anna", "clara"):
        held_as = roles.Grant(delegated.who(name), Role.MODERATOR, delegated.town.rooms["return"])
        await delegated.groupware.store.run(lambda tx, held_as=held_as: roles.grant(tx.connection, held_as))
    await send(delegated, "clara", message("anna", "clara"))
    page = await delegated.groupware.room(delegated.caller("clara"), "return")
    assert await posted(delegated) == (delegated.who("anna"), delegated.who("clara"), "published")
    assert page.posts[0].sent_by == "Clara"
    assert page.posts[0].author_name == "Anna"


async def test_what_is_held_is_shown_to_both_and_decided_by_a_third(delegated: DutyTown) -> None:
    await send(delegated, "clara", message("anna", "clara"))
    await delegated.follow()
    for name in ("anna", "clara"):
        assert "Your message to Return awaits moderation" in await delegated.subjects(name)
        page = await delegated.groupware.room(delegated.caller(name), "return")
        (waiting,) = page.waiting
        held_as = roles.Grant(delegated.who(name), Role.MODERATOR, delegated.town.rooms["return"])
        await delegated.groupware.store.run(lambda tx, held_as=held_as: roles.grant(tx.connection, held_as))
        with pytest.raises(Forbidden, match="nobody-approves-own"):
            await delegated.groupware.decide(delegated.caller(name), waiting.card.token, Word.APPROVE)
    await delegated.groupware.decide(delegated.caller("dora"), waiting.card.token, Word.APPROVE)
    assert (await posted(delegated))[2] == "published"


async def test_a_head_who_moderates_does_not_lend_that(delegated: DutyTown) -> None:
    held_as = roles.Grant(delegated.who("anna"), Role.MODERATOR, delegated.town.rooms["return"])
    await delegated.groupware.store.run(lambda tx: roles.grant(tx.connection, held_as))
    assert (await send(delegated, "clara", message("anna", "clara"))).held


async def test_to_send_for_somebody_opens_no_room(delegated: DutyTown) -> None:
    await delegate(delegated, "emil")
    with pytest.raises((Forbidden, NotFound)):
        await send(delegated, "emil", message("anna", "emil"))
    room = await delegated.groupware.recipient(delegated.caller("emil"), "liaison@iconet.test")
    with pytest.raises((Forbidden, NotFound)):
        await delegated.groupware.submit(delegated.caller("emil"), message("anna", "emil"), [room])


async def test_mail_by_name_and_to_partners_is_the_heads(delegated: DutyTown) -> None:
    await send(delegated, "clara", message("anna", "clara"), "dora@iconet.test")
    row = select(tables.mail.c.author).where(tables.mail.c.kind == "mail")
    author = await delegated.groupware.store.read(lambda snapshot: snapshot.connection.execute(row).scalar_one())
    assert author == delegated.who("anna")


async def test_the_portal_writes_both_fields(delegated: DutyTown) -> None:
    (head,) = await delegated.groupware.duties.heads(delegated.caller("clara"))
    assert head.address == "anna@iconet.test"
    draft = Draft("In her name", "Text", Marking.AMBER, "0" * 32, 1, head.address)
    receipt = await delegated.groupware.compose(delegated.caller("clara"), "return", draft)
    assert receipt.held
    assert (await posted(delegated))[:2] == (delegated.who("anna"), delegated.who("clara"))
    held = await delegated.groupware.raw(delegated.caller("anna"), receipt.message_id)
    assert b"From: Anna <anna@iconet.test>\r\n" in held
    assert b"Sender: clara@iconet.test\r\n" in held


async def test_it_ends_by_the_heads_word_or_with_who_leaves(delegated: DutyTown) -> None:
    grant = await delegated.grant_of("clara", Access.SENDER)
    await delegated.groupware.duties.revoke(delegated.caller("anna"), grant, "thank you")
    assert await delegated.groupware.duties.heads(delegated.caller("clara")) == []
    await delegate(delegated, "clara")
    await delegated.groupware.off_board(delegated.caller("anna"))
    assert not await delegated.groupware.duties.may_send_as(delegated.caller("clara"), "anna@iconet.test")
    assert not await delegated.holds("clara", Access.SENDER, delegated.who("anna"))


async def test_it_takes_the_heads_own_word(house: DutyTown) -> None:
    duties, head = house.groupware.duties, house.who("anna")
    number = await duties.propose(house.caller("clio"), house.wanted("clara", Access.SENDER, head))
    assert not await house.holds("clara", Access.SENDER, head)
    for name in ("clio", "dean", "adam", "clara"):
        with pytest.raises(Forbidden):
            await duties.approve(house.caller(name), number)
    with pytest.raises(Forbidden, match="strong"):
        await duties.approve(house.caller("anna", strong=False), number)
    await duties.approve(house.caller("anna"), number)
    grant = await house.grant_of("clara", Access.SENDER)
    found = await house.groupware.store.read(lambda snapshot: roles.get(snapshot.connection, grant))
    assert (found.granted_by, found.approved_by) == (house.who("clio"), head)
    await duties.propose(house.caller("clio"), house.wanted("emil", Access.SENDER, house.who("clio")))
    assert await house.holds("emil", Access.SENDER, house.who("clio")), "the head proposed it"


async def test_a_successor_does_not_send_for_the_head(delegated: DutyTown) -> None:
    duties = delegated.groupware.duties
    moderates = roles.Grant(delegated.who("clara"), Role.MODERATOR, delegated.town.rooms["return"])
    await delegated.groupware.store.run(lambda tx: roles.grant(tx.connection, moderates))
    number = await duties.offer(delegated.caller("clara"), Offer(delegated.who("clara"), delegated.who("emil")))
    await duties.take_over(delegated.caller("emil"), number)
    assert not await delegated.holds("emil", Access.SENDER, delegated.who("anna"))


async def test_it_stays_within_a_body(house: DutyTown) -> None:
    for name, head in (("bruno", "anna"), ("anna", "bruno"), ("anna", "anna")):
        for caller in ("clio", "berta"):
            with pytest.raises((Forbidden, Refused)):
                await house.groupware.duties.propose(
                    house.caller(caller), house.wanted(name, Access.SENDER, house.who(head))
                )
