"""Passkeys, with an authenticator in software that can also answer wrongly."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from soft_key import PRESENT, VERIFIED, SoftKey
from town import DOMAIN, Town, build

from groupware.errors import Conflict, Refused
from groupware.identity.proof import Attempt, Proof, Site
from groupware.service import Groupware
from groupware.store import Conditions
from groupware.web_sessions import FRESH, Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

    from groupware.caller import Caller

pytestmark = pytest.mark.anyio
SITE = Site("localhost", "https://localhost:8443")
HERE, ASKER = "192.0.2.7", "a browser's token"


@dataclass
class World:
    """Time is what `now` says."""

    groupware: Groupware
    town: Town
    now: list[int]

    @property
    def anna(self) -> Caller:
        return self.town.caller("anna", Door.PORTAL, strong=True)

    async def key(self, name: str = "anna") -> SoftKey:
        """A passkey of somebody's."""
        made = SoftKey(SITE.origin)
        await self.add(made, name)
        return made

    async def add(self, made: SoftKey, name: str = "anna") -> None:
        caller = self.town.caller(name, Door.PORTAL, strong=True)
        options = await self.groupware.identity.to_create(SITE, "new", ASKER, caller)
        await self.groupware.identity.add_passkey(caller, attempt(made.create(options), "new"), "Key")

    def question(self, asker: str = ASKER) -> str:
        return self.groupware.identity.to_get(SITE, "sign-in", asker)

    async def enter(self, answer: str, asker: str = ASKER) -> str:
        """The login of whoever it lets in."""
        session = await self.groupware.identity.enter_by_passkey(attempt(answer, "sign-in", asker), Start())
        caller = await self.groupware.web_sessions.resume(session)
        assert caller
        return caller.login

    async def refused(self, answer: str, asker: str = ASKER) -> bool:
        with pytest.raises(Refused, match=r"^sign-in$"):
            await self.enter(answer, asker)
        return True


def attempt(answer: str, purpose: str, asker: str = ASKER) -> Attempt:
    return Attempt(Proof(passkey=answer), purpose, asker, SITE, HERE)


@pytest.fixture
async def world(place: Place) -> AsyncIterator[World]:
    now = [10**15]
    groupware = Groupware(place.open(Conditions(now=lambda: now[0])), DOMAIN)
    town = await groupware.store.run(build)
    yield World(groupware, town, now)
    await groupware.close()


