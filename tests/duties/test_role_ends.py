"""What is given to the holders of a role in a room ends with the role, at once and at every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from town import message

from directory import roles
from directory.roles import Grant
from groupware.areas.access import Asked
from groupware.duties.handing_over import Offer
from groupware.errors import Conflict, Forbidden, IconetError, NotFound, Refused
from groupware.events import EventKind
from groupware.moderation import Word
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from duty_town import DutyTown

pytestmark = pytest.mark.anyio
NAME = "<role@client.test>"


async def sights(house: DutyTown, name: str) -> set[str]:
    """Where somebody gets into the room, or at a post in it: each door's own way of asking."""
    groupware, caller = house.groupware, house.town.caller(name, Door.IMAP)
    room = house.town.rooms["return"]

    async def may(call: Awaitable[object]) -> bool:
        try:
            return bool(await call)
        except IconetError:
            return False

    folders = [each.name for each in await groupware.folders.names(caller)]
    seats = [seat.room.code for seat in await groupware.matrix.seats(name)]
    found = {
        "imap": "Areas/return" in folders,
        "matrix": "return" in seats,
        "portal": await may(groupware.room(caller, "return")),
        "api": "return" in [each.code for each in await groupware.rooms(caller)],
        "raw": await may(groupware.raw(caller, NAME)),
        "submission": await may(groupware.recipient(caller, "return@iconet.test")),
        "live": await may(groupware.may_enter(caller, room)),
    }
    return {door for door, seen in found.items() if seen}


async def let_in(house: DutyTown, role: Role) -> None:
    """emil has the role for the room or its area, and who has it reads and posts there; a post is there."""
    groupware, adam = house.groupware, house.caller("adam")
    scope = house.town.rooms["return"] if role is Role.ORGANISER else 1
    given = Grant(house.who("emil"), role, scope, reason="test")
    await groupware.store.run(lambda tx: roles.grant(tx.connection, given))
    for right in ("reader", "poster"):
        await groupware.areas.give_access(adam, "return", Asked(right, f"role:{role}", "test"))
    await groupware.matrix.remember(house.town.rooms["return"], "!return:iconet.test")
    raw = message("anna", "return@iconet.test", "Hello", "Words", message_id=NAME)
    anna = house.town.caller("anna")
    await groupware.submit(anna, raw, [await groupware.recipient(anna, "return@iconet.test")])
    (held,) = await groupware.held(house.caller("dora"))
    await groupware.decide(house.caller("dora"), held.id, Word.APPROVE)


async def off_boarded(house: DutyTown, _role: Role) -> None:
    await house.groupware.duties.off_board(house.caller("clio"), house.who("emil"), "leaves")


async def revoked(house: DutyTown, role: Role) -> None:
    await house.groupware.duties.revoke(house.caller("clio"), await house.grant_of("emil", role), "over")


async def revoked_by_who_runs_it(house: DutyTown, role: Role) -> None:
    await house.groupware.duties.revoke(house.caller("adam"), await house.grant_of("emil", role), "over")


async def handed_over(house: DutyTown, _role: Role) -> None:
    duties = house.groupware.duties
    number = await duties.offer(house.caller("emil"), Offer(house.who("emil"), house.who("dean")))
    await duties.take_over(house.caller("dean"), number)


ENDS: tuple[Callable[[DutyTown, Role], Awaitable[None]], ...] = (
    off_boarded,
    revoked,
    revoked_by_who_runs_it,
    handed_over,
)
EVERYWHERE = {"imap", "matrix", "portal", "api", "raw", "submission", "live"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LIAISON_OFFICER])
async def test_with_the_role_goes_what_followed_from_it(
    house: DutyTown, role: Role, end: Callable[[DutyTown, Role], Awaitable[None]]
) -> None:
    await let_in(house, role)
    assert await sights(house, "emil") == EVERYWHERE
    told = await house.events(EventKind.RIGHTS_CHANGED)
    await end(house, role)
    assert await sights(house, "emil") == set()
    assert await house.events(EventKind.RIGHTS_CHANGED) != told, "open sessions are woken"
    if end is handed_over:
        assert await sights(house, "dean") == EVERYWHERE


async def test_what_a_rule_gives_is_not_ended_by_hand(house: DutyTown) -> None:
    await let_in(house, Role.ORGANISER)
    duties = house.groupware.duties
    (reader,) = [each for each in await duties.held_by(house.caller("clio"), house.who("emil")) if each.by_rule][:1]
    assert not reader.ends
    with pytest.raises(Refused, match="by-rule"):
        await duties.revoke(house.caller("clio"), reader.id, "no")


async def test_who_runs_an_area_ends_its_liaison_officers_of_any_body(house: DutyTown) -> None:
    duties, area = house.groupware.duties, 1
    given = Grant(house.who("bruno"), Role.LIAISON_OFFICER, area, reason="test")
    kept = Grant(house.who("bruno"), Role.SECURITY_OFFICER, house.bodies["bb"], reason="test")
    for each in (given, kept):
        await house.groupware.store.run(lambda tx, each=each: roles.grant(tx.connection, each))
    number = await house.grant_of("bruno", Role.LIAISON_OFFICER)
    other = await house.grant_of("bruno", Role.SECURITY_OFFICER)
    for name in ("clio", "dora", "britt", "bruno"):
        with pytest.raises((Forbidden, NotFound)):
            await duties.revoke(house.caller(name), number, "no")
        if name in ("clio", "dora"):
            with pytest.raises((Forbidden, NotFound)):
                await duties.held_by(house.caller(name), house.who("bruno"))
    with pytest.raises(Forbidden):
        await duties.revoke(house.caller("adam", strong=False), number, "no")
    with pytest.raises((Forbidden, NotFound)):
        await duties.revoke(house.caller("adam"), other, "no")
    seen = await duties.held_by(house.caller("adam"), house.who("bruno"))
    assert {each.role for each in seen if each.role in set(Role)} == {Role.LIAISON_OFFICER}, "not what is Borland's"
    assert all(each.ends for each in seen)
    await duties.revoke(house.caller("adam"), number, "the posting is over")
    assert not await house.holds("bruno", Role.LIAISON_OFFICER, area)
    assert await house.holds("bruno", Role.SECURITY_OFFICER, house.bodies["bb"])
    await house.follow()
    assert "A role of yours has ended" in await house.subjects("bruno")
    with pytest.raises(Conflict):
        await duties.revoke(house.caller("adam"), number, "again")
