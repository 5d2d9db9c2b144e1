"""What somebody has booked outlives them: it goes to who can keep it, who is told, and who can cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from meeting_world import BOTH, OTHER, ROOM, Meeting, add_resources, ahead, answers, invite, taken
from sqlalchemy import select, update

from directory import roles, units
from directory import tables as directory
from directory.roles import Grant
from groupware import clock, tables
from groupware.duties.handing_over import Offer
from groupware.duties.moved import Followed
from groupware.off_boarding import off_board
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from duty_town import DutyTown

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
DAY = 24 * 3600 * clock.MICROSECONDS


@pytest.fixture
async def booking(house: DutyTown) -> DutyTown:
    """anna has booked Room A, of the return area, in which of her body clara and dora take part, too."""
    await house.groupware.store.run(add_resources)
    said = await invite(house.groupware, house.town, "anna", Meeting("anna", ahead(7)).asked())
    assert said.status == "ACCEPTED"
    return house


async def grant(house: DutyTown, name: str, role: Role | Access, scope: int) -> None:
    new = Grant(house.who(name), role, scope, reason="test")
    await house.groupware.store.run(lambda tx: roles.grant(tx.connection, new))


async def keeper(house: DutyTown) -> str:
    statement = select(directory.official.c.login).join(
        tables.booking, tables.booking.c.author == directory.official.c.id
    )
    return str(await house.groupware.store.read(lambda snapshot: snapshot.connection.execute(statement).scalar_one()))


async def leave(house: DutyTown, name: str = "anna", by: str = "clio") -> tuple[Followed, ...]:
    done, _ = await house.groupware.duties.off_board(house.caller(by), house.who(name), "leaves")
    return tuple(each for each in done.followed if each.what == "bookings to come")


async def text_to(house: DutyTown, name: str) -> str:
    return (await answers(house.groupware, house.town, name))[-1].text


async def test_a_colleague_keeps_it_is_told_and_can_cancel_it(booking: DutyTown) -> None:
    assert await leave(booking) == (Followed("bookings to come", 1, "clara"),)
    assert await keeper(booking) == "clara"
    assert len(await booking.groupware.store.read(taken)) == 1
    await booking.follow()
    assert "Bookings of Anna are yours now" in await booking.subjects("clara")
    told = await text_to(booking, "clara")
    assert "Room A (room-a@iconet.test)" in told
    assert "UID meeting-1@client.test" in told
    assert "Planning" not in told, "a notice doesn't say what a meeting is about"
    for name in ("anna", "dora"):
        assert "Bookings of Anna are yours now" not in await booking.subjects(name)
    meeting = Meeting("clara", ahead(7), sequence=1)
    said = await invite(booking.groupware, booking.town, "clara", meeting.asked("CANCEL"))
    assert said.subject.startswith("Cancelled")
    assert await booking.groupware.store.read(taken) == []


async def test_an_organiser_of_the_area_comes_before_colleagues(booking: DutyTown) -> None:
    await grant(booking, "dora", Role.ORGANISER, booking.town.rooms["return"])
    await grant(booking, "emil", Role.ORGANISER, booking.town.rooms["liaison"])
    assert await leave(booking) == (Followed("bookings to come", 1, "dora"),)


async def test_each_goes_to_who_may_book_that_resource(booking: DutyTown) -> None:
    await grant(booking, "anna", Access.READER, booking.town.rooms["liaison"])
    meeting = Meeting("anna", ahead(8), uid="other@client.test")
    assert (await invite(booking.groupware, booking.town, "anna", meeting.asked(), OTHER)).status == "ACCEPTED"
    moves = await leave(booking)
    assert {(each.count, each.to) for each in moves} == {(1, "clara"), (1, "emil")}
    await booking.follow()
    assert "Booth" in await text_to(booking, "emil")
    assert "Room A" not in await text_to(booking, "emil")


async def test_the_named_successor_has_it_before_anybody_else(booking: DutyTown) -> None:
    duties = booking.groupware.duties
    await grant(booking, "clara", Role.ORGANISER, booking.town.rooms["return"])
    offer = Offer(booking.who("anna"), booking.who("dora"), clock.now() + DAY)
    number = await duties.offer(booking.caller("anna"), offer)
    assert not await duties.take_over(booking.caller("dora"), number)
    assert await leave(booking) == (Followed("bookings to come", 1, "dora"),)
    assert await keeper(booking) == "dora"


async def test_what_was_not_agreed_on_is_not_carried_out(booking: DutyTown) -> None:
    duties = booking.groupware.duties
    await duties.offer(booking.caller("anna"), Offer(booking.who("anna"), booking.who("dora")))
    assert await leave(booking) == (Followed("bookings to come", 1, "clara"),)


async def alone(house: DutyTown, name: str, *, elsewhere: bool) -> None:
    """Nobody but one of the leaver's body may book the room any more; `elsewhere`: in a unit of its own."""
    room = house.town.rooms["return"]

    def use_case(tx: Tx) -> None:
        for role in (Access.READER, Role.MODERATOR):
            roles.revoke_for(tx.connection, role, room, tx.now)
        roles.grant(tx.connection, Grant(house.who(name), Access.READER, room, reason="test"))
        if elsewhere:
            unit = units.create(tx.connection, house.bodies["aa"], "v", "Unit V")
            units.give_competence(tx.connection, unit, 1)
            moved = update(directory.official).where(directory.official.c.id == house.who(name)).values(unit=unit)
            tx.connection.execute(moved)

    await house.groupware.store.run(use_case)


