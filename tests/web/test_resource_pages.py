"""Resources on pages and in the API: members see when they are taken, and no more than they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from meeting_world import BOTH, OTHER, ROOM, Meeting, add_resources, ahead, invite
from sqlalchemy import insert, select
from test_web_api import described, program

from groupware import clock, tables
from groupware.meetings.calendar import MOST

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio


@pytest.fixture
async def booked(site: Site) -> Site:
    """Room A is taken for anna (body aa) next week, with a series; the hall for bruno (body bb) over midnight."""
    await site.groupware.store.run(add_resources)
    series = Meeting("anna", ahead(8, 9), 90, summary="<b>Canary</b>", lines=["RRULE:FREQ=DAILY;COUNT=2"])
    assert (await invite(site.groupware, site.town, "anna", series.asked())).status == "ACCEPTED"
    night = Meeting("bruno", ahead(8, 20), 8 * 60, uid="night", summary="Night train")
    assert (await invite(site.groupware, site.town, "bruno", night.asked(), BOTH)).status == "ACCEPTED"
    return site


def week(days: int) -> str:
    return f"?week={ahead(days):%G-W%V}"


async def test_everybody_sees_the_resources_of_their_areas(booked: Site) -> None:
    pages = {name: (await (await booked.client(name)).get("/resources")).text for name in ("anna", "otto", "emil")}
    assert [ROOM in pages[name] for name in pages] == [True, False, False]
    assert [OTHER in pages[name] for name in pages] == [False, True, True]
    assert all(BOTH in page for page in pages.values())
    assert 'href="/resources"' in (await (await booked.client("anna")).get("/")).text


async def test_areas_of_others_are_not_told_of(booked: Site) -> None:
    """Their list addresses answer as absent ones; a resource that is shared with them mustn't say otherwise."""
    for name, theirs, others in (("anna", "Return", "Liaison"), ("otto", "Liaison", "Return"), ("emil", "Liaison", "")):
        client = await booked.client(name)
        for path in ("/resources", f"/resources/{BOTH}"):
            page = (await client.get(path)).text
            assert f'<span class="tag">{theirs}</span>' in page
            assert page.count('class="tag"') == page.count(f'<span class="tag">{theirs}</span>')
            assert not others or f">{others}<" not in page


async def test_bookings_are_never_left_out_in_silence(booked: Site) -> None:
    def fill(tx: Tx) -> None:
        begin = clock.now() + 20 * 86_400_000_000
        booking = tx.connection.execute(select(tables.booking.c.id, tables.booking.c.resource)).first()
        assert booking is not None
        row = {"booking": booking.id, "resource": booking.resource}
        begins = [begin + number * 60_000_000 for number in range(MOST)]
        rows = [{**row, "recurrence": at, "t0": at, "t1": at + 60_000_000} for at in begins]
        tx.connection.execute(insert(tables.occurrence), rows)

    await booked.groupware.store.run(fill)
    anna = await program(booked, "anna")
    answer = described("/resources/{address}/bookings", await _bookings(anna, ROOM))
    assert (answer.status_code, answer.json()["error"]) == (422, "too-many-bookings")
    assert (await _bookings(anna, ROOM, to=f"{ahead(15):%Y-%m-%d}")).status_code == 200


async def test_a_booking_is_shown_to_its_unit_and_as_busy_to_others(booked: Site) -> None:
    own, colleague, other = [
        (await (await booked.client(name)).get(f"/resources/{ROOM}{week(8)}")).text
        for name in ("anna", "clara", "bruno")
    ]
    assert "09:00\N{EN DASH}10:30" in own
    assert "&lt;b&gt;Canary&lt;/b&gt;" in own
    assert "Canary" in colleague
    assert "09:00\N{EN DASH}10:30" in other
    assert "busy" in other
    assert "Canary" not in other
    assert "Anna" not in other


async def test_a_meeting_over_midnight_stands_on_both_days(booked: Site) -> None:
    bruno = await booked.client("bruno")
    page = (await bruno.get(f"/resources/{BOTH}?month={ahead(8):%Y-%m}")).text
    after = (await bruno.get(f"/resources/{BOTH}?month={ahead(9):%Y-%m}")).text
    assert "20:00\N{EN DASH}24:00" in page
    assert "00:00\N{EN DASH}04:00" in after


