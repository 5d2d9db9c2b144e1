"""A break-glass lasts no longer than both officers stand by it; and how often one can be asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from glass_world import WORDS
from sqlalchemy import text
from town import DOMAIN, message

from directory import officials, rights, roles
from directory.roles import Grant
from groupware import administering
from groupware.errors import Conflict, Forbidden
from groupware.glass.asking import HOUR, Wanted
from groupware.glass.lapsing import EVERY, OF_ASKER, OF_CONFIRMER
from groupware.glass.rows import Scope, State, Why
from groupware.moderation import Word
from groupware.off_boarding import off_board
from groupware.too_often import DAY, MOST_A_DAY
from policies.decision import Policies
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from glass_world import Scene

    from groupware.store import Tx

    Doing = Callable[[Tx], object]

pytestmark = pytest.mark.anyio
POST = Wanted(Scope.POST, "<one@client.test>", "A life is in danger.", 2)


async def broken(scene: Scene, confirmer: str = "sonja", asker: str = "sam") -> int:
    number = await scene.groupware.glass.ask(scene.caller(asker), POST)
    await scene.groupware.glass.confirm(scene.caller(confirmer), number)
    return number


async def ends(scene: Scene) -> list[tuple[str, str]]:
    return [(each.state, each.ended_why) for each in await scene.groupware.glass.ledger()]


def given(scene: Scene, name: str, until: int = 0) -> Doing:
    """They become a security officer of their own body, for so long."""

    def grant(tx: Tx) -> None:
        body = officials.get(tx.connection, scene.town.people[name]).body
        new = Grant(scene.town.people[name], Role.SECURITY_OFFICER, body, tx.now, reason="test")
        roles.grant(tx.connection, replace(new, valid_until=tx.now + until) if until else new)

    return grant


def taken(scene: Scene, name: str) -> Doing:
    return lambda tx: roles.revoke_all(tx.connection, scene.town.people[name], tx.now, 0, "test")


def suspended(scene: Scene, name: str) -> Doing:
    def suspend(tx: Tx) -> None:
        officials.suspend(tx.connection, scene.town.people[name])

    return suspend


def stopped(scene: Scene, name: str) -> Doing:
    """Their whole body is."""

    def stop(tx: Tx) -> None:
        body = officials.get(tx.connection, scene.town.people[name]).body
        tx.connection.execute(text("UPDATE body SET suspended = :yes WHERE id = :body"), {"yes": True, "body": body})
        rights.bump(tx.connection)

    return stop


def retired(scene: Scene, name: str) -> Doing:
    """Their service ends in an hour."""

    def retire(tx: Tx) -> None:
        known = officials.get(tx.connection, scene.town.people[name])
        officials.change(tx.connection, replace(known, valid_until=tx.now + HOUR))
        rights.bump(tx.connection)

    return retire


async def refused(scene: Scene, number: int, post: int, rule: str) -> None:
    with pytest.raises(Forbidden, match=rule):
        await scene.groupware.glass.octets(scene.caller("sam"), number, post)


async def test_it_ends_in_the_second_in_which_its_confirmer_is_no_officer(scene: Scene) -> None:
    """Before any row of it has changed; the record, and those who were told, follow."""
    one = await scene.post("anna", "one")
    store, told = scene.groupware.store, 0
    await scene.officer("silke", "sonja")
    await scene.officer("simona", "simon")
    for name, lose, later in (
        ("sonja", taken, 0),
        ("silke", retired, HOUR),
        ("simona", suspended, 0),
        ("simon", stopped, 0),
    ):
        number = await broken(scene, name)
        assert WORDS.encode() in await scene.groupware.glass.octets(scene.caller("sam"), number, one)
        await store.run(lose(scene, name))
        scene.ahead[0] += later
        await refused(scene, number, one, OF_CONFIRMER)
        assert (await scene.groupware.glass.card(scene.caller("sam"), number)).posts == ()
        assert (await ends(scene))[-1] == (State.BROKEN, Why.NEITHER)
        await scene.settle()
        told += 1
        assert (await ends(scene))[-1] == (State.ENDED, Why.CONFIRMER), lose
        last = (await scene.notices("clara"))[-1]
        assert "Who confirmed it is no longer a security officer in office. Messages that were opened: 1." in last
        await refused(scene, number, one, "glass-is-not-broken")
    assert len(await scene.notices("clara")) == 2 * told
    await scene.groupware.store.run(given(scene, "sonja"))
    scene.ahead[0] -= HOUR  # the clock is set back
    await refused(scene, number, one, "glass-is-not-broken")


async def test_a_role_that_runs_out_ends_it_and_one_that_is_given_again_brings_nothing_back(scene: Scene) -> None:
    one = await scene.post("anna", "one")
    store = scene.groupware.store
    await store.run(taken(scene, "sam"))
    await store.run(given(scene, "sam", HOUR))
    number = await broken(scene)
    scene.ahead[0] = HOUR - EVERY
    assert WORDS.encode() in await scene.groupware.glass.octets(scene.caller("sam"), number, one)
    await scene.settle()
    scene.ahead[0] = HOUR
    await refused(scene, number, one, OF_ASKER)
    await store.run(given(scene, "sam"))
    await refused(scene, number, one, OF_ASKER)
    await scene.settle()
    assert await ends(scene) == [(State.ENDED, Why.ASKER)]
    assert "Who asked is no longer" in (await scene.notices("clara"))[-1]
    number = await broken(scene)
    await store.run(lambda tx: off_board(tx, scene.town.people["sonja"]))
    await refused(scene, number, one, f"{OF_CONFIRMER}.*glass-is-not-broken")
    assert await ends(scene) == [(State.ENDED, Why.ASKER), (State.ENDED, Why.CONFIRMER)]


async def test_who_is_suspended_and_let_in_again_at_once_stands_by_nothing_of_before(scene: Scene) -> None:
    """By the operator, a keeper, or with their body; it is over before anybody has looked, and another's stays."""
    one, groupware = await scene.post("anna", "one"), scene.groupware

    async def by_operator(name: str) -> None:
        for yes in (True, False):
            await groupware.store.run(
                lambda tx, yes=yes: administering.suspend_official(tx, scene.town.people[name], suspended=yes)
            )

    async def by_keeper(name: str) -> None:
        number, keeper = scene.town.people[name], scene.caller("clara")
        seen = (await groupware.store.read(lambda s: officials.get(s.connection, number))).version
        await groupware.people.resume(keeper, number, await groupware.people.suspend(keeper, number, seen))

    async def with_body(name: str) -> None:
        code = {"sam": "aa", "sonja": "bb"}[name]
        await groupware.bodies.resume(None, code, await groupware.bodies.suspend(None, code))

    left, others = list[str](), await broken(scene, "simon", "stan")
    for way, name in ((by_operator, "sonja"), (by_keeper, "sam"), (with_body, "sonja"), (with_body, "sam")):
        number = await broken(scene)
        await way(name)
        assert (await ends(scene))[-1] == (State.ENDED, Why.ASKER if name == "sam" else Why.CONFIRMER)
        await refused(scene, number, one, "glass-is-not-broken")
        await scene.settle()
        assert "is over\n" in (await scene.notices("sam"))[-1]
        left.append((await ends(scene))[others - 1][0])
    assert left == [*[State.BROKEN] * 3, State.ENDED]


