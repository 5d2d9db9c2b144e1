"""Postings: added, changed and ended by their own body, seen by all, planned ones with the interest of others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from directory import areas, countries, officials, units
from directory.postings import Posting
from groupware import clock
from groupware.duties.arranging import Arrangement
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from policies.vocabulary import Role

if TYPE_CHECKING:
    from duty_town import DutyTown

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
YEAR = 365 * 24 * 3600 * clock.MICROSECONDS


def ankara(house: DutyTown, **more: object) -> Posting:
    now = clock.now()
    made = Posting(house.who("otto"), "TR", "Ankara", now - YEAR, now + YEAR, areas=frozenset({1}))
    return replace(made, **more)  # type: ignore[arg-type] # fields by their names


def test_every_country_has_a_code_of_two_letters() -> None:
    assert len(countries.names()) > 240
    assert all(len(code) == 2 and code.isupper() for code in countries.names())
    assert not any(map(countries.is_code, ("tr", "XX", "EU", "TUR", "")))


async def test_added_seen_changed_and_ended(house: DutyTown) -> None:
    duties, pages = house.groupware.duties, house.groupware.directory_pages
    number = await duties.post_abroad(house.caller("britt"), ankara(house, serves=frozenset({house.bodies["aa"]})))
    (seen,) = await pages.postings(house.caller("anna"))
    assert (seen.posting.host_country, seen.official.body, seen.serves, seen.areas) == (
        "TR",
        "Borland",
        ["Aland"],
        ["Return"],
    )
    assert not seen.keeps
    assert not seen.asks
    changed = replace(seen.posting, host_city="Istanbul")
    await duties.change_posting(house.caller("berta"), changed)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await duties.change_posting(house.caller("britt"), changed)
    await duties.end_posting(house.caller("boris"), number, 2)
    assert await pages.postings(house.caller("anna")) == []
    with pytest.raises(Conflict):
        await duties.end_posting(house.caller("boris"), number, 3)


async def test_foreign_postings_are_out_of_reach(house: DutyTown) -> None:
    duties = house.groupware.duties
    number = await duties.post_abroad(house.caller("britt"), ankara(house))
    for name in ("adam", "clio", "dean", "otto", "bruno"):
        caller = house.caller(name)
        with pytest.raises(Forbidden):
            await duties.post_abroad(caller, ankara(house, planned=True))
        with pytest.raises(Forbidden):
            await duties.change_posting(caller, ankara(house, id=number, host_city="Izmir"))
        with pytest.raises(Forbidden):
            await duties.end_posting(caller, number, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"host_country": "XX"},
        {"valid_until": 5},
        {"host_city": "two\nlines"},
        {"areas": frozenset({999})},
        {"serves": frozenset({999})},
    ],
)
async def test_what_cannot_be_is_refused(house: DutyTown, more: dict[str, object]) -> None:
    with pytest.raises(Refused):
        await house.groupware.duties.post_abroad(house.caller("britt"), ankara(house, **more))


async def test_nobody_is_in_two_places_but_plans_may_compete(house: DutyTown) -> None:
    duties, now = house.groupware.duties, clock.now()
    await duties.post_abroad(house.caller("britt"), ankara(house))
    rabat = ankara(house, host_country="MA", host_city="Rabat", valid_from=now, valid_until=now + 2 * YEAR)
    with pytest.raises(Refused, match="overlaps"):
        await duties.post_abroad(house.caller("britt"), rabat)
    number = await duties.post_abroad(house.caller("britt"), replace(rabat, planned=True))
    with pytest.raises(Refused, match="overlaps"):
        await duties.change_posting(house.caller("britt"), replace(rabat, id=number))
    await duties.post_abroad(house.caller("britt"), replace(rabat, valid_from=now + YEAR + clock.MICROSECONDS * 60))


async def test_other_bodies_say_what_they_are_interested_in(house: DutyTown) -> None:
    duties, pages = house.groupware.duties, house.groupware.directory_pages
    number = await duties.post_abroad(house.caller("britt"), ankara(house, planned=True))
    for name in ("clio", "dean", "adam"):
        await duties.declare_interest(house.caller(name), number, f"{name} would share")
    with pytest.raises(Forbidden):
        await duties.declare_interest(house.caller("anna"), number, "me too")
    with pytest.raises(Refused, match="own-posting"):
        await duties.declare_interest(house.caller("berta"), number, "ours")
    (seen,) = await pages.postings(house.caller("dean"))
    assert seen.interested == [("Aland", "adam would share")]
    assert seen.asks
    await duties.withdraw_interest(house.caller("clio"), number)
    (seen,) = await pages.postings(house.caller("bruno"))
    assert seen.interested == []
    await duties.change_posting(house.caller("britt"), replace(seen.posting, planned=False))
    with pytest.raises(Refused, match="not-planned"):
        await duties.declare_interest(house.caller("clio"), number, "late")


async def test_a_posting_of_whom_one_isnt_shown_is_as_absent_as_none(house: DutyTown) -> None:
    duties, clio = house.groupware.duties, house.caller("clio")
    number = await duties.post_abroad(house.caller("britt"), ankara(house, planned=True))
    await duties.declare_interest(house.caller("dean"), number, "seen in time")
    await house.groupware.store.run(lambda tx: _unlist(tx, house.who("otto")))
    for posting in (number, number + 1):
        with pytest.raises(NotFound):
            await duties.declare_interest(clio, posting, "who is it?")
        with pytest.raises(Forbidden):
            await duties.withdraw_interest(house.caller("anna"), posting)
    await duties.withdraw_interest(clio, number)
    for posting in (number, number + 1):
        with pytest.raises(NotFound):
            await duties.withdraw_interest(clio, posting)


def _unlist(tx: Tx, number: int) -> None:
    officials.change(tx.connection, replace(officials.get(tx.connection, number), listed=False))


async def test_an_area_that_concerns_nobody_of_the_body_is_as_if_it_were_not_there(house: DutyTown) -> None:
    duties, berta, berta_id = house.groupware.duties, house.caller("berta"), house.who("berta")

    def found_area(tx: Tx) -> tuple[int, int]:
        areas.create_competence(tx.connection, "hush")
        return areas.create_area(tx.connection, "hush", "Hush project"), areas.competence_of(tx.connection, "hush")

    hush, competence = await house.groupware.store.run(found_area)
    assert hush not in dict((await duties.choices(berta)).areas)
    for nowhere in (hush, 999):
        with pytest.raises(Refused, match="no such area"):
            await duties.arrange(berta, Arrangement(house.bodies["bb"], nowhere, house.who("otto"), (), "UTC", (), 0))
        with pytest.raises(Refused, match="no such area"):
            await duties.post_abroad(berta, Posting(house.who("otto"), "TR", "Ankara", 1, areas=frozenset({nowhere})))
    for name in ("hush", "nope"):
        assert await duties.area(berta, name) == 0
        with pytest.raises(Refused, match="there is no area of this name"):
            await duties.scope(berta, house.who("otto"), Role.LIAISON_OFFICER, name)

    def concern(tx: Tx) -> None:
        unit = officials.get(tx.connection, berta_id).unit
        units.give_competence(tx.connection, unit, competence)

    await house.groupware.store.run(concern)
    assert dict((await duties.choices(berta)).areas)[hush] == "Hush project"
    assert await duties.area(berta, "hush") == hush
    await duties.arrange(berta, Arrangement(house.bodies["bb"], hush, house.who("otto"), (), "UTC", (), 0))
