"""What the pages tell, to whom, and that forbidden and absent look the same."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markupsafe import escape

from connectors.fault import Fault
from connectors.web.countries import names_of
from connectors.web.directory.world import WORLD, draw
from directory import officials, roles
from directory.contact_points import ContactPoint, Hours
from directory.roles import Grant
from groupware import clock
from groupware.directory_pages.contact_points import spoken
from groupware.duties.on_duty import is_open
from policies.vocabulary import Role

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
TAGS = re.compile(r"<[^>]+>")


async def text(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, path
    return " ".join(TAGS.sub(" ", answer.text).split())


async def change(site: Site, name: str, **columns: object) -> None:
    def work(tx: Tx) -> None:
        found = officials.get(tx.connection, site.town.people[name])
        officials.change(tx.connection, replace(found, **columns))  # type: ignore[arg-type] # columns by their names

    await site.groupware.store.run(work)


@pytest.mark.parametrize(
    ("question", "found", "absent"),
    [
        ("anstrom", "Anna Ånström", "Bruno"),
        ("ANNA ÅNS", "Anna Ånström", "Bruno"),
        ("anna head", "Anna Ånström", "Bruno"),
        ("bruno@iconet.test", "Bruno", "Anna Ånström"),
        ("Unit B", "1 unit,", "1 person"),
        ("borland", "Borland", "Anna Ånström"),
        ("nström", "Anna Ånström", "Bruno"),
        ("nstroom", "Nothing found for “nstroom”.", "Anna Ånström"),
        ("öm", "Nothing found for “öm”.", "Anna Ånström"),
        ("<q>", "Nothing found for “&lt;q&gt;”.", "Anna Ånström"),
        ("''", "Nothing found", "Anna Ånström"),
    ],
)
async def test_search_finds_words_and_parts_of_them(furnished: Site, question: str, found: str, absent: str) -> None:
    clara = await furnished.client("clara")
    for path in ("/directory", "/directory/found"):
        answer = await clara.get(path, params={"q": question})
        shown = " ".join(TAGS.sub(" ", answer.text).split())
        assert found in shown
        assert absent not in shown


async def test_a_persons_page_has_what_an_address_book_has(furnished: Site) -> None:
    bruno = await furnished.client("bruno")
    shown = await text(bruno, "/directory/people/anna")
    for part in ("Anna Ånström", "Head of unit", "+388 2005 267 001", "anna@iconet.test", "et, en", "Aland", "Unit A"):
        assert part in shown
    assert "Return of Aland" in shown
    assert "Senegal SN Dakar, The embassy" in shown
    assert "planned" in shown
    card = await bruno.get("/directory/people/anna/card.vcf")
    assert card.headers["content-disposition"] == 'attachment; filename="anna.vcf"'
    assert "FN:Anna Ånström\r\n" in card.text
    assert "VERSION:3.0" in (await bruno.get("/directory/people/anna/card.vcf?version=3.0")).text


async def test_units_and_bodies_show_their_people_and_whom_to_ask(furnished: Site) -> None:
    bruno = await furnished.client("bruno")
    unit = await text(bruno, "/directory/bodies/aa/u")
    assert "unit-a@aa.example" in unit
    assert "Anna Ånström" in unit
    body = await text(bruno, "/directory/bodies/aa")
    assert "General matters Dora" in body
    assert "Deputies, in this order Clara" in body
    assert "Mon\N{EN DASH}Fri 09:00\N{EN DASH}17:00 (Europe/Tallinn)" in body
    assert "Return Anna Ånström on duty now" in body
    assert "Mon\N{EN DASH}Sun around the clock" in body


async def test_of_areas_that_a_reader_takes_no_part_in_nothing_is_told(furnished: Site) -> None:
    bruno, otto = await furnished.client("bruno"), await furnished.client("otto")
    pages = ("bodies/aa", "people/anna", "contact-points?body=AA", "liaison-officers")
    for path in (f"/directory/{page}" for page in pages):
        assert "Liaison" not in re.sub("Liaison officers?", "", await text(bruno, path))
        assert "Return" not in await text(otto, path)
    assert (await bruno.get("/directory/contact-points?about=liaison")).status_code == 404
    assert (await otto.get("/directory/contact-points?about=liaison")).status_code == 200


async def test_whom_to_ask(furnished: Site) -> None:
    bruno = await furnished.client("bruno")
    assert "2 contact points" in await text(bruno, "/directory/contact-points")
    assert "2 contact points" in await text(bruno, "/directory/contact-points?body=AA")
    assert "Aland : Return Anna" in await text(bruno, "/directory/contact-points?about=return")
    general = await text(bruno, "/directory/contact-points?about=all")
    assert "Aland : General matters Dora" in general
    assert "Anna" not in general
    assert "None is named" in await text(bruno, "/directory/contact-points?body=bb")


async def test_who_keeps_a_body_arranges_its_own_and_nobody_else_does(furnished: Site) -> None:
    town = furnished.town

    def keep(tx: Tx) -> None:
        body = officials.get(tx.connection, town.people["clara"]).body
        roles.grant(tx.connection, Grant(town.people["clara"], Role.CONTACT_POINT, body, reason="test"))

    await furnished.groupware.store.run(keep)
    clara, bruno = await furnished.client("clara"), await furnished.client("bruno")
    for page, changes in (("contact-points", 3), ("liaison-officers", 2)):
        own, foreign = [(await client.get(f"/directory/{page}")).text for client in (clara, bruno)]
        assert len(re.findall(f'/directory/{page}/[0-9]+"', own)) == changes, "Liaison too, which clara doesn't enter"
        assert f"/directory/{page}/new" in own
        assert f"/directory/{page}/" not in foreign
    assert "/interest" in (await clara.get("/directory/liaison-officers")).text, "in bruno's plan"
    for path in ("/contact-points", "/contact-points/1", "/postings", "/postings/new"):
        assert (await clara.get(path)).status_code == 404, "one page each"


async def test_who_is_suspended_keeps_their_places_until_a_keeper_says_otherwise(furnished: Site) -> None:
    """What is saved unchanged stays as it is."""
    town = furnished.town

    def keep(tx: Tx) -> None:
        body = officials.get(tx.connection, town.people["dora"]).body
        roles.grant(tx.connection, Grant(town.people["emil"], Role.DIRECTORY_ADMIN, body, reason="test"))

    await furnished.groupware.store.run(keep)
    await change(furnished, "clara", suspended=True)
    await change(furnished, "anna", suspended=True)
    emil, bruno = await furnished.client("emil"), await furnished.client("bruno")
    shown = (await emil.get("/directory/contact-points/1")).text
    assert 'value="Clara (clara), Unit A"' in shown
    listed = (await emil.get("/directory/liaison-officers")).text
    number = re.search("/directory/liaison-officers/[0-9]+", listed)
    assert number
    assert (await emil.get(number[0])).status_code == 200
    assert "not in office" in (await emil.get("/directory/contact-points")).text
    for page in ("contact-points", "liaison-officers"):
        assert "nstr" not in (await bruno.get(f"/directory/{page}")).text


async def test_somebody_on_duty_is_shown_as_such(furnished: Site) -> None:
    """Anna answers around the clock for return, dora stands in."""
    bruno = await furnished.client("bruno")
    assert "Return Anna Ånström on duty now" in await text(bruno, "/directory/bodies/aa")
    await change(furnished, "anna", suspended=True)
    shown = await text(bruno, "/directory/contact-points?about=return")
    assert "Return Nobody at present. Deputies, in this order Dora on duty now" in shown


async def test_who_may_not_be_seen_is_nowhere(furnished: Site) -> None:
    await change(furnished, "anna", listed=False)
    bruno, clara = await furnished.client("bruno"), await furnished.client("clara")
    pages = (
        "?q=anna",
        "/bodies/aa",
        "/bodies/aa/u",
        "/contact-points?about=return",
        "/liaison-officers",
        "/everybody.vcf",
    )
    for path in (f"/directory{page}" for page in pages):
        assert "nstr" not in (await bruno.get(path)).text, path
        assert "nstr" in (await clara.get(path)).text, path
    assert "uid=anna," not in (await bruno.get("/directory/everybody.ldif")).text
    assert "uid=anna," in (await clara.get("/directory/everybody.ldif")).text
    await change(furnished, "anna", suspended=True)
    assert "nstr" not in (await clara.get("/directory/bodies/aa")).text
    assert (await clara.get("/directory/people/anna")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/directory/people/nobody",
        "/directory/people/anna",
        "/directory/people/anna/card.vcf",
        "/directory/people/nobody/card.vcf",
        "/directory/people/%00",
        "/directory/bodies/xx",
        "/directory/bodies/aa/nothing",
        "/directory/bodies/xx/u",
        "/directory/contact-points?body=xx",
        "/directory/contact-points?about=nothing",
        "/directory/contact-points?about=liaison",
    ],
)
async def test_forbidden_and_absent_pages_are_alike(furnished: Site, path: str) -> None:
    await change(furnished, "anna", listed=False)
    bruno = await furnished.client("bruno")
    answer, absent = await bruno.get(path), await bruno.get("/directory/people/absent")
    assert answer.status_code == 404
    assert answer.text == absent.text
    assert (await (await furnished.client()).get(path)).headers["location"].startswith("/sign-in")


async def test_postings_of_now_stand_apart_from_those_to_come(furnished: Site) -> None:
    shown = await text(await furnished.client("clara"), "/directory/liaison-officers")
    now, _, planned = shown.partition("Planned")
    assert "Senegal" in now
    assert "Togo" not in now
    assert "Togo" in planned
    assert "India" in planned
    furnished.clock.ahead += 31 * 24 * 3600 * 1_000_000
    shown = await text(await furnished.client("clara"), "/directory/liaison-officers")
    assert "Togo" in shown.partition("Planned")[0]


async def test_countries_have_one_name_wherever_they_are_named(furnished: Site) -> None:
    clara = await furnished.client("clara")
    form = dict(
        re.findall(r'<option value="([A-Z]{2})">([^<]+)<', (await clara.get("/directory/liaison-officers/new")).text)
    )
    assert form == {code: str(escape(name)) for code, name in names_of(Path("nowhere")).items()}
    assert form["XK"] == "Kosovo"
    assert form["TR"] == "Türkiye"


def test_the_operator_names_countries(tmp_path: Path) -> None:
    assert names_of(tmp_path)["SN"] == "Senegal"
    (tmp_path / "countries.toml").write_text('SN = "Another name"\n')
    assert names_of(tmp_path)["SN"] == "Another name"
    for wrong in ("SN = 1", "SN ="):
        (tmp_path / "countries.toml").write_text(wrong)
        with pytest.raises(Fault):
            names_of(tmp_path)


def test_the_chart_shows_what_it_is_given() -> None:
    chart = draw(["SN", "SN", "MT"], ["SN", "IN", "ZZ"])
    assert [(each.count, each.planned) for each in chart.circles] == [(2, False), (1, False), (1, True), (1, True)]
    assert len(chart.hosts) == 1  # Malta is too small to be drawn, and has its circle
    same = [(each.x, each.y) for each in chart.circles]
    assert len(set(same)) == 4
    assert WORLD["land"]["SN"] not in chart.land
    assert WORLD["land"]["IN"] in chart.land


def test_no_country_is_drawn_across_the_map() -> None:
    """A ring that crosses the antimeridian uncut would have a stroke as wide as the map."""
    for code, path in [*WORLD["land"].items(), ("", WORLD["nameless"])]:
        for ring in path.split("M")[1:]:
            steps = [int(number) for number in ring.partition("l")[2].rstrip("z").split()]
            assert max(map(abs, steps), default=0) < 300, code


def test_duty_hours_are_spoken_in_few_words() -> None:
    office = [Hours(day, 540, 1020) for day in range(5)]
    assert spoken(office) == ["Mon\N{EN DASH}Fri 09:00\N{EN DASH}17:00"]
    assert spoken([Hours(0, 540, 720), Hours(0, 780, 1020), Hours(2, 0, 1440)]) == [
        "Mon 09:00\N{EN DASH}12:00, 13:00\N{EN DASH}17:00",
        "Wed around the clock",
    ]
    assert spoken([]) == []


@pytest.mark.parametrize(("hour", "expected"), [(6, False), (7, True), (14, True), (15, False)])
def test_duty_hours_are_local(hour: int, *, expected: bool) -> None:
    """09:00 in Tallinn is 07:00 UTC in winter: 23 November 2026 is a Monday."""
    monday = 1_795_392_000 * clock.MICROSECONDS
    point = ContactPoint(1, zone="Europe/Tallinn", hours=(Hours(0, 540, 1020),))
    assert is_open(point, monday + hour * 3600 * clock.MICROSECONDS) is expected
