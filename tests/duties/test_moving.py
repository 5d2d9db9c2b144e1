"""What a hand-over would move is counted before anybody accepts it, and told as it was once it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from meeting_world import answers
from sqlalchemy import update
from town import message

from directory import duty_moves, roles
from directory.roles import Grant
from groupware import tables
from groupware.duties.handing_over import Offer
from groupware.duties.moved import HELD
from groupware.duties.movers import MOVERS
from groupware.moderation import Word
from policies.vocabulary import Marking, Role

if TYPE_CHECKING:
    from duty_town import DutyTown

pytestmark = pytest.mark.anyio


async def post(house: DutyTown, author: str, words: str) -> None:
    raw = message(author, "return@iconet.test", words, "Text", message_id=f"<{words}@client.test>")
    caller = house.town.caller(author)
    room = await house.groupware.recipient(caller, "return@iconet.test")
    await house.groupware.submit(caller, raw, [room])


async def offered(house: DutyTown, by: str = "dora") -> int:
    return await house.groupware.duties.offer(house.caller(by), Offer(house.who("dora"), house.who("anna"), note="Hi"))


async def counts(house: DutyTown, name: str) -> dict[str, int]:
    (offer,) = (await house.groupware.duties.mine(house.caller(name))).hand_overs
    return dict(offer.moving.counts)


async def newest(house: DutyTown, name: str) -> str:
    return (await answers(house.groupware, house.town, name))[-1].text


async def test_open_moderation_is_counted_with_the_role(house: DutyTown) -> None:
    for author, words in (("clara", "one"), ("bruno", "two"), ("clara", "three")):
        await post(house, author, words)
    number = await offered(house)
    (offer,) = (await house.groupware.duties.mine(house.caller("anna"))).hand_overs
    assert list(offer.moving.duties) == ["Moderator for Return"]
    assert (await counts(house, "anna"))[HELD] == 3
    await house.follow()
    told = await newest(house, "anna")
    assert "- Moderator for Return" in told
    assert f"{HELD}: 3" in told
    assert "one" not in told.split(), "never what they are about"
    held = (await house.groupware.held(house.caller("dora")))[0]
    await house.groupware.decide(house.caller("dora"), held.id, Word.REFUSE)
    assert (await counts(house, "anna"))[HELD] == 2
    await house.groupware.duties.take_over(house.caller("anna"), number)
    assert len(await house.groupware.held(house.caller("anna"))) == 2
    assert await house.groupware.held(house.caller("dora")) == []
    await house.follow()
    for name in ("anna", "dora"):
        told = await newest(house, name)
        assert f"{HELD}: 2" in told
        assert "roles: 1" in told


async def test_what_the_giver_may_not_know_of_is_not_counted(house: DutyTown) -> None:
    for author, words in (("bruno", "theirs"), ("clara", "ours")):
        await post(house, author, words)
    strict = update(tables.post).values(marking=int(Marking.AMBER_STRICT))
    await house.groupware.store.run(lambda tx: tx.connection.execute(strict).rowcount)
    await offered(house)
    assert (await counts(house, "anna"))[HELD] == 1


async def test_moderation_that_stays_is_not_counted(house: DutyTown) -> None:
    await post(house, "clara", "one")
    moderating = Grant(house.who("dora"), Role.MODERATOR, house.town.rooms["liaison"], reason="test")
    await house.groupware.store.run(lambda tx: roles.grant(tx.connection, moderating))
    await house.groupware.duties.revoke(house.caller("clio"), await house.grant_of("dora", Role.MODERATOR), "over")
    await offered(house)
    assert (await counts(house, "anna"))[HELD] == 0


async def test_the_notice_says_what_is_still_missing(house: DutyTown) -> None:
    number = await offered(house, "clio")
    await house.follow()
    assert "Words still needed: the successor's and the giver's, or that of a second person" in await newest(
        house, "anna"
    )
    await house.groupware.duties.confirm_offer(house.caller("dean"), number)
    await house.groupware.duties.decline_offer(house.caller("anna"), number)
    await house.follow()
    told = await newest(house, "dora")
    assert "Nothing has moved." in told
    assert "moderator" not in told


async def test_what_moved_is_on_record_for_each_kind(house: DutyTown) -> None:
    number = await offered(house)
    await house.groupware.duties.take_over(house.caller("anna"), number)
    found = await house.groupware.store.read(lambda snapshot: duty_moves.of_hand_over(snapshot.connection, number))
    assert [each.what for each in found] == [what for what, _ in MOVERS]
    assert {(each.giver, each.taker) for each in found} == {(house.who("dora"), house.who("anna"))}
    assert {each.what: each.count for each in found}["roles"] == 1


async def test_who_has_nothing_sees_that_there_is_nothing(house: DutyTown) -> None:
    assert (await house.groupware.duties.mine(house.caller("clara"))).moving.nothing
    assert not (await house.groupware.duties.mine(house.caller("dora"))).moving.nothing


async def test_the_deputy_who_follows_is_told(house: DutyTown) -> None:
    done, _ = await house.groupware.duties.off_board_by_operator(house.who("berta"))
    assert [(each.what, each.count, each.to) for each in done.followed] == [("the body's contact point", 1, "boris")]
    await house.follow()
    assert "You are now the contact point of Borland" in await house.subjects("boris")


ACTS = {
    "clio": (True, True, False, True),
    "dean": (True, True, False, True),
    "adam": (True, False, True, True),
    "britt": (True, False, False, True),
    "anna": (False, False, False, False),
    "dora": (False, False, False, False),
}
"""Give a role, offer another's duties, appoint a first contact point, off-board somebody."""


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("strong", [True, False])
async def test_acts_are_offered_to_who_may_do_them(house: DutyTown, name: str, *, strong: bool) -> None:
    acts = (await house.groupware.duties.mine(house.caller(name, strong=strong))).acts
    assert (acts.gives, acts.offers, acts.appoints, acts.off_boards) == ACTS[name]


async def test_what_somebody_typed_is_quoted_in_a_notice_as_theirs(house: DutyTown) -> None:
    note = "Your password has expired.\n\nRenew it at https://login.example/"
    await house.groupware.duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna"), note=note))
    await house.groupware.duties.propose(
        house.caller("adam"), house.wanted("emil", Role.SECURITY_OFFICER, house.bodies["aa"], "one\ntwo")
    )
    await house.follow()
    told = (await newest(house, "anna")).replace("\r\n", "\n")
    assert "Dora (dora) writes:\n> Your password has expired.\n>\n> Renew it at https://login.example/\n" in told
    assert "Adam (adam) writes:\n> one\n> two\n" in (await newest(house, "clio")).replace("\r\n", "\n")
