"""The provider's rows on both databases: signing on, redeeming, ending, telling; and who a national account is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from provider_world import CALLBACK, challenge, client
from town import DOMAIN, Town, build

from directory import invitations, newcomers, officials, passwords, sessions
from directory.invitations import Purpose
from groupware.errors import Forbidden, Refused, StoreFailed
from groupware.identity.joining import Choice
from groupware.identity.proof import Attempt, Proof, Site
from groupware.provider.authorizing import Asked
from groupware.provider.provider import Provider
from groupware.service import Groupware
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
ISSUER = "https://id.test"
VERIFIER = "v" * 50


@pytest.fixture
async def groupware(store: Store) -> Groupware:
    return Groupware(store, DOMAIN)


@pytest.fixture
async def town(store: Store) -> Town:
    return await store.run(build)


async def code_of(groupware: Groupware, town: Town, who: str = "anna") -> tuple[str, str]:
    """A code, and the session that it came of."""
    session = await groupware.web_sessions.begin(town.caller(who, Door.PORTAL, strong=True))
    asked = Asked("tool", CALLBACK, "openid", challenge(VERIFIER))
    return await groupware.provider.authorize(asked, session, ISSUER), session


async def test_a_sign_on_from_its_code_to_its_end(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    secret = await provider.add_client(client(back_channel="https://tool.test/logout"))
    tool = await provider.proven("tool", secret)
    code, session = await code_of(groupware, town)
    told = await provider.redeem(tool, code, CALLBACK, VERIFIER)
    again = await provider.refresh(tool, told["refresh_token"], "")
    assert (await provider.introspect(tool, again["access_token"]))["active"]
    caller = town.caller("anna")
    assert [(each.name, each.count) for each in await provider.signed_on(caller)] == [("tool", 1)]
    await groupware.web_sessions.end(session)
    assert not (await provider.introspect(tool, again["access_token"]))["active"]
    (told_now,) = await provider.claim_logouts()
    assert told_now[0].family.official == town.people["anna"]
    await provider.logout_sent(told_now[0], "200")
    assert await provider.claim_logouts() == []
    assert await provider.signed_on(caller) == []
    await provider.remove_client("tool")
    assert await provider.clients() == []


async def test_of_many_who_redeem_one_code_at_once_none_keeps_tokens(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    tool = await provider.proven("tool", await provider.add_client(client()))
    code, _ = await code_of(groupware, town)
    tries = [provider.redeem(tool, code, CALLBACK, VERIFIER) for _ in range(6)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    given = [each for each in answers if isinstance(each, dict)]
    assert len(given) == 1
    assert all(isinstance(each, Refused) for each in answers if not isinstance(each, dict))
    assert not (await provider.introspect(tool, given[0]["access_token"]))["active"]


async def test_of_many_who_use_one_refresh_token_at_once_none_keeps_tokens(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    tool = await provider.proven("tool", await provider.add_client(client()))
    told = await provider.redeem(tool, (await code_of(groupware, town))[0], CALLBACK, VERIFIER)
    tries = [provider.refresh(tool, told["refresh_token"], "") for _ in range(6)]
    given = [each for each in await asyncio.gather(*tries, return_exceptions=True) if isinstance(each, dict)]
    assert len(given) == 1
    assert not (await provider.introspect(tool, given[0]["access_token"]))["active"]


async def test_two_processes_share_keys_and_a_copied_database_signs_nothing(groupware: Groupware) -> None:
    own = groupware.provider
    other = Provider(own.store, own.monitor, own.key, "another")
    both = await asyncio.gather(own.jwks(), other.jwks())
    assert both[0] == both[1]
    with pytest.raises(StoreFailed):
        await Provider(own.store, own.monitor, bytes(32), "a thief").jwks()


async def test_an_official_ends_one_program_and_nobody_else_s(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    tool = await provider.proven("tool", await provider.add_client(client()))
    told = {}
    for name in ("anna", "bruno"):
        answer = await provider.redeem(tool, (await code_of(groupware, town, name))[0], CALLBACK, VERIFIER)
        told[name] = answer["access_token"]
    await provider.sign_off(town.caller("anna"), "tool")
    active = {name: (await provider.introspect(tool, token))["active"] for name, token in told.items()}
    assert active == {"anna": False, "bruno": True}


async def test_ending_all_other_sessions_ends_their_sign_ons(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    tool = await provider.proven("tool", await provider.add_client(client()))
    told = []
    for _ in range(2):
        code, session = await code_of(groupware, town)
        told.append((await provider.redeem(tool, code, CALLBACK, VERIFIER))["access_token"])
    kept = sessions.digest(session)
    await groupware.store.run(lambda tx: sessions.revoke_others(tx.connection, town.people["anna"], kept))
    assert [(await provider.introspect(tool, token))["active"] for token in told] == [False, True]


# ---- who a national account is


async def known_as(groupware: Groupware, town: Town, **external: str) -> None:
    def change(tx: Tx) -> None:
        for name, said in external.items():
            found = officials.get(tx.connection, town.people[name])
            officials.change(tx.connection, replace(found, external_id=said))

    await groupware.store.run(change)


async def test_a_national_account_is_one_official_of_its_body(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    await known_as(groupware, town, anna="e-1", bruno="e-2")
    assert (await provider.vouched_for("aa", ISSUER, "s-1", "e-1")).login == "anna"
    assert (await provider.vouched_for("aa", ISSUER, "s-1", "e-1")).login == "anna"
    for body, subject, external in (
        ("aa", "s-2", "e-2"),  # another body's official
        ("bb", "s-1", "e-1"),
        ("aa", "s-9", "e-1"),  # the number was given to somebody else there
        ("aa", "s-1", ""),
        ("aa", "s-1", "E-1"),
        ("zz", "s-1", "e-1"),
    ):
        with pytest.raises(Refused):
            await provider.vouched_for(body, ISSUER, subject, external)


async def test_an_account_with_a_password_is_bound_by_its_owner_only(groupware: Groupware, town: Town) -> None:
    """Else whoever writes external ids could give themselves any account of the body."""
    provider, anna = groupware.provider, town.people["anna"]
    await known_as(groupware, town, anna="e-1")
    await groupware.store.run(lambda tx: passwords.keep(tx.connection, anna, "hash", tx.now))
    with pytest.raises(Refused, match="allow the other account"):
        await provider.vouched_for("aa", ISSUER, "s-1", "e-1")
    with pytest.raises(Forbidden):
        await provider.allow_national(town.caller("anna", Door.IMAP))
    await provider.allow_national(town.caller("anna", Door.PORTAL, strong=True))
    for _ in range(2):
        assert (await provider.vouched_for("aa", ISSUER, "s-1", "e-1")).login == "anna"


async def test_a_number_that_the_admin_moves_opens_the_new_entry(groupware: Groupware, town: Town) -> None:
    provider = groupware.provider
    await known_as(groupware, town, anna="e-1")
    await provider.vouched_for("aa", ISSUER, "s-1", "e-1")
    await known_as(groupware, town, anna="")
    await known_as(groupware, town, clara="e-1")
    assert (await provider.vouched_for("aa", ISSUER, "s-1", "e-1")).login == "clara"


async def test_who_is_out_of_office_is_nobody_there_either(groupware: Groupware, town: Town) -> None:
    await known_as(groupware, town, anna="e-1")
    await groupware.store.run(lambda tx: officials.suspend(tx.connection, town.people["anna"]))
    with pytest.raises(Refused):
        await groupware.provider.vouched_for("aa", ISSUER, "s-1", "e-1")


async def with_account(groupware: Groupware, town: Town) -> None:
    """anna, for whom s-1 of her state's provider opens."""
    await known_as(groupware, town, anna="e-1")
    await groupware.provider.vouched_for("aa", ISSUER, "s-1", "e-1")


