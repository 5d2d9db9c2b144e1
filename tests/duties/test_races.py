"""Two at once about the same duty: one wins, the other is told, and nothing is half done. On both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from directory import duty_moves, hand_overs, officials, roles
from directory.hand_overs import HandOverState
from groupware import clock
from groupware.duties.arranging import Arrangement
from groupware.duties.handing_over import Offer
from groupware.errors import Conflict, Forbidden, IconetError, Refused
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from duty_town import DutyTown

    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
ROUNDS = 5
DAY = 24 * 3600 * clock.MICROSECONDS


async def at_once(*acts: Awaitable[object]) -> list[object]:
    """What came of each; an error that isn't one of the domain's fails the test."""
    found = await asyncio.gather(*acts, return_exceptions=True)
    assert all(isinstance(each, IconetError) or not isinstance(each, BaseException) for each in found), found
    return list(found)


def won(found: list[object]) -> int:
    return sum(not isinstance(each, IconetError) for each in found)


async def holders(house: DutyTown, role: Role, scope: int) -> list[int]:
    def query(snapshot: Snapshot) -> list[int]:
        return [each.official for each in roles.in_force(snapshot.connection, role, scope, snapshot.now)]

    return await house.groupware.store.read(query)


async def test_two_acceptances_take_over_once(house: DutyTown) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    giver, taker = "dora", "anna"
    for _ in range(ROUNDS):
        number = await duties.offer(house.caller(giver), Offer(house.who(giver), house.who(taker)))
        found = await at_once(*(duties.take_over(house.caller(taker), number) for _ in range(3)))
        assert won(found) == 1
        assert {type(each) for each in found if isinstance(each, IconetError)} == {Conflict}
        assert await holders(house, Role.MODERATOR, room) == [house.who(taker)]
        moves = await house.groupware.store.read(
            lambda snapshot, number=number: duty_moves.of_hand_over(snapshot.connection, number)
        )
        assert [each.count for each in moves if each.what == "roles"] == [1]
        giver, taker = taker, giver


async def test_acceptance_and_withdrawal_have_one_winner(house: DutyTown) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna")))
    found = await at_once(
        duties.take_over(house.caller("anna"), number), duties.withdraw_offer(house.caller("dora"), number)
    )
    assert won(found) == 1
    taken = not isinstance(found[0], IconetError)
    assert await holders(house, Role.MODERATOR, room) == [house.who("anna" if taken else "dora")]


@pytest.mark.parametrize("leaver", ["dora", "anna"])
async def test_a_hand_over_and_an_off_boarding_of_one_of_the_two(house: DutyTown, leaver: str) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    number = await duties.offer(house.caller("dora"), Offer(house.who("dora"), house.who("anna")))
    found = await at_once(
        duties.take_over(house.caller("anna"), number),
        duties.off_board(house.caller("clio"), house.who(leaver), "leaves"),
    )
    assert not isinstance(found[1], IconetError), "off-boarding is never refused"
    taken = not isinstance(found[0], IconetError)
    state = await house.groupware.store.read(lambda snapshot: hand_overs.get(snapshot.connection, number).state)
    assert state is (HandOverState.DONE if taken else HandOverState.WITHDRAWN)
    expected = {("dora", True): ["anna"], ("anna", False): ["dora"]}.get((leaver, taken), [])
    assert await holders(house, Role.MODERATOR, room) == [house.who(each) for each in expected]


async def test_what_was_agreed_and_an_off_boarding_happen_once(house: DutyTown) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    offer = Offer(house.who("dora"), house.who("anna"), clock.now() + DAY)
    number = await duties.offer(house.caller("dora"), offer)
    await duties.take_over(house.caller("anna"), number)
    off_boardings = (duties.off_board(house.caller(by), house.who("dora"), "leaves") for by in ("clio", "dean"))
    assert won(await at_once(*off_boardings, duties.tend())) == 3
    assert await holders(house, Role.MODERATOR, room) == [house.who("anna")]
    moves = await house.groupware.store.read(lambda snapshot: duty_moves.of_hand_over(snapshot.connection, number))
    assert [each.count for each in moves if each.what == "roles"] == [1]


async def test_two_approvals_grant_once(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    number = await duties.propose(house.caller("adam"), house.wanted("dora", Role.SECURITY_OFFICER, body))
    found = await at_once(
        duties.approve(house.caller("clio"), number),
        duties.approve(house.caller("dean"), number),
        duties.refuse(house.caller("dean"), number),
    )
    assert won(found) == 1
    granted = any(isinstance(each, int) for each in found)
    assert await holders(house, Role.SECURITY_OFFICER, body) == ([house.who("dora")] if granted else [])


async def test_two_admins_arrange_one_contact_point(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    point = await house.point("aa")
    people = point.holder, point.deputies
    wanted = [Arrangement(body, 0, *people, zone, (), point.version) for zone in ("Europe/Oslo", "Europe/Rome")]
    found = await at_once(
        duties.arrange(house.caller("clio"), wanted[0]), duties.arrange(house.caller("adam"), wanted[1])
    )
    assert won(found) == 1
    (lost,) = [each for each in found if isinstance(each, IconetError)]
    assert isinstance(lost, Conflict)
    assert lost.rule == "changed-meanwhile"
    assert (await house.point("aa")).zone == wanted[found.index(lost) - 1].zone


async def test_the_last_two_contacts_do_not_both_go_by_hand(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["bb"]
    contact, deputy = await house.grant_of("berta", Role.CONTACT_POINT), await house.grant_of("boris", Role.DEPUTY)
    found = await at_once(
        duties.revoke(house.caller("boris"), contact, "goes"), duties.revoke(house.caller("berta"), deputy, "goes")
    )
    assert all(isinstance(each, Conflict | Forbidden | Refused) for each in found if each is not None)
    left = [*await holders(house, Role.CONTACT_POINT, body), *await holders(house, Role.DEPUTY, body)]
    assert left, "somebody still speaks for the body"


async def test_a_return_and_an_off_boarding_leave_one_or_the_other(house: DutyTown) -> None:
    duties = house.groupware.duties
    await duties.off_board(house.caller("clio"), house.who("dora"), "leaves")
    found = await at_once(
        duties.resume(house.caller("clio"), house.who("dora")),
        duties.resume(house.caller("dean"), house.who("dora")),
        duties.off_board(house.caller("dean"), house.who("dora"), "leaves"),
    )
    assert won(found) >= 2
    known = await house.groupware.store.read(lambda snapshot: officials.get(snapshot.connection, house.who("dora")))
    assert known.suspended == bool(known.departed)
    assert await holders(house, Role.MODERATOR, house.town.rooms["return"]) == []