@pytest.fixture(autouse=True)
def _challenges_of_that_time(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Those for signing in are made without the store; here they come from its clock."""
    world: World = request.getfixturevalue("world")
    monkeypatch.setattr("groupware.clock.now", lambda: world.now[0])


async def test_a_passkey_signs_in_without_a_login_and_counts_up(world: World) -> None:
    key, other = await world.key(), await world.key("bruno")
    assert await world.enter(key.get(world.question())) == "anna"
    assert await world.enter(other.get(world.question())) == "bruno"
    assert await world.enter(key.get(world.question())) == "anna"
    (kept,) = (await world.groupware.identity.factors(world.anna)).passkeys
    assert (kept.counter, kept.used) == (2, world.now[0])


async def test_an_answer_counts_once(world: World) -> None:
    key = await world.key()
    answer = key.get(world.question())
    assert await world.enter(answer) == "anna"
    assert await world.refused(answer)


async def test_a_synced_passkey_without_a_counter_counts_once_too(world: World) -> None:
    key = await world.key()
    key.counter = -1
    answer = key.get(world.question())
    assert await world.enter(answer) == "anna"
    assert await world.refused(answer), "the challenge is spent, the counter says nothing"


async def test_a_lower_counter_is_a_copy(world: World) -> None:
    key = await world.key()
    key.counter = 10
    assert await world.enter(key.get(world.question())) == "anna"
    key.counter = 5
    assert await world.refused(key.get(world.question()))


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://localhost:8443"},
        {"host": "evil.test"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"handle": b"somebody else's"},
        {"handle": b""},
        {"name": b"unknown"},
        {"key": SoftKey("").key},
    ],
)
async def test_whatever_is_bent_is_refused(world: World, bent: dict[str, object]) -> None:
    key = await world.key()
    assert await world.refused(replace(key, **bent).get(world.question()))  # type: ignore[arg-type] # fields by their names
    assert await world.enter(key.get(world.question())) == "anna"


async def test_a_question_is_for_one_browser_one_page_and_a_quarter_of_an_hour(world: World) -> None:
    key = await world.key()
    assert await world.refused(key.get(world.question("another's token")))
    assert await world.refused(key.get(world.groupware.identity.to_get(SITE, "confirm", ASKER)))
    made_up = json.dumps({"challenge": "AAAA"})
    assert await world.refused(key.get(made_up))
    old = world.question()
    world.now[0] += 15 * 60 * 1_000_000
    assert await world.refused(key.get(old))


@pytest.mark.parametrize(
    "nonsense",
    ["x", "{}", "[]", "null", '{"id":1}', "[" * 20_000, '{"id":"a","rawId":"a","type":"public-key","response":{}}'],
)
async def test_nonsense_is_refused_like_anything_wrong(world: World, nonsense: str) -> None:
    assert await world.refused(nonsense)
    with pytest.raises(Refused, match="passkey"):
        await world.groupware.identity.add_passkey(world.anna, attempt(nonsense, "new"), "x")


async def test_each_bit_of_an_answer_counts(world: World) -> None:
    key = await world.key()
    good = json.loads(key.get(world.question()))
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        text = good["response"][part]
        for place in range(0, len(text) - 1, 7):
            turned = "A" if text[place] != "A" else "B"
            bent = {**good, "response": {**good["response"], part: text[:place] + turned + text[place + 1 :]}}
            assert await world.refused(json.dumps(bent)), (part, place)
    assert await world.enter(json.dumps(good)) == "anna"


async def test_a_passkey_is_made_verified_and_by_one_person(world: World) -> None:
    unverified = SoftKey(SITE.origin, flags=PRESENT)
    for wrong in (unverified, SoftKey("https://evil.test"), SoftKey(SITE.origin, host="evil.test")):
        with pytest.raises(Refused, match="passkey"):
            await world.add(wrong)
    key = await world.key()
    with pytest.raises(Conflict, match="passkey-known"):
        await world.add(key, "bruno")
    options = await world.groupware.identity.to_create(SITE, "new", ASKER, world.anna)
    answer = SoftKey(SITE.origin).create(options)
    with pytest.raises(Refused, match="passkey"):
        await world.groupware.identity.add_passkey(world.anna, attempt(answer, "join"), "x")
    await world.groupware.identity.add_passkey(world.anna, attempt(answer, "new"), "x")
    with pytest.raises(Refused, match="passkey"):
        await world.groupware.identity.add_passkey(world.anna, attempt(answer, "new"), "x")
    assert (
        len(json.loads(await world.groupware.identity.to_create(SITE, "new", ASKER, world.anna))["excludeCredentials"])
        == 2
    )


async def test_a_passkey_makes_a_session_fresh_and_a_password_is_then_not_enough(world: World) -> None:
    key = await world.key()
    identity, sessions = world.groupware.identity, world.groupware.web_sessions
    session = await sessions.begin(world.anna)
    world.now[0] += FRESH
    has = await identity.factors(world.anna)
    answer = key.get(identity.to_get(SITE, "confirm", session, has))
    strangers = (await world.key("bruno")).get(identity.to_get(SITE, "confirm", session))
    for proof in (Proof(password="whatever"), Proof(passkey=strangers), Proof(code="123456")):
        with pytest.raises(Refused, match=r"^sign-in$"):
            await identity.confirm(world.anna, session, Attempt(proof, "confirm", session, SITE, HERE))
    visitor = await sessions.visitor(session)
    assert visitor
    assert not visitor.fresh
    await identity.confirm(world.anna, session, attempt(answer, "confirm", session))
    visitor = await sessions.visitor(session)
    assert visitor
    assert visitor.fresh


async def test_who_is_out_of_office_is_refused_with_a_good_passkey(world: World) -> None:
    key = await world.key()
    await world.groupware.off_board(world.anna)
    assert await world.refused(key.get(world.question()))
