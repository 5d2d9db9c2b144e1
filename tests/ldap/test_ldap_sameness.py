"""Whatever is shown, named, counted or compared here is what the policies decide of each entry, one by one."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ldap_world import BASE, World, code_of, equal, none_of, present, search

from connectors.ldap import ber
from connectors.ldap.codes import Code, Op
from directory import officials
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio


async def may_see(world: World, who: str) -> set[str]:
    """The logins of those in office whose entries this caller may see, asked of the monitor for each."""
    caller = world.town.caller(who)

    def query(snapshot: Snapshot) -> set[str]:
        return {
            login
            for login, number in world.town.people.items()
            if officials.in_office(snapshot.connection, number, snapshot.now)
            and world.groupware.monitor.decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, number).allowed
        }

    return await world.groupware.store.read(query)


async def shuffle(world: World, dice: random.Random, kept: str) -> None:
    """Somebody becomes listed or not, comes or goes."""
    login = dice.choice([login for login in world.town.people if login != kept])

    def change(tx: Tx) -> None:
        found = officials.get(tx.connection, world.town.people[login])
        how = dice.choice(["listed", "suspended", "dates"])
        if how == "dates":
            changed = replace(found, valid_from=dice.choice([0, tx.now + 10**12]))
        else:
            changed = replace(found, **{how: not getattr(found, how)})
        officials.change(tx.connection, changed)

    await world.groupware.store.run(change)


@pytest.mark.parametrize("who", ["anna", "bruno"])
async def test_the_door_shows_what_the_policies_decide(world: World, who: str) -> None:
    dice = random.Random(who)
    wire = await world.wire(who)
    for _ in range(25):
        await shuffle(world, dice, who)
        expected = {f"uid={login},{BASE}" for login in await may_see(world, who)}
        assert set((await wire.search(search(present("uid")))).names) == expected
        strangers = await wire.search(search(none_of(equal("uid", "nobody")), scope=1))
        assert {name for name in strangers.names if name.startswith("uid")} == expected
        for login in world.town.people:
            name = f"uid={login},{BASE}"
            there = (await wire.search(search(present("objectClass"), name, 0))).code == Code.SUCCESS
            asked = ber.tlv(Op.COMPARE, ber.string(name) + ber.sequence(ber.string("uid"), ber.string(login)))
            compared = code_of(await wire.ask(asked))
            assert (there, compared == Code.COMPARE_TRUE) == (name in expected, name in expected)
