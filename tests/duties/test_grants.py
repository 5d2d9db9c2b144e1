"""Roles by four eyes: who proposes, who approves, and that nobody widens what they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directory import officials, proposals, roles
from directory.proposals import ProposalState
from directory.roles import Grant
from groupware.duties.deciding import PROPOSER_GONE
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from duty_town import DutyTown

pytestmark = pytest.mark.anyio
BODY_ROLES = (Role.DIRECTORY_ADMIN, Role.SECURITY_OFFICER, Role.DEPUTY, Role.CONTACT_POINT)


@pytest.mark.parametrize("role", BODY_ROLES)
async def test_a_role_of_a_body_takes_two_of_that_body(house: DutyTown, role: Role) -> None:
    body, duties = house.bodies["aa"], house.groupware.duties
    number = await duties.propose(house.caller("adam"), house.wanted("anna", role, body))
    assert not await house.holds("anna", role, body)
    for other in ("adam", "berta", "britt", "bruno"):
        with pytest.raises(Forbidden):
            await duties.approve(house.caller(other), number)
    with pytest.raises(Forbidden):
        await duties.approve(house.caller("anna"), number)
    await duties.approve(house.caller("clio"), number)
    assert await house.holds("anna", role, body)
    with pytest.raises(Conflict):
        await duties.approve(house.caller("dean"), number)
    with pytest.raises(Conflict, match="already-held"):  # one who ends the role would leave a second one in force
        await duties.propose(house.caller("adam"), house.wanted("anna", role, body))


async def test_the_record_says_who_did_what(house: DutyTown) -> None:
    body, duties = house.bodies["aa"], house.groupware.duties
    number = await duties.propose(
        house.caller("adam"), house.wanted("anna", Role.SECURITY_OFFICER, body, reason="audit")
    )
    made = await duties.approve(house.caller("clio"), number)
    grant = await house.groupware.store.read(lambda snapshot: roles.get(snapshot.connection, made))
    assert (grant.granted_by, grant.approved_by, grant.reason) == (house.who("adam"), house.who("clio"), "audit")
    await duties.revoke(house.caller("dean"), made, "no longer needed")
    ended = await house.groupware.store.read(lambda snapshot: roles.get(snapshot.connection, made))
    assert (ended.ended_by, ended.ended_why) == (house.who("dean"), "no longer needed")
    with pytest.raises(Conflict):
        await duties.revoke(house.caller("dean"), made, "again")


async def test_moderators_are_proposed_by_who_runs_the_room_and_approved_by_their_own_body(house: DutyTown) -> None:
    room, duties = house.town.rooms["return"], house.groupware.duties
    wanted = house.wanted("bruno", Role.MODERATOR, room)
    for other in ("berta", "boris", "britt"):
        with pytest.raises(Forbidden):
            await duties.propose(house.caller(other), wanted)
    number = await duties.propose(house.caller("adam"), wanted)
    with pytest.raises(Forbidden):
        await duties.approve(house.caller("clio"), number)
    await duties.approve(house.caller("berta"), number)
    assert await house.holds("bruno", Role.MODERATOR, room)


async def test_who_runs_the_room_or_the_area_has_a_word_about_who_comes_to_see_it(house: DutyTown) -> None:
    duties = house.groupware.duties
    for role, scope in ((Role.ORGANISER, house.town.rooms["return"]), (Role.LIAISON_OFFICER, 1)):
        wanted = house.wanted("bruno", role, scope)
        for other in ("britt", "adam"):
            with pytest.raises(Forbidden):
                await duties.propose(house.caller(other), wanted)
        number = await duties.propose(house.caller("berta"), wanted)
        assert not await house.holds("bruno", role, scope)
        for other in ("berta", "boris", "britt", "clio", "bruno"):
            with pytest.raises(Forbidden):
                await duties.approve(house.caller(other), number)
        (asked,) = (await duties.mine(house.caller("adam"))).proposals
        assert (asked.id, asked.decides) == (number, True)
        await house.follow()
        assert "A role awaits your approval" in await house.subjects("adam")
        await duties.approve(house.caller("adam"), number)
        assert await house.holds("bruno", role, scope)


async def test_who_designates_and_runs_the_room_needs_no_second_word(house: DutyTown) -> None:
    duties, room = house.groupware.duties, house.town.rooms["return"]
    clio = Grant(house.who("clio"), Access.MANAGER, room, reason="test")
    await house.groupware.store.run(lambda tx: roles.grant(tx.connection, clio))
    number = await duties.propose(house.caller("clio"), house.wanted("anna", Role.ORGANISER, room))
    assert await house.holds("anna", Role.ORGANISER, room)
    assert not await duties.waits(number)


async def test_nobody_grants_themselves_anything(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    for name in ("clio", "dean", "adam"):
        for role in (*BODY_ROLES, Role.LIAISON_OFFICER):
            with pytest.raises(Forbidden):
                await duties.propose(house.caller(name), house.wanted(name, role, body))


@pytest.mark.parametrize(
    ("role", "scope", "rule"),
    [
        (Role.DIRECTORY_ADMIN, "bb", "unfit-scope"),
        (Role.LIAISON_OFFICER, 999, "unfit-scope"),
        (Access.READER, 1, "unfit-role"),
        (Access.MANAGER, 1, "unfit-role"),
    ],
)
async def test_the_scope_fits_the_role(house: DutyTown, role: Role, scope: int | str, rule: str) -> None:
    number = house.bodies[scope] if isinstance(scope, str) else scope
    with pytest.raises(Refused, match=rule):
        await house.groupware.duties.propose(house.caller("clio"), house.wanted("anna", role, number))


async def test_a_reason_dates_and_a_strong_sign_in_are_asked(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    role = Role.SECURITY_OFFICER
    with pytest.raises(Refused, match="reason-needed"):
        await duties.propose(house.caller("adam"), house.wanted("anna", role, body, reason="  "))
    with pytest.raises(Refused, match="unfit-dates"):
        await duties.propose(house.caller("adam"), house.wanted("anna", role, body, valid_until=5))
    with pytest.raises(Forbidden, match="strong"):
        await duties.propose(house.caller("adam", strong=False), house.wanted("anna", role, body))
    number = await duties.propose(house.caller("adam"), house.wanted("anna", role, body))
    with pytest.raises(Conflict, match="already-proposed"):
        await duties.propose(house.caller("clio"), house.wanted("anna", role, body))
    with pytest.raises(Forbidden, match="strong"):
        await duties.approve(house.caller("clio", strong=False), number)


async def test_refused_and_withdrawn_grant_nothing(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["aa"]
    first = await duties.propose(house.caller("adam"), house.wanted("anna", Role.DEPUTY, body))
    with pytest.raises(Forbidden):
        await duties.withdraw(house.caller("clio"), first)
    await duties.refuse(house.caller("clio"), first)
    second = await duties.propose(house.caller("adam"), house.wanted("anna", Role.DEPUTY, body))
    await duties.withdraw(house.caller("adam"), second)
    for number in (first, second):
        with pytest.raises(Conflict):
            await duties.approve(house.caller("dean"), number)
    assert not await house.holds("anna", Role.DEPUTY, body)


@pytest.mark.parametrize("loses", ["office", "duties"])
async def test_what_the_proposer_may_no_longer_do_ends_as_withdrawn(house: DutyTown, loses: str) -> None:
    duties, body, store = house.groupware.duties, house.bodies["aa"], house.groupware.store
    number = await duties.propose(house.caller("adam"), house.wanted("anna", Role.SECURITY_OFFICER, body))
    if loses == "office":
        await store.run(lambda tx: officials.suspend(tx.connection, house.who("adam")))
    else:
        await duties.revoke(house.caller("clio"), await house.grant_of("adam", Role.DIRECTORY_ADMIN), "leaves")
    with pytest.raises(Conflict, match="proposal-withdrawn"):
        await duties.approve(house.caller("clio"), number)
    found = await store.read(lambda snapshot: proposals.get(snapshot.connection, number))
    assert (found.state, found.decided_why) == (ProposalState.WITHDRAWN, PROPOSER_GONE)
    assert not await house.holds("anna", Role.SECURITY_OFFICER, body)
    with pytest.raises(Conflict, match="already-decided"):
        await duties.approve(house.caller("dean"), number)


async def test_the_last_contact_point_is_followed_but_not_ended_by_the_deputy(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["bb"]
    grant = await house.grant_of("berta", Role.CONTACT_POINT)
    with pytest.raises(Forbidden, match="nobody-administers-self"):
        await duties.revoke(house.caller("boris"), grant, "mine now")
    number = await duties.propose(house.caller("britt"), house.wanted("otto", Role.DEPUTY, body))
    await duties.approve(house.caller("berta"), number)
    await duties.revoke(house.caller("otto"), grant, "another task")
    assert await house.holds("boris", Role.CONTACT_POINT, body)
    point = await house.point("bb")
    assert (point.holder, point.deputies) == (house.who("boris"), (house.who("otto"),))
    assert await house.events(EventKind.BODY_UNATTENDED) == []


async def test_nobody_ends_the_only_one_there_is(house: DutyTown) -> None:
    duties, body = house.groupware.duties, house.bodies["bb"]
    number = await duties.propose(house.caller("britt"), house.wanted("otto", Role.CONTACT_POINT, body))
    await duties.approve(house.caller("berta"), number)
    await duties.revoke(house.caller("berta"), await house.grant_of("boris", Role.DEPUTY), "leaves")
    await duties.revoke(house.caller("otto"), await house.grant_of("berta", Role.CONTACT_POINT), "leaves")
    grant = await house.grant_of("otto", Role.CONTACT_POINT)
    for name in ("otto", "britt", "clio", "adam", "boris", "berta"):
        with pytest.raises((Forbidden, NotFound)):
            await duties.revoke(house.caller(name), grant, "gone")
