"""What stands before the portal: the terms of use, and a second factor where the installation wants one."""

from __future__ import annotations

from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from identity_world import PASSWORD, IdentityWorld
from sqlalchemy import delete, select
from town import DOMAIN, build
from web_site import send

from connectors.fault import Fault
from connectors.house import opened
from connectors.settings import Settings, SignIn, read_settings
from directory import passwords, totp
from directory.tables import terms_acceptance
from groupware import clock
from groupware.house_rules import Demand, HouseRules, Hurdle, Terms, our_terms
from groupware.service import Groupware
from groupware.web_sessions import Start, WebSessions
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from conftest import Place
    from web_site import Site


pytestmark = pytest.mark.anyio
HERE = "192.0.2.7"


@pytest.fixture
async def demanding(sqlite_place: Place, kept: str) -> AsyncIterator[Callable[[Demand], IdentityWorld]]:
    """The same town under other rules, on one store; anna has a password, dora too, who moderates."""
    store = sqlite_place.open()
    town = await store.run(build)
    for name in ("anna", "dora"):
        await store.run(lambda tx, name=name: passwords.keep(tx.connection, town.people[name], kept, tx.now))
    made = []

    def under(demand: Demand) -> IdentityWorld:
        made.append(Groupware(store, DOMAIN, rules=HouseRules(second_factor=demand)))
        return IdentityWorld(made[-1], town, [])

    yield under
    for each in made[:-1]:
        each.sign_in.close()
    await made[-1].close()


async def _hurdle(world: IdentityWorld, name: str) -> Hurdle | None:
    session = (await world.identity.enter(name, PASSWORD, HERE, Start())).session
    visitor = await world.groupware.web_sessions.visitor(session)
    assert visitor
    return visitor.hurdle


@pytest.mark.parametrize(
    ("demand", "anna", "dora"),
    [
        (Demand.NOBODY, None, None),
        (Demand.DUTIES, None, Hurdle.SECOND_FACTOR),
        (Demand.EVERYBODY, Hurdle.SECOND_FACTOR, Hurdle.SECOND_FACTOR),
    ],
)
async def test_who_needs_a_second_factor(
    demanding: Callable[[Demand], IdentityWorld], demand: Demand, anna: Hurdle | None, dora: Hurdle | None
) -> None:
    world = demanding(demand)
    assert (await _hurdle(world, "anna"), await _hurdle(world, "dora")) == (anna, dora)


async def test_a_short_password_alone_only_changes_itself(site: Site, kept: str) -> None:
    anna = site.town.people["anna"]
    await site.groupware.store.run(lambda tx: passwords.keep(tx.connection, anna, kept, tx.now, short=True))
    client = await site.client("anna")
    for path in ("/", "/rooms/return", "/account/app", "/account/app-passwords", "/sessions", "/people"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/password"), path
    assert "Your password is short" in (await client.get("/account/password")).text
    new = "a lamp on the ship"
    changed = await send(client, "/account/password", old=PASSWORD, password=new, again=new)
    assert changed.status_code == 303
    assert (await client.get("/rooms/return")).status_code == 200


async def test_until_the_terms_are_accepted_there_is_nothing_else(site: Site) -> None:
    await site.groupware.store.run(lambda tx: tx.connection.execute(delete(terms_acceptance)))
    anna = await site.client("anna")
    token = await site.publish("anna")
    for path in ("/", "/rooms/return", f"/posts/{token}", "/account", "/sessions", "/rooms/return/live", "/nothing"):
        answer = await anna.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/account/terms"), path
    unread = await send(anna, "/account/terms", version=our_terms().version)
    assert unread.status_code == 422
    older = await send(anna, "/account/terms", version="an older one", accepts="1")
    assert older.status_code == 409
    accepted = await send(anna, "/account/terms", version=our_terms().version, accepts="1", next="/rooms/return")
    assert (accepted.status_code, accepted.headers["location"]) == (303, "/rooms/return")
    assert (await anna.get("/rooms/return")).status_code == 200
    rows = await site.groupware.store.read(lambda s: s.connection.execute(select(terms_acceptance)).all())
    assert [(row.official, row.terms) for row in rows] == [(site.town.people["anna"], our_terms().version)]
    assert (await send(anna, "/sign-out", "/")).status_code == 303


async def test_until_there_is_a_second_factor_there_is_only_the_account(site: Site) -> None:
    groupware = site.groupware
    groupware.web_sessions = WebSessions(groupware.store, HouseRules(second_factor=Demand.EVERYBODY))
    anna = await site.client("anna")
    for path in ("/", "/rooms/return", "/account/app-passwords", "/sessions"):
        answer = await anna.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account"), path
    assert "Here you need a second factor" in (await anna.get("/account")).text
    assert (await anna.get("/account/app")).status_code == 200
    caller = site.town.caller("anna", Door.PORTAL, strong=True)
    offered = groupware.identity.offer_app(caller)
    secret = b32decode(offered.spelled.replace(" ", ""))
    kept = await send(anna, "/account/app", sealed=offered.sealed, code=totp.code(secret, clock.now() // totp.STEP))
    assert "Keep these codes" in kept.text
    assert (await anna.get("/rooms/return")).status_code == 200


async def test_other_terms_are_other_ones(tmp_path: Path) -> None:
    mine = tmp_path / "terms.txt"
    mine.write_text("Be kind.")
    configured = tmp_path / "iconet.toml"
    configured.write_text(f'[sign_in]\nterms = "{mine}"\nsecond_factor = "duties"\n')
    settings = read_settings(configured)
    async with opened(Settings(data=tmp_path / "data", sign_in=settings.sign_in)) as house:
        assert house.groupware.rules == HouseRules(Terms("Be kind."), Demand.DUTIES)
        assert house.groupware.rules.terms.version != our_terms().version
    with pytest.raises(Fault, match="terms of use"):
        async with opened(Settings(data=tmp_path / "data", sign_in=SignIn(terms=str(tmp_path)))):
            pass
