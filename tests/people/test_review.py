"""Invitations, the half-yearly review, and who is told of what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from people_world import DAY, START, someone
from sqlalchemy import select

from directory.invitations import Purpose
from directory.keeping_tables import import_draft
from groupware import tables
from groupware.errors import Forbidden, NotFound, Refused
from groupware.identity import joining
from groupware.people.entry import of_official
from groupware.people.leave import OPERATOR

if TYPE_CHECKING:
    from people_world import World

    from groupware.people.inviting import Link

pytestmark = pytest.mark.anyio


async def works(world: World, link: Link) -> bool:
    token = link.path.removeprefix("/join/")
    try:
        await world.groupware.store.read(lambda s: joining.invited(s, world.groupware.web_sessions.rules, token))
    except NotFound:
        return False
    return True


async def told(world: World) -> list[tuple[str, str]]:
    """Who got a notice, and its subject."""
    box = select(tables.mail_recipient.c.official, tables.mail.c.rendering).join(
        tables.mail, tables.mail.c.id == tables.mail_recipient.c.mail
    )
    names = {number: name for name, number in world.town.people.items()}
    rows = await world.groupware.store.read(lambda s: s.connection.execute(box.order_by(tables.mail.c.id)).all())
    heads = await world.groupware.store.read(
        lambda s: {
            row.id: row.head for row in s.connection.execute(select(tables.rendering.c.id, tables.rendering.c.head))
        }
    )
    return [(names[row.official], _subject(heads[row.rendering])) for row in rows]


def _subject(head: bytes) -> str:
    return next(line for line in head.decode().split("\r\n") if line.startswith("Subject: ")).removeprefix("Subject: ")


async def test_a_link_works_until_it_is_withdrawn_replaced_or_old(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    anna = world.town.people["anna"]
    first = await people.invite(adela, anna)
    assert (first.purpose, first.login, await works(world, first)) == (Purpose.JOIN, "anna", True)
    second = await people.invite(adela, anna)
    assert [await works(world, link) for link in (first, second)] == [False, True]
    assert (await world.card("anna")).invitation is not None
    assert await people.withdraw_invitation(adela, anna)
    assert not await people.withdraw_invitation(adela, anna)
    assert not await works(world, second)
    third = await people.invite(adela, anna)
    world.time.pass_days(7)
    assert not await works(world, third)


async def test_a_link_before_the_first_day_works_for_a_week_from_then(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    later = await people.add(adela, "aa", "lena", replace(someone(), valid_from=START + 9 * DAY))
    with pytest.raises(Refused, match="in the week before their first day"):
        await people.invite(adela, later)
    world.time.pass_days(3)
    link = await people.invite(adela, later)
    assert (link.expires, await works(world, link)) == (START + 16 * DAY, False)
    world.time.pass_days(6)
    assert await works(world, link)
    world.time.pass_days(6)
    assert await works(world, link)
    world.time.pass_days(1)
    assert not await works(world, link)


async def test_who_is_out_of_office_is_not_invited(world: World) -> None:
    people, adela, anna = world.groupware.people, world.strong("adela"), world.town.people["anna"]
    await people.suspend(adela, anna, 1)
    with pytest.raises(Refused, match="not-in-office"):
        await people.invite(adela, anna)


async def test_who_was_never_confirmed_is_late_half_a_year_after_the_start(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    await people.add(adela, "aa", "nina", someone())
    found = await people.review(adela)
    assert [line.login for line in found.lines][:4] == ["anna", "clara", "dora", "emil"]
    assert (found.total, found.late) == (8, 4)
    emil, nina = (next(line.holding for line in found.lines if line.login == login) for login in ("emil", "nina"))
    assert ((await world.card("adela")).holding.lines, emil.seen) == (["Directory admin for Aland"], 0)
    assert (nina.lines, nina.seen) == ([], 0)
    world.time.pass_days(182)
    assert (await people.review(adela)).late == 7
    world.time.pass_days(1)
    assert (await people.review(adela)).late == 8


async def test_confirmations_hold_for_half_a_year(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    some = [world.town.people[name] for name in ("anna", "clara")]
    assert await people.confirm(adela, "aa", some) == 2
    found = await people.review(adela)
    assert (found.late, found.lines[-1].login, found.lines[-1].reviewed_by) == (2, "clara", "Adela")
    card = await world.card("anna")
    assert (card.official.version, card.official.reviewed, card.history[-1].what) == (1, START, ("confirmation",))
    with pytest.raises(NotFound):
        await people.confirm(adela, "aa", [world.town.people["dora"], world.town.people["bruno"]])
    assert (await people.review(adela)).late == 2
    world.time.pass_days(183)
    assert (await people.review(adela)).late == 7
    entry = of_official(card.official, card.unit)
    await people.change(adela, card.official.id, replace(entry, valid_from=world.time.now), 1)
    assert (await people.review(adela)).late == 7
    await world.groupware.duties.off_board_by_operator(card.official.id)
    await world.groupware.duties.resume_by_operator(card.official.id)
    assert (await people.review(adela)).late == 6


async def test_the_authority_sees_numbers_of_its_bodies_and_nobody_else_does(world: World) -> None:
    people = world.groupware.people
    late = await people.late_bodies(world.strong("cora"))
    assert [(each.code, each.late, each.total) for each in late] == [("aa", 4, 7), ("bb", 2, 4), ("cc", 0, 1)]
    assert await people.late_bodies(world.strong("adela")) == []
    with pytest.raises(Forbidden):
        await people.review(world.strong("cora"), "aa")


async def test_what_ends_soon_is_listed(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    card = await world.card("anna")
    entry = replace(of_official(card.official, card.unit), valid_until=START + 20 * DAY)
    await people.change(adela, card.official.id, entry, 1)
    assert [(each.login, each.what, each.place) for each in await people.ending(adela)] == [
        ("clara", "poster", "Liaison"),
        ("anna", "service", ""),
    ]
    assert await people.ending(world.strong("bela")) == []


async def test_keepers_are_told_once_a_month(world: World) -> None:
    people = world.groupware.people
    assert await people.remind() == 5
    assert await told(world) == [
        *((name, "Half-yearly review: aa") for name in ("adela", "alma", "carol")),
        *((name, "Half-yearly review: bb") for name in ("bela", "dana")),
    ]
    assert await people.remind() == 0
    world.time.pass_days(29)
    assert await people.remind() == 0
    world.time.pass_days(2)
    assert await people.remind() == 5


async def test_two_who_remind_at_once_remind_once(world: World) -> None:
    people = world.groupware.people
    await asyncio.gather(people.remind(), people.remind(), people.remind())
    assert len(await told(world)) == 5


async def test_reminding_goes_on_by_itself(lone: World) -> None:
    running = asyncio.create_task(lone.groupware.people.run(every=0))
    async with asyncio.timeout(10):
        while not await told(lone):
            pass
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_drafts_of_imports_are_forgotten_by_themselves(lone: World) -> None:
    """They are full of personal data, and perhaps nobody imports anything again."""

    async def kept() -> bool:
        rows = select(import_draft.c.official)
        return await lone.groupware.store.read(lambda s: s.connection.execute(rows).first() is not None)

    await lone.groupware.people.propose(lone.strong("adela"), "aa", b"login,name,unit\r\nnina,Nina Nova,u1\r\n")
    await lone.groupware.people.forget_drafts()
    assert await kept()
    lone.time.pass_days(1 / 24)
    running = asyncio.create_task(lone.groupware.people.run(every=0))
    async with asyncio.timeout(10):
        while await kept():
            pass
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_operator_confirms_too(world: World) -> None:
    await world.groupware.people.confirm(OPERATOR, "aa", [world.town.people["adela"]])
    found = await world.groupware.people.review(OPERATOR, "aa")
    assert (found.total, found.late) == (7, 4)
