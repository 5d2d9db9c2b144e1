"""A hand-over moves all duties at once, to a colleague who accepts, and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from directory import duty_tables, officials, postings, roles
from directory.postings import Posting
from directory.roles import Grant
from groupware import clock, tables
from groupware.duties.handing_over import Offer
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.events import EventKind
from groupware.people.entry import Entry
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from duty_town import DutyTown

    from groupware.store import Tx

pytestmark = pytest.mark.anyio


def book(house: DutyTown, name: str) -> object:
    """A booking of theirs."""

    def use_case(tx: Tx) -> int:
        unit = officials.get(tx.connection, house.who(name)).unit
        sha = {"sha256": b"", "size": 0, "body": b""}
        content = tx.insert(insert(tables.content), sha)
        kept = {"author": house.who(name), "message_id": "<m@x.test>", "content": content, "received": 0}
        made = tx.insert(insert(tables.submission), kept)
        about = {"address": "hall@iconet.test", "name": "Hall", "capacity": 1, "owner": unit, "zone": "UTC"}
        resource = tx.insert(insert(tables.resource), {**about, "days_ahead": 365})
        row = {"resource": resource, "uid": "u", "author": house.who(name), "owner": unit, "marking": 2, "handling": 0}
        more = {"state": "booked", "sequence": 0, "stamp": 0, "summary": "", "submission": made, "at": 0}
        return tx.insert(insert(tables.booking), {**row, **more})

    return house.groupware.store.run(use_case)


async def booked_by(house: DutyTown) -> tuple[int, int]:
    row = select(tables.booking.c.author, tables.booking.c.owner)
    return await house.groupware.store.read(lambda snapshot: tuple(snapshot.connection.execute(row).one()))


async def test_everything_moves_in_one_step_and_keeps_its_dates(house: DutyTown) -> None:
    duties = house.groupware.duties
    await book(house, "dora")
    owner = (await booked_by(house))[1]
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna"), note="Good luck"))
    for other in ("dora", "clio", "bruno"):
        with pytest.raises(NotFound):
            await duties.take_over(house.caller(other), number)
    assert await duties.take_over(house.caller("anna"), number)
    room = house.town.rooms["return"]
    assert await house.holds("anna", Role.MODERATOR, room)
    assert not await house.holds("dora", Role.MODERATOR, room)
    assert await house.holds("dora", Access.READER, room)
    assert await booked_by(house) == (house.who("anna"), owner)
    with pytest.raises(Conflict):
        await duties.take_over(house.caller("anna"), number)


async def test_a_contact_point_hands_over_place_and_role(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["bb"]
    number = await duties.offer(house.caller("berta"), Offer(house.who("berta"), house.who("boris")))
    await duties.take_over(house.caller("boris"), number)
    point = await house.point("bb")
    assert (point.holder, point.deputies) == (house.who("boris"), ())
    assert await house.holds("boris", Role.CONTACT_POINT, body)
    assert not await house.holds("berta", Role.CONTACT_POINT, body)
    await house.follow()
    assert await duties.bodies_without_contact_point() == []
    for name in ("britt", "boris"):
        assert (await house.subjects(name)).count("Duties were handed over") == 1
    assert await house.events(EventKind.HAND_OVER_CHANGED) == [number, number]


async def test_on_its_day_the_clock_does_it(house: DutyTown) -> None:
    duties = house.groupware.duties
    tomorrow = clock.now() + 24 * 3600 * clock.MICROSECONDS
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna"), tomorrow))
    assert not await duties.take_over(house.caller("anna"), number)
    assert await duties.tend() == 0
    bring = duty_tables.hand_over.update().values(effective=1)
    await house.groupware.store.run(lambda tx: tx.connection.execute(bring).rowcount)
    assert await duties.tend() == 1
    assert await duties.tend() == 0
    assert await house.holds("anna", Role.MODERATOR, house.town.rooms["return"])


async def test_a_taker_who_left_meanwhile_takes_nothing(house: DutyTown) -> None:
    duties = house.groupware.duties
    tomorrow = clock.now() + 24 * 3600 * clock.MICROSECONDS
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna"), tomorrow))
    await duties.take_over(house.caller("anna"), number)
    await house.groupware.off_board(house.caller("anna"))
    assert await duties.tend() == 0
    assert await house.holds("dora", Role.MODERATOR, house.town.rooms["return"])


async def test_who_may_offer_and_to_whom(house: DutyTown) -> None:
    duties = house.groupware.duties
    with pytest.raises(Refused, match="unfit"):
        await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("bruno")))
    with pytest.raises(Forbidden):
        await duties.offer(house.caller("anna"), Offer(house.who("dora"), house.who("anna")))
    with pytest.raises(Forbidden):
        await duties.offer(house.caller("adam"), Offer(house.who("dora"), house.who("anna")))
    with pytest.raises(Forbidden):
        await duties.offer(house.caller("berta"), Offer(house.who("dora"), house.who("anna")))
    number = await duties.offer(house.caller("clio"), Offer(house.who("dora"), house.who("anna")))
    with pytest.raises(Conflict, match="already-proposed"):
        await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("emil")))
    await duties.withdraw_offer(house.caller("dora"), number)
    with pytest.raises(Conflict):
        await duties.take_over(house.caller("anna"), number)


@pytest.mark.parametrize("word", ["dora", "dean"])
@pytest.mark.parametrize("first", ["word", "taker"])
async def test_what_another_offers_takes_one_more_word(house: DutyTown, word: str, first: str) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    number = await duties.offer(house.caller("clio"), Offer(house.who("dora"), house.who("anna")))
    await house.follow()
    assert "A hand-over of duties awaits your word" in await house.subjects(word)
    for other in ("clio", "anna", "adam", "berta"):
        with pytest.raises(Forbidden):
            await duties.confirm_offer(house.caller(other), number)
    if first == "taker":
        assert not await duties.take_over(house.caller("anna"), number)
    assert [each.confirms for each in (await duties.mine(house.caller(word))).hand_overs] == [True]
    assert await duties.tend() == 0
    assert await house.holds("dora", Role.MODERATOR, room)
    assert await duties.confirm_offer(house.caller(word), number) == (first == "taker")
    if first == "word":
        assert await house.holds("dora", Role.MODERATOR, room)
        assert await duties.take_over(house.caller("anna"), number)
    grant = await house.grant_of("anna", Role.MODERATOR)
    found = await house.groupware.store.read(lambda snapshot: roles.get(snapshot.connection, grant))
    assert (found.granted_by, found.approved_by) == (house.who("clio"), house.who(word))
    with pytest.raises(Conflict):
        await duties.confirm_offer(house.caller("dora"), number)


async def test_who_approved_the_giver_is_not_said_to_have_approved_the_successor(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    number = await duties.propose(house.caller("adam"), house.wanted("dora", Role.SECURITY_OFFICER, body))
    await duties.approve(house.caller("clio"), number)
    offer = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna")))
    await duties.take_over(house.caller("anna"), offer)
    grant = await house.grant_of("anna", Role.SECURITY_OFFICER)
    found = await house.groupware.store.read(lambda snapshot: roles.get(snapshot.connection, grant))
    assert (found.granted_by, found.approved_by) == (house.who("dora"), 0)


async def test_an_app_password_takes_and_answers_nothing(house: DutyTown) -> None:
    duties, weak = house.groupware.duties, house.caller("anna", strong=False)
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna")))
    appointed = house.caller("otto", strong=False)
    for act in (
        duties.take_over(weak, number),
        duties.decline_offer(weak, number),
        duties.withdraw_offer(house.caller("dora", strong=False), number),
        duties.offer(weak, Offer(weak.official, house.who("emil"))),
        duties.answer_appointment(appointed, 1, accepted=True),
    ):
        with pytest.raises(Forbidden, match="admin-needs-strong-login"):
            await act
    assert await house.holds("dora", Role.MODERATOR, house.town.rooms["return"])


async def test_a_declined_one_moves_nothing(house: DutyTown) -> None:
    duties = house.groupware.duties
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna")))
    await duties.decline_offer(house.caller("anna"), number)
    assert await house.holds("dora", Role.MODERATOR, house.town.rooms["return"])
    assert await house.events(EventKind.HAND_OVER_CHANGED) == [number, number]


async def test_off_boarding_gives_the_duties_to_the_first_deputy(house: DutyTown) -> None:
    body = house.bodies["bb"]
    new = Posting(house.who("berta"), "TR", "Ankara", 1)
    await house.groupware.store.run(lambda tx: postings.add(tx.connection, new))
    offer = await house.groupware.duties.offer(house.caller("berta"), Offer(house.who("berta"), house.who("otto")))
    done, _ = await house.groupware.duties.off_board_by_operator(house.who("berta"))
    assert dict(done.ended)["postings"] == 1
    assert (await house.point("bb")).holder == house.who("boris")
    assert await house.holds("boris", Role.CONTACT_POINT, body)
    assert not await house.holds("boris", Role.DEPUTY, body)
    with pytest.raises(Conflict):
        await house.groupware.duties.take_over(house.caller("otto"), offer)
    await house.groupware.duties.off_board_by_operator(house.who("boris"))
    assert await house.groupware.duties.bodies_without_contact_point() == [("bb", "Borland")]
    assert await house.events(EventKind.BODY_UNATTENDED) == [body]
    await house.follow()
    assert "Borland is without a contact point" in await house.subjects("adam")
    assert await house.subjects("clio") == []


async def test_who_comes_back_comes_with_nothing(house: DutyTown) -> None:
    duties = house.groupware.duties
    await duties.off_board(house.caller("clio"), house.who("dora"), "moves to another ministry")
    with pytest.raises(Forbidden):
        await duties.resume(house.caller("adam"), house.who("dora"))
    await duties.resume(house.caller("clio"), house.who("dora"))
    found = await house.groupware.store.read(lambda snapshot: officials.get(snapshot.connection, house.who("dora")))
    assert (found.suspended, found.departed) == (False, 0)
    left = await house.groupware.store.read(
        lambda snapshot: roles.all_of(snapshot.connection, house.who("dora"), snapshot.now)
    )
    assert left == []
    with pytest.raises(Conflict, match="not-departed"):
        await duties.resume(house.caller("clio"), house.who("dora"))


@pytest.mark.parametrize("name", ["berta", "britt", "dora", "anna"])
async def test_others_off_board_nobody(house: DutyTown, name: str) -> None:
    with pytest.raises(Forbidden):
        await house.groupware.duties.off_board(house.caller(name), house.who("dora"), "no")


async def newcomer(house: DutyTown, by: str) -> int:
    """A colleague in Borland whom one of its keepers has added."""
    people = house.groupware.people
    card = await people.entry(house.caller("berta"), house.who("britt"))
    house.town.people["nils"] = await people.add(house.caller(by), "", "nils", Entry(name="Nils New", unit=card.unit))
    return house.who("nils")


async def test_four_eyes_roles_go_to_no_account_that_only_the_giver_has_vouched_for(house: DutyTown) -> None:
    duties, taker = house.groupware.duties, await newcomer(house, "britt")
    await house.groupware.people.invite(house.caller("britt"), taker)
    with pytest.raises(Refused, match="own-newcomer"):
        await duties.offer(house.caller("britt"), Offer(house.who("britt"), taker))
    number = await duties.offer(house.caller("berta"), Offer(house.who("britt"), taker))
    await duties.confirm_offer(house.caller("britt"), number)
    assert await duties.take_over(house.caller("nils"), number)
    assert await house.holds("nils", Role.DIRECTORY_ADMIN, house.bodies["bb"])


async def test_a_four_eyes_role_that_the_giver_gets_meanwhile_does_not_go_over_either(house: DutyTown) -> None:
    duties, taker = house.groupware.duties, await newcomer(house, "britt")
    revoked = roles.revoke_all
    await house.groupware.store.run(lambda tx: revoked(tx.connection, house.who("britt"), tx.now, 0, "a test"))
    with pytest.raises(Refused, match="nothing-to-hand-over"):
        await duties.offer(house.caller("britt"), Offer(house.who("britt"), taker))
    some = Grant(house.who("britt"), Role.ORGANISER, house.town.rooms["return"], reason="a test")
    await house.groupware.store.run(lambda tx: roles.grant(tx.connection, some))
    number = await duties.offer(house.caller("britt"), Offer(house.who("britt"), taker))
    again = Grant(house.who("britt"), Role.DIRECTORY_ADMIN, house.bodies["bb"], reason="a test")
    await house.groupware.store.run(lambda tx: roles.grant(tx.connection, again))
    with pytest.raises(Conflict, match="hand-over-withdrawn"):
        await duties.take_over(house.caller("nils"), number)
    assert not await house.holds("nils", Role.DIRECTORY_ADMIN, house.bodies["bb"])