async def test_who_could_not_ask_any_more_is_confirmed_nothing(scene: Scene) -> None:
    await scene.post("anna", "one")
    desk, store, sonja = scene.groupware.glass, scene.groupware.store, scene.caller("sonja")
    for lose in (taken, suspended):
        number = await desk.ask(scene.caller("sam"), POST)
        assert (await desk.card(sonja, number)).confirms
        await store.run(lose(scene, "sam"))
        assert not (await desk.card(sonja, number)).confirms
        with pytest.raises(Forbidden, match=OF_ASKER):
            await desk.confirm(sonja, number)
        await store.run(given(scene, "sam"))
        with pytest.raises(Forbidden, match=OF_ASKER):
            await desk.confirm(sonja, number)
        assert [each[1] for each in await scene.log("confirm_glass")] == ["Glass"] * 2 * number
        await scene.settle()
        assert (await ends(scene))[-1] == (State.ENDED, Why.ASKER)
    assert await scene.notices("clara") == []
    assert {OF_ASKER, OF_CONFIRMER} <= set(Policies.load().rules)


async def test_two_words_at_once_are_one(scene: Scene) -> None:
    """Whoever is first: of two confirmations one holds, and against a role that ends reading never wins."""
    one = await scene.post("anna", "one")
    desk, sam = scene.groupware.glass, scene.caller("sam")
    number = await desk.ask(sam, POST)
    words = [desk.confirm(scene.caller(name), number) for name in ("sonja", "simon")]
    late = [each for each in await asyncio.gather(*words, return_exceptions=True) if isinstance(each, Exception)]
    assert [type(each) for each in late] in ([Conflict], [Forbidden])
    assert [each.told for each in await desk.ledger()] == [1]
    number = await desk.ask(sam, POST)
    both = desk.confirm(scene.caller("sonja"), number), scene.groupware.store.run(taken(scene, "sonja"))
    await asyncio.gather(*both, return_exceptions=True)
    await refused(scene, number, one, f"{OF_CONFIRMER}|glass-is-not-broken")
    await scene.settle()
    assert (await ends(scene))[-1] in ((State.ENDED, Why.CONFIRMER), (State.ASKED, Why.NEITHER))


