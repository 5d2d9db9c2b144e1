"""The directory's questions on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from duty_world import furnish
from town import DOMAIN, build

from groupware.cards.desk import AddressBooks
from groupware.errors import NotFound
from groupware.service import Groupware
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from town import Town

    from groupware.store import Store

pytestmark = pytest.mark.anyio


@pytest.fixture
async def groupware(store: Store) -> AsyncIterator[Groupware]:
    made = Groupware(store, DOMAIN)
    yield made
    await made.parser.close()


async def town_of(groupware: Groupware) -> Town:
    town = await groupware.store.run(build)
    await groupware.store.run(lambda tx: furnish(tx, town))
    return town


async def test_every_question_has_its_answer(groupware: Groupware) -> None:
    town = await town_of(groupware)
    pages, bruno = groupware.directory_pages, town.caller("bruno", Door.PORTAL, strong=True)
    assert [each.code for each in await pages.bodies(bruno)] == ["aa", "bb"]
    assert [each.login for each in (await pages.search(bruno, "anstrom")).people.entries] == ["anna"]
    person = await pages.person(bruno, "anna")
    assert [each.country for each in person.postings] == ["SN", "TG"]
    assert [each.area.code if each.area else "" for each in person.contact_points] == ["return"]
    assert [each.code for each in (await pages.body(bruno, "AA")).units] == ["u"]
    assert (await pages.unit(bruno, "aa", "u")).unit.address == "unit-a@aa.example"
    assert len((await pages.whom_to_ask(bruno, "aa", "all")).found) == 1
    assert [(each.country, each.planned) for each in await pages.postings(bruno)] == [
        ("IN", True),
        ("SN", False),
        ("TG", True),
    ]


async def test_books_and_their_changes(groupware: Groupware) -> None:
    town = await town_of(groupware)
    books, bruno = groupware.address_books, town.caller("bruno", Door.CARDDAV)
    assert [each.name for each in await books.books(bruno)] == ["all", "body-aa", "body-bb", "area-return"]
    for name in ("all", "body-aa", "area-return"):
        token = await books.token(bruno, name)
        again = AddressBooks(groupware.store, groupware.monitor, groupware.server_key)
        assert await again.changes(bruno, name, token) == []
    with pytest.raises(NotFound):
        await books.shelf(bruno, "area-liaison")
    assert len(await books.everybody()) == 6
