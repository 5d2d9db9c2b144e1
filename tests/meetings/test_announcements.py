"""What is said in an area's rooms about bookings, and what `iconet check` says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from meeting_world import BOTH, OTHER, ROOM, Meeting, ahead, invite, one_booking, taken, with_resources
from sqlalchemy import insert, text

from groupware import tables
from groupware.checking import check
from groupware.followers import Follower
from groupware.meetings import announcing
from groupware.meetings.announcing import Announcements

if TYPE_CHECKING:
    from conftest import Place

    from groupware.service import Groupware
    from groupware.store import Tx

pytestmark = pytest.mark.anyio


async def said(groupware: Groupware) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []

    def announce(_tx: Tx, room: int, words: str) -> None:
        found.append((room, words))

    acting = Announcements(groupware.monitor, announce)
    follower = Follower(groupware.store, announcing.NAME, "me", announcing.KINDS, acting)
    while await follower.step():
        pass
    return found


async def test_bookings_are_announced_in_the_organisers_rooms_and_say_not_whose(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await invite(groupware, town, "anna", Meeting("anna", ahead(7), summary="Canary").asked(), BOTH)
    await invite(groupware, town, "anna", Meeting("anna", ahead(7), uid="declined").asked(), BOTH)
    await invite(groupware, town, "otto", Meeting("otto", ahead(8), uid="theirs").asked(), OTHER)
    first, second = await said(groupware)
    assert (first[0], second[0]) == (town.rooms["return"], town.rooms["liaison"])
    assert first[1].startswith("Hall is booked: ")
    assert f"{ahead(7).day} {ahead(7):%b %Y}, 10:00-11:00" in first[1]
    assert "canary" not in first[1].lower() + second[1].lower()
    assert "anna" not in first[1].lower()
    assert await said(groupware) == [], "once"
    await invite(groupware, town, "anna", Meeting("anna", ahead(7), sequence=1).asked("CANCEL"), BOTH)
    assert await said(groupware) == [(town.rooms["return"], "A booking of Hall is cancelled.")]


async def test_what_is_given_up_is_announced_and_what_never_was_is_not(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await invite(groupware, town, "bruno", Meeting("bruno", ahead(8), uid="theirs").asked())
    mine = Meeting("anna", ahead(8), uid="never")
    assert (await invite(groupware, town, "anna", mine.asked())).status == "DECLINED"
    await invite(groupware, town, "anna", mine.asked("CANCEL", sequence=1))
    assert [words.partition(":")[0] for _, words in await said(groupware)] == ["Room A is booked"]
    await invite(groupware, town, "anna", Meeting("anna", ahead(7)).asked())
    assert (await invite(groupware, town, "anna", Meeting("anna", ahead(8), sequence=1).asked())).status == "DECLINED"
    assert [words for _, words in await said(groupware)][-1] == "A booking of Room A is cancelled."


async def test_check_finds_nothing_in_sound_bookings_and_what_is_wrong_in_others(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    for number, sender in enumerate(("anna", "bruno", "anna")):
        await invite(groupware, town, sender, Meeting(sender, ahead(7 + number // 2), uid=f"m{number}").asked(), ROOM)
    assert len(await groupware.store.read(taken)) == 2
    assert await _faults(groupware) == []
    statements = {
        "booking 1: no such state": "UPDATE booking SET state = 'odd' WHERE id = 1",
        "booking 2: taken for what isn't booked, or for another resource": "UPDATE occurrence SET booking = 2 "
        "WHERE id = 1",
        "booking 3: no answer tells of it": "DELETE FROM booking_answer WHERE booking = 3",
        "booking answer 1: its mail isn't there": "UPDATE booking_answer SET mail = NULL WHERE id = 1",
    }
    for fault, statement in statements.items():
        await groupware.store.run(lambda tx, statement=statement: tx.connection.execute(text(statement)))
        assert fault in await _faults(groupware)


async def test_check_sees_overlaps_that_no_guard_kept_out(sqlite_place: Place) -> None:
    async with sqlite_place.opened() as store:
        await store.run(one_booking)
        row = {"resource": 1, "booking": 1, "recurrence": 1, "t0": 10, "t1": 20}
        rows = [row, {**row, "recurrence": 2, "t0": 19, "t1": 30}, {**row, "recurrence": 3, "t0": 30, "t1": 31}]

        def break_in(tx: Tx) -> None:
            tx.connection.execute(text("DROP TRIGGER occurrence_added"))
            tx.connection.execute(insert(tables.occurrence), rows)

        await store.run(break_in)
        faults = [str(found.row().get("fault")) async for found in check(store)]
        overlap = "occurrence 1: the next one of its resource begins before it ends"
        assert [fault for fault in faults if "occurrence" in fault] == [overlap]


async def _faults(groupware: Groupware) -> list[str]:
    rows = [found.row() async for found in groupware.check()]
    return [str(row["fault"]) for row in rows if "fault" in row]
