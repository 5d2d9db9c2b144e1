"""Security officers see what concerns their body, never what was written; everybody sees what is about themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, post, send, settled
from sqlalchemy import update
from town import DOMAIN, build, message

from directory import officials, roles, units
from directory.officials import Official
from directory.roles import Grant
from groupware import off_boarding, tables
from groupware.acts import Happening
from groupware.audit.looking import Wanted
from groupware.errors import Forbidden, NotFound, Refused
from groupware.service import Groupware
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from town import Town

    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(store: Store) -> AsyncIterator[tuple[Groupware, Town]]:
    """emil watches for Aland, otto for Borland; dora of Aland has published a post, and bruno of Borland read it."""
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)

    def watch(tx: Tx) -> None:
        for name, body in (("emil", 1), ("otto", 2)):
            roles.grant(tx.connection, Grant(town.people[name], Role.SECURITY_OFFICER, body, reason="test"))

    await store.run(watch)
    await post(groupware, town, "A canary", "<1@client.test>")
    await groupware.raw(town.caller("bruno", Door.API), "<1@client.test>")
    yield groupware, town
    await groupware.parser.close()


async def test_officers_see_what_concerns_their_body(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    emil, otto = town.caller("emil", Door.PORTAL, strong=True), town.caller("otto", Door.PORTAL, strong=True)
    ours, theirs = await groupware.audit.lines(emil, Wanted()), await groupware.audit.lines(otto, Wanted())
    reads = [line for line in ours.lines if line.event is Happening.READ or line.event == "read"]
    assert [(line.who.login, line.door) for line in reads if line.who] == [("bruno", "api")]
    assert {line.who.login for line in theirs.lines if line.who} == {"bruno"}
    assert (await groupware.audit.lines(emil, Wanted(login="clara"))).lines
    assert not (await groupware.audit.lines(otto, Wanted(login="clara"))).lines
    with pytest.raises(NotFound):
        await groupware.audit.lines(emil, Wanted(login="nobody"))
    with pytest.raises(Forbidden):
        await groupware.audit.lines(town.caller("anna", Door.PORTAL, strong=True), Wanted())


async def test_the_ledger_of_a_post(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    emil, otto = town.caller("emil", Door.PORTAL, strong=True), town.caller("otto", Door.PORTAL, strong=True)
    item = await groupware.audit.item(emil, 1)
    assert item.whole
    found = {entry.person.login: entry for entry in item.entries}
    assert sorted(found) == ["anna", "bruno", "clara", "dora"]
    assert all(entry.may_read and [door for door, _ in entry.received] == ["imap"] for entry in found.values())
    assert [door for door, _ in found["bruno"].opened] == ["api"]
    assert not any(entry.opened for login, entry in found.items() if login != "bruno")
    theirs = await groupware.audit.item(otto, 1)
    assert not theirs.whole
    assert [entry.person.login for entry in theirs.entries] == ["bruno"]
    with pytest.raises(NotFound):
        await groupware.audit.item(emil, 99)


async def test_the_log_of_a_post_whose_unit_was_merged_stays_its_bodys(house: tuple[Groupware, Town]) -> None:
    groupware, town = house

    def young(tx: Tx) -> int:
        made = units.create(tx.connection, 1, "young", "Young unit")
        tx.connection.execute(update(tables.post).values(owner=made))
        elsewhere = units.create(tx.connection, 1, "elsewhere", "Elsewhere")
        ada = officials.add(tx.connection, Official(0, "ada", f"ada@{DOMAIN}", "Ada", 1, elsewhere))
        town.people["ada"] = ada
        roles.grant(tx.connection, Grant(ada, Role.DIRECTORY_ADMIN, 1, reason="test"))
        return made

    made = await groupware.store.run(young)
    emil, otto = (town.caller(who, Door.PORTAL, strong=True) for who in ("emil", "otto"))
    before = [await groupware.audit.item(each, 1) for each in (emil, otto)]
    version = await groupware.store.read(lambda snapshot: units.get(snapshot.connection, made).version)
    await groupware.people.close_unit(town.caller("ada", Door.PORTAL, strong=True), made, version, "u")
    after = [await groupware.audit.item(each, 1) for each in (emil, otto)]
    assert [each.owner for each in (*before, *after)] == ["Young unit"] * 2 + ["Unit A"] * 2
    assert [each.whole for each in after] == [True, False]
    assert [each.entries for each in after] == [each.entries for each in before]
    assert {line.resource for line in (await groupware.audit.lines(emil, Wanted(post="1"))).lines} == {"1"}


async def test_who_is_erased_is_nobody_and_the_log_stays_whole(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    bruno = town.people["bruno"]
    own = [record async for record in groupware.audit.about(bruno)]
    assert [(record["event"], record["door"]) for record in own if record["kind"] == "Post"] == [
        ("delivered", "imap"),
        ("read", "api"),
    ]
    assert "canary" not in json.dumps(own)
    await groupware.audit.seal()
    with pytest.raises(Refused, match="still-here"):
        await groupware.audit.forget(bruno)
    await groupware.store.run(lambda tx: off_boarding.off_board(tx, bruno, by=0))
    assert await groupware.audit.forget(bruno)
    assert not await groupware.audit.forget(bruno)
    await groupware.audit.seal()
    assert (await groupware.audit.verify()).wrong == ()
    assert [record async for record in groupware.audit.about(bruno)] == []
    item = await groupware.audit.item(town.caller("emil", Door.PORTAL, strong=True), 1)
    assert "bruno" not in {entry.person.login for entry in item.entries}
    assert item.erased == 1


async def test_a_page_of_the_log_ends_and_the_next_goes_on(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    for number in range(2, 12):
        raw = message("dora", ROOM, "more", "text", message_id=f"<{number}@client.test>")
        await send(groupware, town, "dora", raw, ROOM)
    await settled(groupware)
    emil = town.caller("emil", Door.PORTAL, strong=True)
    first = await groupware.audit.lines(emil, Wanted())
    second = await groupware.audit.lines(emil, Wanted(before=first.older))
    numbers = [line.id for line in (*first.lines, *second.lines)]
    assert numbers == sorted(numbers, reverse=True)
    assert second.older == 0
    assert {line.resource for line in second.lines if line.kind == "Post"} >= {"1"}