async def test_asks_are_bounded_whatever_became_of_them(scene: Scene) -> None:
    desk, sam, stan = scene.groupware.glass, scene.caller("sam"), scene.caller("stan")
    for who in [sam, stan] * (MOST_A_DAY // 2):
        await desk.end(who, await desk.ask(who, POST))
    for who in (sam, stan):
        with pytest.raises(Conflict, match=r"too-many-today.* 20 times within 24 hours"):
            await desk.ask(who, POST)
    assert await desk.ask(scene.caller("sonja"), POST)  # another body's
    scene.ahead[0] = DAY
    assert await desk.ask(sam, POST)


async def test_a_name_of_several_posts_is_confirmed_only_as_one_of_them(scene: Scene) -> None:
    """Who asked learns nothing of it; who confirms is told how many."""
    desk, sam, sonja = scene.groupware.glass, scene.caller("sam"), scene.caller("sonja")
    anna, posts = scene.caller("anna", strong=False), []
    for access in (Access.READER, Access.POSTER):
        grant = Grant(anna.official, access, scene.town.rooms["liaison"], reason="test")
        await scene.groupware.store.run(lambda tx, grant=grant: roles.grant(tx.connection, grant))
    moderators = {"return": "dora", "liaison": "emil"}
    raw = message("anna", f"return@{DOMAIN}, liaison@{DOMAIN}", "Secret", WORDS, message_id="<one@client.test>")
    recipients = [await scene.groupware.recipient(anna, f"{room}@{DOMAIN}") for room in moderators]
    await scene.groupware.submit(anna, raw, recipients)
    for room, name in moderators.items():
        (held,) = await scene.groupware.held(scene.caller(name))
        await scene.groupware.decide(scene.caller(name), held.id, Word.APPROVE)
        posts += [each.token for each in (await scene.groupware.newest(scene.caller(name), room))[1]]
    for scope in (Scope.POST, Scope.THREAD):
        number = await desk.ask(sam, replace(POST, scope=scope))
        with pytest.raises(Conflict, match=f"ambiguous-name: the name stands for 2 {scope}s"):
            await desk.confirm(sonja, number)
        assert (await desk.card(sam, number)).glass.state == State.ASKED
    number = await desk.ask(sam, replace(POST, name=posts[1]))
    await desk.confirm(sonja, number)
    assert [each.token for each in (await desk.card(sam, number)).posts] == [posts[1]]


async def test_each_press_is_on_record(scene: Scene) -> None:
    one, number = await scene.post("anna", "one"), await broken(scene)
    before = await scene.log("break_glass")
    for _ in range(2):
        await scene.groupware.glass.show(scene.caller("sam"), number, one)
    after = await scene.log("break_glass")
    assert [each for each in after[len(before) :] if each[0] == "read"] == [("read", "Post", str(one))] * 2
