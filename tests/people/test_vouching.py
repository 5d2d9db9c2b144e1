"""A link by which somebody becomes an official: whose word it takes, who hears of it, and how long it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from people_world import World, someone
from test_review import told, works

from directory import bodies, roles
from directory.invitations import Purpose
from directory.roles import Grant
from groupware.areas.access import Asked
from groupware.duties.handing_over import Offer
from groupware.duties.proposing import Wanted
from groupware.errors import Refused
from groupware.people.entry import of_official
from groupware.people.leave import OPERATOR
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
OTHERS = ("alma", "carol")
"""Who keep Aland's entries besides adela."""


async def added(world: World, by: str = "adela", login: str = "nina") -> int:
    return await world.groupware.people.add(world.strong(by), "", login, someone())


async def body(world: World, code: str = "aa") -> int:
    found = await world.groupware.store.read(lambda snapshot: bodies.find(snapshot.connection, code))
    assert found
    return found.id


async def proposed(world: World, nina: int) -> int:
    wanted = Wanted(nina, Role.DEPUTY, await body(world), "needed")
    return await world.groupware.duties.propose(world.strong("adela"), wanted)


async def test_who_holds_a_role_before_they_first_sign_in_gets_a_link_by_two(world: World) -> None:
    people, adela, nina = world.groupware.people, world.strong("adela"), await added(world)
    early = await people.invite(adela, nina)
    number = await proposed(world, nina)
    assert not await works(world, early)
    with pytest.raises(Refused, match="two-persons"):
        await people.invite(adela, nina)
    await world.groupware.duties.approve(world.strong("carol"), number)
    with pytest.raises(Refused, match="two-persons"):
        await people.invite(adela, nina)
    await people.ask_reset(adela, nina, "their first day")
    with pytest.raises(Refused, match="second-person"):
        await people.release_reset(adela, "nina")
    link = await people.release_reset(world.strong("alma"), "nina")
    assert await works(world, link)
    assert (await people.invite(OPERATOR, nina)).purpose is Purpose.JOIN


@pytest.mark.parametrize("what", ["manager", "named in a rule", "taker"])
async def test_so_does_who_is_given_or_offered_anything_by_name(world: World, what: str) -> None:
    people, nina = world.groupware.people, await added(world)
    early = await people.invite(world.strong("adela"), nina)
    if what == "taker":
        await world.groupware.duties.offer(world.strong("carol"), Offer(world.town.people["carol"], nina))
        assert not await works(world, early)
    elif what == "manager":

        def grant(tx: Tx) -> None:
            roles.grant(tx.connection, Grant(nina, Access.MANAGER, world.town.rooms["special"], reason="test"))

        await world.groupware.store.run(grant)
    else:
        await world.groupware.areas.give_access(None, "special", Asked("reader", "official:nina", "needed"))
        assert not await works(world, early)
    with pytest.raises(Refused, match="two-persons"):
        await people.invite(world.strong("adela"), nina)


async def test_what_all_are_given_leaves_a_newcomers_link_to_one(world: World) -> None:
    await world.groupware.areas.give_access(None, "special", Asked("reader", "body:aa", "all of Aland"))
    link = await world.groupware.people.invite(world.strong("adela"), await added(world))
    assert link.purpose is Purpose.JOIN


async def test_the_others_hear_of_a_new_official_a_link_and_a_clearance_once_an_act(world: World) -> None:
    people, adela, nina = world.groupware.people, world.strong("adela"), await added(world)
    assert await told(world) == [(name, "New officials: 1") for name in OTHERS]
    await people.invite(adela, nina)
    assert (await told(world))[2:] == [(name, "First credentials for Nina Nova") for name in OTHERS]
    card = await world.card("nina")
    entry = replace(of_official(card.official, card.unit), clearance=2)
    version = await people.change(adela, nina, entry, card.official.version)
    assert (await told(world))[4:] == [(name, "Clearances were raised: 1") for name in OTHERS]
    await people.change(adela, nina, replace(entry, clearance=1, title="Expert"), version)
    assert len(await told(world)) == 6


async def test_an_import_is_told_of_once(world: World) -> None:
    rows = "".join(f"new{number},New {number},u1,{number % 3}\r\n" for number in range(60))
    octets = f"login,name,unit,clearance\r\nanna,Anna,u,3\r\n{rows}".encode()
    adela, people = world.strong("adela"), world.groupware.people
    diff = await people.compare(adela, "", octets)
    assert not diff.faults
    await people.apply(adela, "", octets, diff.digest)
    assert [each for each in await told(world) if each[0] == "alma"] == [("alma", "New officials: 60")]


async def test_a_link_works_as_long_as_who_made_it_could_make_it(world: World) -> None:
    people, duties = world.groupware.people, world.groupware.duties
    link = await people.invite(world.strong("adela"), await added(world))
    other = await people.invite(world.strong("alma"), await added(world, login="nora"))
    await duties.off_board_by_operator(world.town.people["adela"])
    assert (await works(world, link), await works(world, other)) == (False, True)


async def test_nobody_gives_rooms_to_an_account_of_their_own_making(world: World) -> None:
    nina, home = await added(world), await body(world)
    areas = world.groupware.areas

    def run_all(tx: Tx) -> None:
        roles.grant(tx.connection, Grant(world.town.people["alma"], Role.DIRECTORY_ADMIN, home, reason="test"))

    await world.groupware.store.run(run_all)
    with pytest.raises(Refused, match="own-newcomer"):
        await areas.give_access(world.strong("adela"), "special", Asked("reader", "official:nina", "needed"))
    await world.groupware.people.invite(world.strong("alma"), nina)
    with pytest.raises(Refused, match="own-newcomer"):
        await areas.give_access(world.strong("alma"), "special", Asked("reader", "official:nina", "needed"))
    await areas.give_access(world.strong("alma"), "special", Asked("reader", "official:anna", "needed"))
