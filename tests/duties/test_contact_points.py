"""Contact points: their places follow the roles, their hours the clock of their zone, the first the act of a body."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from directory import bodies, contact_points, officials, roles, units
from directory.bodies import BodyKind
from directory.contact_points import ContactPoint, Hours
from directory.postings import Posting
from directory.tables import area as area_rows
from groupware import clock
from groupware.duties.arranging import Arrangement
from groupware.duties.on_duty import is_open, opens_next
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.events import EventKind
from groupware.people.entry import Entry
from policies.vocabulary import Role

if TYPE_CHECKING:
    from duty_town import DutyTown

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
NINE_TO_FIVE = tuple(Hours(day, 9 * 60, 17 * 60) for day in range(5))


def at(text: str) -> int:
    """A moment in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * clock.MICROSECONDS


async def arrangement(house: DutyTown, body: str, **more: object) -> Arrangement:
    known = await house.point(body)
    made = Arrangement(known.body, known.area, known.holder, known.deputies, known.zone, known.hours, known.version)
    return replace(made, **more)  # type: ignore[arg-type] # fields by their names


async def test_hours_are_kept_in_the_zone_and_over_its_summer_time() -> None:
    point = ContactPoint(1, zone="Europe/Tallinn", hours=NINE_TO_FIVE)
    # Tallinn is two hours ahead in winter, three in summer; the change was on Sunday, 25 October 2026
    assert is_open(point, at("2026-10-23T06:00"))
    assert not is_open(point, at("2026-10-23T05:59"))
    assert is_open(point, at("2026-10-26T07:00"))
    assert not is_open(point, at("2026-10-26T06:59"))
    assert is_open(point, at("2026-10-23T13:59"))
    assert not is_open(point, at("2026-10-23T14:00"))
    assert opens_next(point, at("2026-10-23T14:00")) == at("2026-10-26T07:00")
    assert opens_next(point, at("2026-10-26T08:00")) == 0


async def test_a_jump_of_the_clock_opens_where_it_lands() -> None:
    point = ContactPoint(1, zone="Europe/Paris", hours=(Hours(6, 150, 240),))
    assert opens_next(point, at("2026-03-28T12:00")) == at("2026-03-29T01:30")
    assert not is_open(point, at("2026-03-29T00:59"))
    assert is_open(point, at("2026-03-29T01:00"))


async def test_without_hours_it_is_always_open() -> None:
    assert is_open(ContactPoint(1), at("2026-12-25T03:00"))


async def newcomer_with_link(house: DutyTown, login: str) -> str:
    """A colleague whom britt has added and made a link for: the link's token."""
    people, britt = house.groupware.people, house.caller("britt")
    unit = (await people.entry(house.caller("berta"), house.who("britt"))).unit
    house.town.people[login] = await people.add(britt, "", login, Entry(name="Nils New", unit=unit))
    return (await people.invite(britt, house.who(login))).path.removeprefix("/join/")


async def test_who_is_named_or_posted_comes_in_by_no_link_that_one_made_before(house: DutyTown) -> None:
    duties, berta = house.groupware.duties, house.caller("berta")
    named, posted = await newcomer_with_link(house, "nils"), await newcomer_with_link(house, "nora")
    area = await house.groupware.store.read(lambda s: s.connection.scalar(select(area_rows.c.id).limit(1)) or 0)
    await duties.arrange(berta, Arrangement(house.bodies["bb"], area, house.who("nils"), (), "UTC", (), 0))
    await duties.post_abroad(berta, Posting(house.who("nora"), "TR", "Ankara", 1))
    for token, login in ((named, "nils"), (posted, "nora")):
        with pytest.raises(NotFound):
            await house.groupware.identity.invited(token)
        with pytest.raises(Refused, match="two-persons"):
            await house.groupware.people.invite(house.caller("britt"), house.who(login))


async def test_a_new_deputy_gets_the_last_place(house: DutyTown) -> None:
    duties = house.groupware.duties
    number = await duties.propose(house.caller("adam"), house.wanted("anna", Role.DEPUTY, house.bodies["aa"]))
    await duties.approve(house.caller("clio"), number)
    assert (await house.point("aa")).deputies == (house.who("dean"), house.who("anna"))


