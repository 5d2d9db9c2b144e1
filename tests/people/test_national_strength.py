"""A session for which only a state's identity provider vouches reads and posts, and administers after a proof here."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from web_site import PASSWORD, SESSION, send

from directory import national_accounts, passwords, totp
from groupware import clock, tables
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx
    from groupware.web_sessions import Visitor

pytestmark = pytest.mark.anyio


async def arrived(site: Site, name: str = "clara", *, password: bool = True) -> httpx.AsyncClient:
    """Somebody signed in with their state's account; clara keeps a body's people."""
    who = site.town.caller(name, Door.PORTAL)
    if password:
        kept = await site.groupware.sign_in.gate.hashed(PASSWORD)
        await site.groupware.store.run(lambda tx: passwords.keep(tx.connection, who.official, kept, tx.now))
    client = await site.client()
    vouched = replace(who, strong=False)
    client.cookies.set(SESSION, await site.groupware.web_sessions.begin(vouched, Start(means="account of aa")))
    return client


async def seen(site: Site, client: httpx.AsyncClient) -> Visitor:
    visitor = await site.groupware.web_sessions.visitor(client.cookies[SESSION])
    assert visitor
    return visitor


async def test_it_reads_and_posts_and_administers_nothing(kept: Site) -> None:
    client = await arrived(kept, "anna")
    assert (await client.get("/rooms/return")).status_code == 200
    assert (await send(client, "/rooms/return/new", marking="2", subject="Hello", text="Words.")).status_code == 303
    visitor = await seen(kept, client)
    assert (visitor.fresh, visitor.caller.strong) == (True, False)
    for path in ("/people", "/people/programs", "/account/app", "/account/passkeys"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/account/confirm"), path
    assert "show here, too, that it is you" in (await client.get("/account")).text


async def test_a_local_proof_makes_it_strong(kept: Site) -> None:
    client = await arrived(kept)
    wrong = await send(client, "/account/confirm", **{"proof-password": "another password"})
    assert (wrong.status_code, (await seen(kept, client)).caller.strong) == (422, False)
    assert (await send(client, "/account/confirm", **{"proof-password": PASSWORD})).status_code in (200, 303)
    assert (await seen(kept, client)).caller.strong
    assert (await client.get("/people")).status_code == 200


async def test_an_account_that_is_bound_is_seen_and_ended_by_its_owner_or_a_keeper(kept: Site) -> None:
    client = await kept.client("clara")
    for name, path, where in (
        ("clara", "/account/national/end", "/account"),
        ("anna", "/people/entry/anna/act", "/people/entry/anna"),
    ):
        number = kept.town.people[name]

        def bind(tx: Tx, number: int = number, name: str = name) -> None:
            national_accounts.bind(tx.connection, "https://id.test", f"s-{name}", number, tx.now)

        await kept.groupware.store.run(bind)
        if name == "clara":
            refused = await send(client, path, where)
            assert (refused.status_code, "only way in" in refused.text) == (409, True)
            await arrived(kept, "clara")
        assert "https://id.test: bound since" in (await client.get(where)).text
        ended = await send(client, path, where, act="unbind")
        assert ended.status_code == 303
        assert "opens this" in (await client.get(ended.headers["location"])).text
        assert "bound since" not in (await client.get(where)).text


async def test_programs_see_and_end_an_account_that_is_bound(kept: Site) -> None:
    number = kept.town.people["anna"]
    await kept.groupware.store.run(
        lambda tx: national_accounts.bind(tx.connection, "https://id.test", "s-anna", number, tx.now)
    )
    token = await kept.session("clara", Start(program=True))
    client = await kept.client()
    client.headers["authorization"] = f"Bearer {token}"
    entry = "/api/people/entry/anna"
    (bound,) = (await client.get(entry)).json()["national_accounts"]
    assert bound["issuer"] == "https://id.test"
    for ended in (True, False):
        assert (await client.delete(f"{entry}/national-accounts")).json() == {"ended": ended}
    assert (await client.get(entry)).json()["national_accounts"] == []
    assert await notices_of(kept, "anna") == ["The account of your state or institution was taken off yours"]


async def test_who_has_an_app_shows_its_code_also_after_the_states_sign_in(kept: Site) -> None:
    clara = kept.town.caller("clara", Door.PORTAL, strong=True)
    offered = kept.groupware.identity.offer_app(clara)
    secret = b32decode(offered.spelled.replace(" ", ""))
    step = clock.now() // totp.STEP
    await kept.groupware.identity.keep_app(clara, offered.sealed, totp.code(secret, step - 1))
    client = await arrived(kept)
    refused = await send(client, "/account/confirm", **{"proof-password": PASSWORD})
    assert (refused.status_code, (await seen(kept, client)).caller.strong) == (422, False)
    await send(client, "/account/confirm", **{"proof-code": totp.code(secret, step)})
    assert (await seen(kept, client)).caller.strong


async def set_up(site: Site, client: httpx.AsyncClient, name: str) -> httpx.Response:
    """An authenticator app."""
    offered = site.groupware.identity.offer_app(site.town.caller(name, Door.PORTAL))
    secret = b32decode(offered.spelled.replace(" ", ""))
    code = totp.code(secret, clock.now() // totp.STEP - 1)
    return await send(client, "/account/app", sealed=offered.sealed, code=code)


async def test_a_holder_of_a_role_sets_up_no_first_factor_on_a_weak_word_of_their_state(kept: Site) -> None:
    client = await arrived(kept, password=False)
    refused = await set_up(kept, client, "clara")
    assert (refused.status_code, "You hold a role" in refused.text) == (422, True)
    assert (await client.get("/people")).status_code == 404
    strong = kept.town.caller("clara", Door.PORTAL, strong=True)
    offered = kept.groupware.identity.offer_app(strong)
    secret = b32decode(offered.spelled.replace(" ", ""))
    code = totp.code(secret, clock.now() // totp.STEP)
    assert await kept.groupware.identity.keep_app(strong, offered.sealed, code)
    assert await notices_of(kept, "clara") == ["A first factor was set up"]


async def notices_of(site: Site, name: str) -> list[str]:
    """Subjects of the mail in their INBOX."""
    statement = (
        select(tables.rendering.c.subject)
        .join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
        .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
        .where(tables.mail_recipient.c.official == site.town.people[name])
    )
    return await site.groupware.store.read(lambda snapshot: list(snapshot.connection.scalars(statement)))


async def test_who_has_nothing_here_and_no_role_may_set_up_the_first_factor_and_no_more(kept: Site) -> None:
    client = await arrived(kept, "anna", password=False)
    anna = kept.town.caller("anna", Door.PORTAL)
    offered = kept.groupware.identity.offer_app(anna)
    secret = b32decode(offered.spelled.replace(" ", ""))
    code = totp.code(secret, clock.now() // totp.STEP - 1)
    assert "Keep these codes" in (await send(client, "/account/app", sealed=offered.sealed, code=code)).text
    assert (await client.get("/people")).headers["location"].startswith("/account/confirm")
    await send(client, "/account/confirm", **{"proof-code": totp.code(secret, clock.now() // totp.STEP)})
    assert (await client.get("/account/app")).status_code == 200
