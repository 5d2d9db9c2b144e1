"""One-time links: good once, for a while, for one person, and silent about everything else."""

from __future__ import annotations

import asyncio
from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from identity_world import HERE, MINUTE, PASSWORD, SITE
from soft_key import SoftKey
from sqlalchemy import delete, select

from directory import invitations
from directory.invitations import Purpose
from directory.tables import invitation, terms_acceptance
from groupware.errors import NotFound, Refused
from groupware.identity.joining import Choice
from groupware.identity.proof import Attempt, Proof
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from identity_world import IdentityWorld

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
NEW = "a lamp on the ship"
HOUR = 60 * MINUTE


async def link(world: IdentityWorld, name: str = "anna", purpose: Purpose = Purpose.RESET) -> str:
    def make(tx: Tx) -> str:
        number = world.town.people[name]
        return invitations.make(tx.connection, number, purpose, expires=tx.now + HOUR, created_by=0, now=tx.now)

    return await world.groupware.store.run(make)


def choice(password: str = NEW, *, accepts: bool = True, passkey: str = "", asker: str = "", **more: str) -> Choice:
    return Choice(Attempt(Proof(passkey=passkey), "join", asker, SITE, HERE), accepts, password, **more)


async def test_a_newcomer_accepts_sets_a_password_and_signs_in(world: IdentityWorld) -> None:
    await world.groupware.store.run(lambda tx: tx.connection.execute(delete(terms_acceptance)))
    token = await link(world, "bruno", Purpose.JOIN)
    who = await world.identity.invited(token)
    assert (who.caller.login, who.purpose, who.owes_terms) == ("bruno", Purpose.JOIN, True)
    with pytest.raises(Refused, match="terms"):
        await world.identity.set_password_by_link(token, choice(accepts=False))
    with pytest.raises(Refused, match="unfit-password"):
        await world.identity.set_password_by_link(token, choice("lamp-ship"))
    assert await world.identity.set_password_by_link(token, choice()) == ()
    session = (await world.identity.enter("bruno", NEW, HERE, Start())).session
    visitor = await world.groupware.web_sessions.visitor(session)
    assert visitor
    assert visitor.hurdle is None


async def test_with_an_app_beside_it_the_password_may_be_short(world: IdentityWorld) -> None:
    token = await link(world, "bruno", Purpose.JOIN)
    offered = world.identity.offer_app(world.person("bruno"))
    secret = b32decode(offered.spelled.replace(" ", ""))
    with pytest.raises(Refused, match="code"):
        await world.identity.set_password_by_link(token, choice("lamp-ship", sealed=offered.sealed, code="000000"))
    another = world.identity.offer_app(world.anna)
    wrong = choice("lamp-ship", sealed=another.sealed, code=world.code(secret))
    with pytest.raises(Refused, match="code"):
        await world.identity.set_password_by_link(token, wrong)
    good = choice("lamp-ship", sealed=offered.sealed, code=world.code(secret))
    codes = await world.identity.set_password_by_link(token, good)
    assert len(codes) == 10
    step = (await world.identity.enter("bruno", "lamp-ship", HERE, Start())).step
    assert await world.finish(step, code=codes[3])


async def test_a_passkey_in_place_of_a_password(world: IdentityWorld) -> None:
    token = await link(world, "bruno", Purpose.JOIN)
    key = SoftKey(SITE.origin)
    answer = key.create(await world.identity.to_create(SITE, "join", token, world.person("bruno")))
    with pytest.raises(Refused, match="passkey"):
        await world.identity.set_password_by_link(token, choice("", passkey=answer, asker="another link"))
    assert len(await world.identity.set_password_by_link(token, choice("", passkey=answer, asker=token))) == 10
    has = await world.identity.factors(world.person("bruno"))
    assert (has.password, len(has.passkeys)) == (False, 1)


async def test_a_reset_replaces_everything_and_ends_what_is_open(world: IdentityWorld) -> None:
    session = (await world.identity.enter("anna", PASSWORD, HERE, Start())).session
    secret = await world.app()
    step = await world.step()
    await world.identity.make_app_password(world.anna, "mail", {Door.IMAP})
    await world.identity.set_password_by_link(await link(world), choice())
    assert (await world.identity.app_passwords(world.anna))[0] == []
    assert await world.groupware.web_sessions.resume(session) is None
    has = await world.identity.factors(world.anna)
    assert (has.second, has.codes, has.short) == (False, 0, False)
    with pytest.raises(NotFound):
        await world.finish(step, code=world.code(secret))
    assert (await world.identity.enter("anna", NEW, HERE, Start())).session


async def test_what_is_about_to_go_makes_no_short_password_fit(world: IdentityWorld) -> None:
    await world.app()
    token = await link(world)
    with pytest.raises(Refused, match="unfit-password"):
        await world.identity.set_password_by_link(token, choice("lamp-ship"))
    assert (await world.identity.factors(world.anna)).second
    assert await world.identity.set_password_by_link(token, choice()) == ()


async def test_a_link_works_once_even_when_used_twice_at_once(world: IdentityWorld) -> None:
    token = await link(world)
    using = [world.identity.set_password_by_link(token, choice(f"{NEW} {n}")) for n in range(3)]
    outcomes = await asyncio.gather(*using, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["NotFound", "NotFound", "tuple"]


async def test_dead_links_are_alike(world: IdentityWorld) -> None:
    old, used, replaced = await link(world), await link(world, "bruno"), await link(world, "clara")
    gone = await link(world, "dora")
    await world.identity.set_password_by_link(used, choice())
    await link(world, "clara")
    await world.groupware.off_board(world.person("dora"))
    world.now[0] += HOUR
    told = set()
    for token in (old, used, replaced, gone, "never made", "", "\ud800"):
        with pytest.raises(NotFound) as error:
            await world.identity.invited(token)
        told.add(str(error.value))
        with pytest.raises(NotFound):
            await world.identity.set_password_by_link(token, choice())
    assert told == {"invitation"}


async def test_only_a_hash_of_the_token_is_kept(lone_world: IdentityWorld) -> None:
    token = await link(lone_world)
    rows = await lone_world.groupware.store.read(lambda s: s.connection.execute(select(invitation)).all())
    assert token.encode() not in repr(rows).encode()
    assert len(token) == 43
