"""New credentials for who has been here: one asks, another releases, and nobody is kept in the dark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from people_world import DAY, World
from sqlalchemy import insert, select
from test_review import told, works
from town import app_password

from directory import app_passwords, bodies, invitations, passwords, roles, sessions
from directory.invitations import Purpose
from directory.oidc_tables import national_subject
from directory.roles import Grant
from groupware import tables
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.people.entry import of_official
from groupware.people.leave import OPERATOR
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from groupware.store import Tx

pytestmark = pytest.mark.anyio


async def settled(world: World, name: str = "anna") -> int:
    """Somebody with a password."""
    number = world.town.people[name]
    await world.groupware.store.run(lambda tx: passwords.keep(tx.connection, number, "hash", tx.now))
    return number


async def test_one_asks_and_another_releases(world: World) -> None:
    people, adela, alma, anna = (
        world.groupware.people,
        world.strong("adela"),
        world.strong("alma"),
        await settled(world),
    )
    with pytest.raises(Refused, match="two-persons"):
        await people.invite(adela, anna)
    with pytest.raises(Refused, match="reason"):
        await people.ask_reset(adela, anna, " ")
    await people.ask_reset(adela, anna, "lost her telephone")
    with pytest.raises(Conflict, match="reset-asked"):
        await people.ask_reset(alma, anna, "the same")
    with pytest.raises(Forbidden):
        await people.resets(world.strong("emil"))
    others = [world.strong(name) for name in ("anna", "emil", "bela")]
    for who in (adela, *others, world.town.caller("alma", Door.PORTAL)):
        with pytest.raises((Refused, Forbidden, NotFound)):
            await people.release_reset(who, "anna")
    assert [(each.login, each.asker, each.mine) for each in await people.resets(alma)] == [("anna", "Adela", False)]
    link = await people.release_reset(alma, "anna")
    assert (link.purpose, await works(world, link)) == (Purpose.RESET, True)
    with pytest.raises(NotFound):
        await people.release_reset(alma, "anna")
    asked = [(name, "New credentials are asked for: Anna") for name in ("anna", "alma", "carol")]
    assert await told(world) == [*asked, *((name, "New credentials for Anna") for name in ("anna", "adela", "carol"))]
    assert [line.what for line in (await world.card("anna")).history] == [("reset_asked",), ("reset_released",)]


async def test_a_security_officer_of_the_same_body_may_release(world: World) -> None:
    people, anna = world.groupware.people, await settled(world)

    def appoint(tx: Tx) -> None:
        for name, code in (("clara", "aa"), ("bruno", "bb")):
            body = bodies.find(tx.connection, code)
            assert body
            roles.grant(tx.connection, Grant(world.town.people[name], Role.SECURITY_OFFICER, body.id, reason="test"))

    await world.groupware.store.run(appoint)
    people.portal = lambda: "https://portal.test"
    await people.ask_reset(world.strong("adela"), anna, "lost her telephone")
    last = select(tables.content.c.body).order_by(tables.content.c.id.desc()).limit(1)
    text = await world.groupware.store.read(lambda s: bytes(s.connection.scalars(last).one()).decode())
    assert all(f"https://portal.test{page}" in text for page in ("/people/resets", "/account"))
    assert ("clara", "New credentials are asked for: Anna") in await told(world)
    with pytest.raises(NotFound):
        await people.release_reset(world.strong("bruno"), "anna")
    counts = [await people.awaited_resets(world.strong(name)) for name in ("clara", "adela", "bruno", "anna")]
    assert counts == [1, 0, 0, None]
    assert await works(world, await people.release_reset(world.strong("clara"), "anna"))


async def test_whose_credentials_they_are_may_withdraw_both(world: World) -> None:
    people, anna = world.groupware.people, await settled(world)
    adela, alma, own = world.strong("adela"), world.strong("alma"), world.strong("anna")
    with pytest.raises(NotFound):
        await people.withdraw_own_reset(own)
    await people.ask_reset(adela, anna, "lost her telephone")
    assert await people.own_reset(own)
    await people.withdraw_own_reset(own)
    with pytest.raises(NotFound):
        await people.release_reset(alma, "anna")
    await people.ask_reset(adela, anna, "again")
    link = await people.release_reset(alma, "anna")
    await people.withdraw_own_reset(own)
    assert not await works(world, link)
    assert (await told(world))[-3:] == [
        (name, "New credentials were withdrawn: Anna") for name in ("adela", "alma", "carol")
    ]


async def test_what_is_asked_for_ends_by_itself_and_with_a_suspension(world: World) -> None:
    people, anna, adela, alma = (
        world.groupware.people,
        await settled(world),
        world.strong("adela"),
        world.strong("alma"),
    )
    await people.ask_reset(adela, anna, "lost her telephone")
    world.time.pass_days(7)
    assert await people.resets(alma) == []
    await people.ask_reset(adela, anna, "lost her telephone")
    await people.resume(adela, anna, await people.suspend(adela, anna, 1))
    with pytest.raises(NotFound):
        await people.release_reset(alma, "anna")


async def test_the_operator_alone_makes_one_and_all_are_told(world: World) -> None:
    anna = await settled(world)
    assert (await world.groupware.people.invite(OPERATOR, anna)).purpose is Purpose.RESET
    assert await told(world) == [(name, "New credentials for Anna") for name in ("anna", "adela", "alma", "carol")]


@pytest.mark.parametrize("mark", ["app password", "revoked app password", "session", "used link", "subject"])
async def test_who_has_been_here_in_any_way_is_no_newcomer(world: World, mark: str) -> None:
    people, adela, anna = world.groupware.people, world.strong("adela"), world.town.people["anna"]
    link = await people.invite(adela, anna)
    assert link.purpose is Purpose.JOIN
    subject = {"issuer": "https://there.test", "subject": "s", "official": anna, "at": DAY}

    def leave_a_mark(tx: Tx) -> None:
        match mark:
            case "session":
                sessions.begin(tx.connection, anna, tx.now)
            case "used link":
                found = invitations.open_of(tx.connection, anna, tx.now)
                assert found
                assert invitations.spend(tx.connection, found.id, tx.now)
            case "subject":
                tx.connection.execute(insert(national_subject), subject)
            case "revoked app password":
                app_passwords.revoke_all(tx.connection, anna, tx.now)

    if "app password" in mark:
        await app_password(world.groupware, world.town, "anna")
    await world.groupware.store.run(leave_a_mark)
    with pytest.raises(Refused, match="two-persons"):
        await people.invite(adela, anna)


async def test_who_has_been_here_hears_of_another_external_id(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    await settled(world)
    entries = {name: (await world.card(name)).official for name in ("anna", "clara")}
    for name, found in entries.items():
        entry = replace(of_official(found, "u"), external_id=f"P-{name}")
        await people.change(adela, world.town.people[name], entry, found.version)
    assert await told(world) == [
        ("anna", "Your external id was changed"),
        *((name, "External ids were changed: 1") for name in ("alma", "carol")),
    ], "clara has never been here"
    octets = b"login,name,unit,external_id\r\ncarol,Carol,u1,P-9\r\n"
    await people.apply(adela, "aa", octets, (await people.compare(adela, "aa", octets)).digest)
    assert len(await told(world)) == 6