async def test_pages_walk_from_week_to_month_and_back(booked: Site) -> None:
    anna = await booked.client("anna")
    page = (await anna.get(f"/resources/{ROOM}?week=2026-W53")).text
    for link in ("?week=2026-W52", "?week=2027-W01", "?month=2026-12"):
        assert f'href="{link}"' in page
    month = (await anna.get(f"/resources/{ROOM}?month=2027-01")).text
    for link in ("?month=2026-12", "?month=2027-02", "?week=2026-W53"):
        assert f'href="{link}"' in month
    assert "It is free the whole month." in month


@pytest.mark.parametrize(
    "query", ["?week=2026-W54", "?week=x", "?month=2026-13", "?month=0000-01", "?week=9999-W01", "?month=2026-1"]
)
async def test_no_such_week_is_not_found(booked: Site, query: str) -> None:
    assert (await (await booked.client("anna")).get(f"/resources/{ROOM}{query}")).status_code == 404


@pytest.mark.parametrize("address", [OTHER, "nowhere@iconet.test", "%00", "anna@iconet.test", "return@iconet.test"])
async def test_forbidden_and_absent_resources_are_alike(booked: Site, address: str) -> None:
    anna = await booked.client("anna")
    absent = await anna.get("/resources/absent@iconet.test")
    answer = await anna.get(f"/resources/{address}")
    assert (answer.status_code, len(answer.text)) == (404, len(absent.text) - len("absent@iconet.test") * 0)
    api = await program(booked, "anna")
    assert (await _bookings(api, address)).status_code == 404


async def _bookings(api: httpx.AsyncClient, address: str, **query: str) -> httpx.Response:
    days = {"from": f"{ahead(0):%Y-%m-%d}", "to": f"{ahead(30):%Y-%m-%d}", **query}
    return await api.get(f"/api/resources/{address}/bookings", params=days)


async def test_the_api_tells_the_same(booked: Site) -> None:
    anna, bruno = await program(booked, "anna"), await program(booked, "bruno")
    listed = described("/resources", await anna.get("/api/resources")).json()
    assert [each["address"] for each in listed] == [BOTH, ROOM]
    assert listed[0]["areas"] == [{"code": "return", "name": "Return"}]
    mine = described("/resources/{address}/bookings", await _bookings(anna, ROOM)).json()
    theirs = described("/resources/{address}/bookings", await _bookings(bruno, ROOM)).json()
    assert [each["start"] for each in mine] == [each["start"] for each in theirs]
    assert [(each["summary"], each["organiser"], each["marking"]) for each in theirs] == [("", "", "")] * 2
    assert [(each["summary"], each["organiser"]) for each in mine] == [("<b>Canary</b>", "Anna")] * 2


@pytest.mark.parametrize(
    "days",
    [
        {"from": ""},
        {"to": "tomorrow"},
        {"from": "2027-02-30"},
        {"from": "2030-01-01"},
        {"to": "2030-01-01"},
        {"from": "9999-01-01", "to": "9999-01-02"},
        {"from": "0001-01-01", "to": "0001-01-02"},
    ],
)
async def test_the_api_takes_days(booked: Site, days: dict[str, str]) -> None:
    anna = await program(booked, "anna")
    assert described("/resources/{address}/bookings", await _bookings(anna, ROOM, **days)).status_code == 422


async def test_a_lost_right_ends_seeing_and_booking_at_once(booked: Site) -> None:
    client, api = await booked.client("bruno"), await program(booked, "bruno")
    await booked.lose_rights("bruno")
    assert (await client.get(f"/resources/{ROOM}")).status_code == 404
    assert "nothing that you could book" in (await client.get("/resources")).text
    assert (await api.get("/api/resources")).json() == []


async def test_why_explains_a_resource_to_those_who_see_it(booked: Site) -> None:
    anna, otto = await program(booked, "anna"), await program(booked, "otto")
    answer = await anna.get("/api/why", params={"action": "book", "item": ROOM})
    assert answer.json()["rules"][0]["rule"] == "member-books"
    assert (await otto.get("/api/why", params={"action": "book", "item": ROOM})).status_code == 404