async def test_who_off_boards_gets_what_their_own_unit_owns(booking: DutyTown) -> None:
    await alone(booking, "clio", elsewhere=False)
    assert await leave(booking) == (Followed("bookings to come", 1, "clio"),)


async def test_who_off_boards_gets_nothing_of_another_unit(booking: DutyTown) -> None:
    await alone(booking, "clio", elsewhere=True)
    assert await leave(booking, by="clio") == (Followed("bookings to come", 1, ""),)
    assert await keeper(booking) == "anna"
    assert len(await booking.groupware.store.read(taken)) == 1, "what is booked stays booked"
    await booking.follow()
    for name in ("clio", "dean", "adam"):
        assert "Nobody can keep what Anna has booked" in await booking.subjects(name)
    assert await leave(booking, by="dean") == (Followed("bookings to come", 1, "clio"),), "it is looked for again"
    assert await keeper(booking) == "clio"


async def test_it_stays_in_the_body(booking: DutyTown) -> None:
    await grant(booking, "bruno", Role.ORGANISER, booking.town.rooms["return"])
    await alone(booking, "clio", elsewhere=False)
    await grant(booking, "bruno", Access.READER, booking.town.rooms["return"])
    assert await leave(booking, by="adam") == (Followed("bookings to come", 1, "clio"),)


async def test_who_may_not_read_it_does_not_get_it(booking: DutyTown) -> None:
    secret = update(tables.booking).values(handling=3)
    not_cleared = update(directory.official).where(directory.official.c.login == "clara").values(clearance=0)
    for statement in (secret, not_cleared):
        await booking.groupware.store.run(lambda tx, each=statement: tx.connection.execute(each).rowcount)
    assert await leave(booking) == (Followed("bookings to come", 1, "dora"),), "clara, who comes first, isn't cleared"


async def test_what_is_over_stays_on_record_as_it_was(booking: DutyTown) -> None:
    over = update(tables.occurrence).values(t0=1, t1=2)
    await booking.groupware.store.run(lambda tx: tx.connection.execute(over).rowcount)
    assert await leave(booking) == ()
    assert await keeper(booking) == "anna"


async def test_a_national_systems_word_does_the_same(booking: DutyTown) -> None:
    await booking.groupware.store.run(lambda tx: off_board(tx, booking.who("anna"), why="SCIM token no. 1"))
    await booking.follow()
    assert await keeper(booking) == "clara"
    await booking.follow()
    assert (await booking.subjects("clara")).count("Bookings of Anna are yours now") == 1


async def test_a_hand_over_counts_and_moves_bookings(booking: DutyTown) -> None:
    duties = booking.groupware.duties
    second = Meeting("anna", ahead(9), uid="second@client.test")
    await invite(booking.groupware, booking.town, "anna", second.asked(), BOTH)
    number = await duties.offer(booking.caller("anna"), Offer(booking.who("anna"), booking.who("clara")))
    (offered,) = (await duties.mine(booking.caller("clara"))).hand_overs
    assert dict(offered.moving.counts)["bookings to come"] == 2
    await duties.take_over(booking.caller("clara"), number)
    await booking.follow()
    assert "bookings to come: 2" in await text_to(booking, "clara")
    cancel = Meeting("clara", ahead(7), sequence=1).asked("CANCEL")
    assert (await invite(booking.groupware, booking.town, "clara", cancel)).subject.startswith("Cancelled")
    assert ROOM not in {address for address, *_ in await booking.groupware.store.read(taken)}