async def test_places_are_set_by_who_designates_and_hours_by_who_keeps_the_entries(house: DutyTown) -> None:
    duties = house.groupware.duties
    hours = await arrangement(house, "aa", hours=NINE_TO_FIVE, zone="Europe/Oslo")
    await duties.arrange(house.caller("adam"), hours)
    assert (await house.point("aa")).zone == "Europe/Oslo"
    for stranger in ("berta", "britt", "anna"):
        with pytest.raises(Forbidden):
            await duties.arrange(house.caller(stranger), await arrangement(house, "aa", hours=()))
    without = await arrangement(house, "aa", deputies=())
    with pytest.raises(Forbidden):
        await duties.arrange(house.caller("adam"), without)
    await duties.arrange(house.caller("clio"), without)
    assert not await house.holds("dean", Role.DEPUTY, house.bodies["aa"])


async def test_nobody_moves_themselves_up(house: DutyTown) -> None:
    up = await arrangement(house, "aa", holder=house.who("dean"), deputies=(house.who("clio"),))
    for name in ("dean", "clio"):
        with pytest.raises((Forbidden, Refused)):
            await house.groupware.duties.arrange(house.caller(name), up)


async def test_nobody_speaks_for_the_body_by_their_own_act(house: DutyTown) -> None:
    duties, dean = house.groupware.duties, house.who("dean")
    for wanted in ({"holder": dean, "deputies": ()}, {"holder": 0}, {"holder": 0, "area": 1, "seen": 0}):
        with pytest.raises(Refused, match="own-succession"):
            await duties.arrange(house.caller("dean"), await arrangement(house, "aa", **wanted))
    assert (await house.point("aa")).holder == house.who("clio")


async def test_where_nobody_holds_it_the_next_in_line_sends_nobody_away(house: DutyTown) -> None:
    duties, anna = house.groupware.duties, house.who("anna")
    await duties.off_board(house.caller("dean"), house.who("clio"), "leaves")
    number = await duties.propose(house.caller("adam"), house.wanted("anna", Role.DEPUTY, house.bodies["aa"]))
    await duties.approve(house.caller("dean"), number)
    without = await arrangement(house, "aa", deputies=(anna,))
    with pytest.raises(Forbidden, match="nobody-administers-self"):
        await duties.arrange(house.caller("anna"), without)
    await duties.arrange(house.caller("adam"), await arrangement(house, "aa", hours=NINE_TO_FIVE))
    assert (await house.point("aa")).deputies == (house.who("dean"), anna)


async def test_a_deputy_does_not_suspend_whom_they_follow(house: DutyTown) -> None:
    people, clio = house.groupware.people, house.who("clio")
    with pytest.raises(Refused, match="own-succession"):
        await people.suspend(house.caller("dean"), clio, 1)
    await people.suspend(house.caller("adam"), clio, 1)