async def test_a_reset_ends_the_account_that_was_bound_and_the_owner_binds_theirs(
    groupware: Groupware, town: Town
) -> None:
    provider, anna = groupware.provider, town.people["anna"]
    await with_account(groupware, town)

    def reset(tx: Tx) -> str:
        return invitations.make(tx.connection, anna, Purpose.RESET, expires=tx.now + 10**9, created_by=0, now=tx.now)

    token = await groupware.store.run(reset)
    attempt = Attempt(Proof("", "", ""), "join", token, Site("localhost", "https://localhost"), "")
    await groupware.identity.set_password_by_link(token, Choice(attempt, accepts=True, password="nine long lamps burn"))
    for subject in ("s-1", "s-2"):
        with pytest.raises(Refused, match="allow the other account"):
            await provider.vouched_for("aa", ISSUER, subject, "e-1")
    await provider.allow_national(town.caller("anna", Door.PORTAL, strong=True))
    assert (await provider.vouched_for("aa", ISSUER, "s-2", "e-1")).login == "anna"
    with pytest.raises(Refused):
        await provider.vouched_for("aa", ISSUER, "s-1", "e-1")


async def test_who_is_taken_back_gets_in_by_no_account_of_before(groupware: Groupware, town: Town) -> None:
    anna = town.people["anna"]
    await with_account(groupware, town)
    await groupware.duties.off_board_by_operator(anna)
    await groupware.duties.resume_by_operator(anna)
    for subject in ("s-1", "s-2"):
        with pytest.raises(Refused, match="allow the other account"):
            await groupware.provider.vouched_for("aa", ISSUER, subject, "e-1")
    been = not await groupware.store.read(lambda snapshot: newcomers.is_newcomer(snapshot.connection, anna))
    assert been, "a link for them takes two persons"
