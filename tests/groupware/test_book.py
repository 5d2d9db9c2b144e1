"""The book: what is found, by whom, and that it is never older than the last commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from town import DOMAIN, build

from directory import bodies, officials, units
from directory.officials import Official
from groupware import administering, clock
from groupware.book import filters
from groupware.book.entries import Attribute, EntryKind, Person, Unit
from groupware.book.filters import And, Present
from groupware.errors import Refused
from groupware.off_boarding import off_board
from groupware.service import Groupware
from groupware.store import Conditions
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place
    from town import Town

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
PEOPLE = filters.equals(Attribute.KIND, EntryKind.PERSON.name)


class Ahead:
    """A clock that tests set forward."""

    by = 0

    def now(self) -> int:
        return clock.now() + self.by


@pytest.fixture
def ahead() -> Ahead:
    return Ahead()


@pytest.fixture
async def groupware(place: Place, ahead: Ahead) -> AsyncIterator[Groupware]:
    made = Groupware(place.open(Conditions(now=ahead.now)), DOMAIN)
    yield made
    await made.close()


@pytest.fixture
async def town(groupware: Groupware) -> Town:
    return await groupware.store.run(build)


async def change(groupware: Groupware, who: int, **values: object) -> None:
    def use_case(tx: Tx) -> None:
        officials.change(tx.connection, replace(officials.get(tx.connection, who), **values))

    await groupware.store.run(use_case)


async def logins(groupware: Groupware, town: Town, who: str) -> set[str]:
    page = await groupware.book.find(town.caller(who), PEOPLE)
    return {entry.login for entry in page.entries if isinstance(entry, Person)}


async def test_an_entry_is_found_exactly_when_it_may_be_seen(groupware: Groupware, town: Town) -> None:
    await change(groupware, town.people["clara"], listed=False)
    await change(groupware, town.people["otto"], listed=False)
    for who in town.people:
        caller = town.caller(who)

        def seen(snapshot, caller=caller):  # noqa: ANN001, ANN202 -- a query
            decide = groupware.monitor.decide
            return {
                name
                for name, number in town.people.items()
                if decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, number).allowed
            }

        assert await logins(groupware, town, who) == await groupware.store.read(seen)
    assert "clara" not in await logins(groupware, town, "bruno")
    assert await groupware.book.person(town.caller("bruno"), "clara@iconet.test") is None
    found = await groupware.book.person(town.caller("anna"), "CLARA")
    assert found is not None
    assert found.name == "Clara"


async def test_a_change_counts_at_the_next_call(groupware: Groupware, town: Town) -> None:
    anna = town.caller("anna")
    assert await logins(groupware, town, "anna") == set(town.people)
    await change(groupware, town.people["bruno"], listed=False)
    assert await logins(groupware, town, "anna") == set(town.people) - {"bruno"}
    await change(groupware, town.people["bruno"], listed=True, title="Head of unit", phone="+32 2 123", surname="Stone")
    found = await groupware.book.person(anna, "bruno")
    assert found is not None
    assert (found.title, found.phone, found.surname) == ("Head of unit", "+32 2 123", "Stone")
    page = await groupware.book.find(anna, filters.prefix(Attribute.PHONE, "+322"))
    assert page.entries == [found]
    await groupware.store.run(lambda tx: administering.suspend_official(tx, town.people["otto"]))
    await groupware.store.run(lambda tx: off_board(tx, town.people["dora"]))
    assert await logins(groupware, town, "anna") == set(town.people) - {"otto", "dora"}


async def test_a_suspended_body_is_gone_with_its_units_and_officials(groupware: Groupware, town: Town) -> None:
    anna = town.caller("anna")
    borland = await groupware.book.find(anna, filters.equals(Attribute.BODY, "Borland"))
    assert len(borland.entries) == 4
    found = await groupware.book.person(anna, "bruno")
    assert found is not None
    await groupware.store.run(lambda tx: bodies.suspend(tx.connection, found.body.id))
    assert (await groupware.book.find(anna, filters.equals(Attribute.BODY, "Borland"))).entries == []
    with pytest.raises(Refused, match="out-of-office"):
        await groupware.book.find(town.caller("bruno"), PEOPLE)


async def test_service_begins_and_ends_by_the_clock(groupware: Groupware, town: Town, ahead: Ahead) -> None:
    soon, later = clock.now() + 60 * clock.MICROSECONDS, clock.now() + 120 * clock.MICROSECONDS
    await change(groupware, town.people["bruno"], valid_from=soon)
    await change(groupware, town.people["clara"], valid_until=soon)
    await change(groupware, town.people["anna"], valid_until=later)
    assert await logins(groupware, town, "anna") == set(town.people) - {"bruno"}
    assert await logins(groupware, town, "dora") == set(town.people) - {"bruno"}
    ahead.by = 61 * clock.MICROSECONDS
    assert await logins(groupware, town, "anna") == set(town.people) - {"clara"}
    assert await logins(groupware, town, "dora") == set(town.people) - {"clara"}
    ahead.by = 121 * clock.MICROSECONDS
    with pytest.raises(Refused, match="out-of-office"):
        await groupware.book.sight(town.caller("anna"))


async def test_who_moves_is_found_in_the_new_unit(groupware: Groupware, town: Town) -> None:
    anna = town.caller("anna")
    before = await groupware.book.person(anna, "clara")
    assert before is not None

    def new_home(tx: Tx) -> None:
        home = units.create(tx.connection, before.body.id, "desk", "Return Desk", parent=before.unit.id)
        officials.change(tx.connection, replace(officials.get(tx.connection, town.people["clara"]), unit=home))

    await groupware.store.run(new_home)
    page = await groupware.book.find(anna, filters.substring(Attribute.UNIT, middle=["turn de"]))
    (person,) = [entry for entry in page.entries if isinstance(entry, Person)]
    (unit,) = [entry for entry in page.entries if isinstance(entry, Unit)]
    assert (person.login, person.unit, unit.parent) == ("clara", unit, before.unit.id)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("παπα", "maria"),
        ("ΠΑΠΑΔΟΠΟΎΛΟΥ", "maria"),
        ("μαρια παπ", "maria"),
        ("muller", "jurgen"),
        ("MÜLLER jür", "jurgen"),
        ("strasse", "jurgen"),
        ("jurgen@", "jurgen"),
        ("λουλουδι", None),
        ("zulu", None),
    ],
)
async def test_what_is_typed_is_folded(groupware: Groupware, town: Town, typed: str, found: str | None) -> None:
    def settle(tx: Tx) -> None:
        home = officials.get(tx.connection, town.people["anna"]).unit
        for login, name in (("maria", "Μαρία Παπαδοπούλου"), ("jurgen", "Jürgen Müller-Straße")):
            officials.add(tx.connection, Official(0, login, f"{login}@{DOMAIN}", name, 0, home))

    await groupware.store.run(settle)
    entries = await groupware.book.search(town.caller("otto"), typed, 10)
    assert [entry.login for entry in entries if isinstance(entry, Person)] == [found] * bool(found)


async def test_the_likeliest_come_first(groupware: Groupware, town: Town) -> None:
    def settle(tx: Tx) -> None:
        home = officials.get(tx.connection, town.people["anna"]).unit
        for login, name in (("a1", "Bert Anders"), ("a2", "Anders Alm"), ("a3", "Xander Zorn"), ("a4", "Anders Berg")):
            officials.add(tx.connection, Official(0, login, f"{login}@{DOMAIN}", name, 0, home))

    await groupware.store.run(settle)
    found = await groupware.book.search(town.caller("otto"), "ander", 3)
    assert [entry.name for entry in found] == ["Anders Alm", "Anders Berg", "Bert Anders"]
    found = await groupware.book.search(town.caller("otto"), "ander", 10)
    assert [entry.name for entry in found] == ["Anders Alm", "Anders Berg", "Bert Anders", "Xander Zorn"]
    assert await groupware.book.search(town.caller("otto"), " .-*", 10) == []


async def test_pages_hold_everything_once(groupware: Groupware, town: Town) -> None:
    caller, found, after = town.caller("anna"), [], -1
    while True:
        page = await groupware.book.find(caller, And(()), most=3, after=after)
        found += page.entries
        if page.after is None:
            break
        after = page.after
    whole = await groupware.book.find(caller, And(()), most=100)
    assert found == list(whole.entries)
    assert len(found) == 10


async def test_a_rebuilt_image_keeps_places(groupware: Groupware, town: Town) -> None:
    caller = town.caller("anna")
    first = await groupware.book.find(caller, Present(Attribute.LOGIN), most=2)
    assert first.after is not None

    def settle(tx: Tx) -> None:
        home = officials.get(tx.connection, town.people["anna"]).unit
        for number in range(300):
            login = f"new{number}"
            officials.add(tx.connection, Official(0, login, f"{login}@{DOMAIN}", f"New {number}", 0, home))
        officials.suspend(tx.connection, town.people["bruno"])

    await groupware.store.run(settle)
    rest = await groupware.book.find(caller, Present(Attribute.LOGIN), most=1000, after=first.after)
    assert len(rest.entries) == len(town.people) - 2 + 300
    assert not set(rest.entries) & set(first.entries)