async def test_who_off_boards_the_contact_point_does_not_follow(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    area = ContactPoint(body, 1, house.who("clio"), deputies=(house.who("dean"),))
    await house.groupware.store.run(lambda tx: contact_points.add(tx.connection, area))
    await duties.off_board(house.caller("dean"), house.who("clio"), "leaves")
    assert not await house.holds("dean", Role.CONTACT_POINT, body)
    assert ((await house.point("aa")).holder, (await house.point("aa", 1)).holder) == (0, 0)
    assert await house.events(EventKind.BODY_UNATTENDED) == [body]
    assert await duties.tend() == 0


async def test_the_next_deputy_follows_whom_the_first_has_off_boarded(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    number = await duties.propose(house.caller("adam"), house.wanted("anna", Role.DEPUTY, body))
    await duties.approve(house.caller("clio"), number)
    await duties.off_board(house.caller("dean"), house.who("clio"), "leaves")
    assert await house.holds("anna", Role.CONTACT_POINT, body)
    point = await house.point("aa")
    assert (point.holder, point.deputies) == (house.who("anna"), (house.who("dean"),))


async def test_a_place_gives_no_role(house: DutyTown) -> None:
    named = await arrangement(house, "aa", deputies=(house.who("dean"), house.who("anna")))
    with pytest.raises(Refused, match="role-needed"):
        await house.groupware.duties.arrange(house.caller("clio"), named)
    foreign = await arrangement(house, "aa", deputies=(house.who("dean"), house.who("boris")))
    with pytest.raises(Forbidden):
        await house.groupware.duties.arrange(house.caller("clio"), foreign)


async def test_for_one_area_anybody_of_the_body_is_named(house: DutyTown) -> None:
    duties, anna = house.groupware.duties, house.who("anna")
    new = Arrangement(house.bodies["aa"], 1, anna, (house.who("emil"),), "UTC", (), 0)
    await duties.arrange(house.caller("clio"), new)
    assert not await house.holds("anna", Role.DEPUTY, house.bodies["aa"])
    assert await duties.tend() == 0
    with pytest.raises((Forbidden, Refused)):
        await duties.arrange(house.caller("clio"), replace(new, area=2, deputies=(house.who("boris"),)))
    await house.groupware.duties.off_board_by_operator(anna)
    assert (await house.point("aa", 1)).holder == house.who("emil")


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"zone": "Mars/Olympus"}, "unfit"),
        ({"hours": (Hours(0, 600, 500),)}, "unfit"),
        ({"hours": (Hours(0, 500, 600), Hours(0, 550, 700))}, "unfit"),
        ({"hours": (Hours(7, 500, 600),)}, "unfit"),
        ({"area": 999, "seen": 0}, "unfit"),
        ({"deputies": (0,)}, "unfit"),
    ],
)
async def test_what_cannot_be_is_refused(house: DutyTown, more: dict[str, object], rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        await house.groupware.duties.arrange(house.caller("clio"), await arrangement(house, "aa", **more))


async def test_two_who_change_it_at_once_are_told(house: DutyTown) -> None:
    one = await arrangement(house, "aa", zone="Europe/Oslo")
    two = replace(one, zone="Europe/Rome")
    await house.groupware.duties.arrange(house.caller("clio"), one)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await house.groupware.duties.arrange(house.caller("dean"), two)


async def test_by_hand_nobody_goes_without_naming_who_holds_it(house: DutyTown) -> None:
    arrange = house.groupware.duties.arrange
    for deputies in ((), (house.who("boris"),)):
        nobody = await arrangement(house, "bb", holder=0, deputies=deputies)
        with pytest.raises(Refused, match="own-succession"):
            await arrange(house.caller("berta"), nobody)
    assert (await house.point("bb")).holder == house.who("berta"), "all of it is as it was"
    assert await house.holds("boris", Role.DEPUTY, house.bodies["bb"])


async def test_a_term_that_ends_gives_the_place_to_the_deputy(house: DutyTown) -> None:
    grant = await house.grant_of("berta", Role.CONTACT_POINT)
    await house.groupware.store.run(lambda tx: roles.revoke(tx.connection, grant, tx.now))
    assert await house.groupware.duties.tend() == 1
    assert await house.groupware.duties.tend() == 0
    assert (await house.point("bb")).holder == house.who("boris")
    assert await house.holds("boris", Role.CONTACT_POINT, house.bodies["bb"])


async def new_body(house: DutyTown) -> int:
    """One that Aland governs, with nobody in it but otto, who moved there."""

    def use_case(tx: Tx) -> int:
        number = bodies.create(tx.connection, "cc", "Cland", BodyKind.MEMBER_STATE, house.bodies["aa"])
        unit = units.create(tx.connection, number, "u", "Unit C")
        officials.change(tx.connection, replace(officials.get(tx.connection, house.who("otto")), unit=unit))
        return number

    return await house.groupware.store.run(use_case)


async def test_the_first_contact_point_is_appointed_on_an_act_and_accepts(house: DutyTown) -> None:
    body, duties = await new_body(house), house.groupware.duties
    assert ("cc", "Cland") in await duties.bodies_without_contact_point()
    for other in ("clio", "britt", "berta", "otto"):
        with pytest.raises(Forbidden):
            await duties.appoint(house.caller(other), body, house.who("otto"), "Act 1")
    number = await duties.appoint(house.caller("adam"), body, house.who("otto"), "Note verbale 17 of 20 Nov 2026")
    assert not await house.holds("otto", Role.CONTACT_POINT, body)
    with pytest.raises(NotFound):
        await duties.answer_appointment(house.caller("anna"), number, accepted=True)
    await duties.answer_appointment(house.caller("otto"), number, accepted=True)
    assert await house.holds("otto", Role.CONTACT_POINT, body)
    assert ("cc", "Cland") not in await duties.bodies_without_contact_point()
    with pytest.raises(Conflict):
        await duties.answer_appointment(house.caller("otto"), number, accepted=False)
    with pytest.raises(Refused, match="has-contact-point"):
        await duties.appoint(house.caller("adam"), body, house.who("otto"), "again")
    await house.follow()
    assert len(await house.events(EventKind.MAIL_SENT)) == 1


async def test_an_appointment_that_was_followed_by_another_counts_no_more(house: DutyTown) -> None:
    body, duties = await new_body(house), house.groupware.duties
    first = await duties.appoint(house.caller("adam"), body, house.who("otto"), "Act 1")
    await duties.appoint(house.caller("adam"), body, house.who("otto"), "Act 2")
    with pytest.raises(Conflict):
        await duties.answer_appointment(house.caller("otto"), first, accepted=True)
