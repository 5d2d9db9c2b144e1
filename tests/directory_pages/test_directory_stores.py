"""The directory's questions on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from duty_world import furnish
from sqlalchemy import event
from town import build

from directory import areas, contact_points, officials, postings
from directory.contact_points import ContactPoint, Hours
from directory.postings import Posting
from groupware.cards.desk import AddressBooks
from groupware.directory_pages import choosing
from groupware.errors import NotFound
from policies.vocabulary import Door

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware
    from groupware.store import Tx

pytestmark = pytest.mark.anyio


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
    assert [each.posting.host_country for each in person.postings] == ["SN", "TG"]
    assert [each.area.code if each.area else "" for each in person.contact_points] == ["return"]
    assert [each.code for each in (await pages.body(bruno, "AA")).units] == ["u"]
    assert (await pages.unit(bruno, "aa", "u")).unit.address == "unit-a@aa.example"
    assert len((await pages.whom_to_ask(bruno, "aa", "all")).found) == 1
    assert [(each.posting.host_country, each.to_come) for each in await pages.postings(bruno)] == [
        ("IN", True),
        ("SN", False),
        ("TG", True),
    ]


async def test_more_rows_are_read_with_no_more_questions(groupware: Groupware) -> None:
    """One contact point and posting, then forty more of both: as many statements as before."""
    town = await town_of(groupware)
    pages, bruno = groupware.directory_pages, town.caller("bruno", Door.PORTAL, strong=True)
    asked: list[str] = []
    engine = await groupware.store.read(lambda snapshot: snapshot.connection.engine)
    event.listen(engine, "before_cursor_execute", lambda _1, _2, statement, *_: asked.append(statement))

    async def questions() -> int:
        asked.clear()
        await pages.whom_to_ask(bruno, "", "")
        await pages.postings(bruno)
        return len(asked)

    def more(tx: Tx) -> None:
        body = officials.get(tx.connection, town.people["bruno"]).body
        for place in range(40):
            number = areas.create_area(tx.connection, f"more-{place}", f"More {place}")
            who = town.people["bruno"]
            contact_points.add(tx.connection, ContactPoint(body, number, who, hours=(Hours(place % 7, 60, 120),)))
            postings.add(tx.connection, Posting(town.people["emil"], "XK", f"City {place}", tx.now, planned=True))

    await questions()
    before = await questions()
    await groupware.store.run(more)
    assert await questions() == before
    assert len(await pages.postings(bruno)) == 43


async def test_colleagues_are_listed_or_looked_for(groupware: Groupware) -> None:
    town = await town_of(groupware)
    pages, clara = groupware.directory_pages, town.caller("clara", Door.PORTAL)
    listed = await pages.colleagues(clara)
    assert listed
    assert {each.body.code for each in listed} == {"aa"}
    assert "anna" in {each.login for each in listed}
    assert [each.login for each in await pages.meant(clara, "anstr", own=True)] == ["anna"]
    assert [each.login for each in await pages.meant(clara, "bruno", own=False)] == ["bruno"]
    assert await pages.meant(clara, "bruno", own=True) == []
    assert await pages.meant(clara, " ", own=False) == []
    assert await choosing.colleagues(groupware.book, clara, len(listed)) == listed
    assert await choosing.colleagues(groupware.book, clara, len(listed) - 1) is None

    def hide(tx: Tx) -> None:
        anna = officials.get(tx.connection, town.people["anna"])
        officials.change(tx.connection, replace(anna, listed=False))

    await groupware.store.run(hide)
    assert [each.login for each in await pages.meant(clara, "anstr", own=False)] == ["anna"]
    assert await pages.meant(town.caller("bruno", Door.PORTAL), "anstr", own=False) == []


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
