"""A file of entries: compared first, applied whole or not at all, and never more than the admin's own body."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from people_world import DAY, START, someone
from sqlalchemy import select

from directory.tables import official
from groupware.errors import Conflict, Forbidden, Refused
from groupware.people import sheet
from groupware.people.leave import OPERATOR
from groupware.people.looking import State

if TYPE_CHECKING:
    from people_world import World

pytestmark = pytest.mark.anyio
HEAD = "external_id,login,name,unit,phone"


def file(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode()


async def everything(world: World) -> list[tuple[object, ...]]:
    return await world.groupware.store.read(
        lambda s: [tuple(row) for row in s.connection.execute(select(official).order_by(official.c.id))]
    )


async def test_a_difference_is_shown_and_then_applied(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    octets = file("P1,anna,Anna,u,+358 9 1234", "P2,nina,Nina Nova,u2,", ",clara,Clara,u,")
    before = await everything(world)
    diff = await people.compare(adela, "aa", octets)
    assert await everything(world) == before
    assert [(each.line, each.login, each.entry.external_id) for each in diff.added] == [(3, "nina", "P2")]
    assert [(each.line, each.found.login, each.columns) for each in diff.changed] == [
        (2, "anna", {"external_id": ("", "P1"), "phone": ("", "+358 9 1234")})
    ]
    assert (diff.unchanged, diff.untouched, diff.faults) == (1, 5, [])
    await people.apply(adela, "aa", octets, diff.digest)
    anna, nina = await world.card("anna"), await world.card("nina")
    assert (anna.official.phone, anna.official.version, anna.history[-1].what) == (
        "+358 9 1234",
        2,
        ("phone", "external_id"),
    )
    assert (nina.official.address, nina.unit, nina.state) == ("nina@iconet.test", "u2", State.ACTIVE)
    again = await people.compare(adela, "aa", octets)
    assert (again.added, again.changed, again.unchanged) == ([], [], 3)


async def test_who_is_meant_is_found_by_external_id_and_then_by_login(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    await people.add(adela, "aa", "nina", someone(external_id="P7"))
    octets = file("P7,Nina Married,u1", head="external_id,name,unit")
    diff = await people.compare(adela, "aa", octets)
    assert [(each.found.login, each.columns) for each in diff.changed] == [
        ("nina", {"name": ("Nina Nova", "Nina Married")})
    ]


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        (["P1,anna,Anna"], [(2, "", "wrong-number-of-cells")]),
        ([",,Nobody,u,"], [(2, "", "no-key")]),
        (["P1,anna,Anna,u,", "P1,clara,Clara,u,"], [(2, "external_id", "duplicate-key")] * 1),
        ([",nina,Nina,nowhere,"], [(2, "unit", "no-such-unit")]),
        ([",Nina N,Nina,u,"], [(2, "login", "bad-login")]),
        ([",bela,Bela,u,"], [(2, "login", "login-taken")]),
        ([",adela,Other,u,"], [(2, "", "own-entry")]),
        ([",nina,=cmd|' /C calc'!A0,u,"], [(2, "name", "formula")]),
        ([",nina,\tNina,u,"], [(2, "name", "formula")]),
        ([",nina,Nina,u,-1+1"], [(2, "phone", "formula")]),
        ([",nina,Nina,u,+1+cmd"], [(2, "phone", "bad-phone")]),
        ([f",nina,{'x' * 300},u,"], [(2, "name", "too-long")]),
        (
            ["P1,nina,=1,nowhere,abc", "P1,Nina,=2,u,", ",Bad Login,-3,u,", ",anna,Anna,nowhere,-1"],
            [
                *((2, column, rule) for column, rule in (("name", "formula"), ("external_id", "duplicate-key"))),
                *((2, column, rule) for column, rule in (("login", "duplicate-key"), ("phone", "bad-phone"))),
                (2, "unit", "no-such-unit"),
                *((3, column, rule) for column, rule in (("name", "formula"), ("external_id", "duplicate-key"))),
                *((3, "login", "duplicate-key"), (4, "name", "formula"), (4, "login", "bad-login")),
                *((5, "phone", "formula"), (5, "unit", "no-such-unit")),
            ],
        ),
        (["P1,nina,,u,", ",,,,", ",,,u,"], [(2, "name", "name-missing"), (4, "", "no-key")]),
        (['P1,nina,"two\r\nlines",u,', ",Bad Login,X,u,"], [(2, "name", "bad-text"), (4, "login", "bad-login")]),
    ],
)
async def test_what_is_wrong_is_said_by_line_and_column(
    lone: World, lines: list[str], faults: list[tuple[int, str, str]]
) -> None:
    people, adela = lone.groupware.people, lone.strong("adela")
    before, octets = await everything(lone), file(*lines)
    diff = await people.compare(adela, "aa", octets)
    found = [(fault.line, fault.column, fault.problem.rule) for fault in diff.faults]
    assert found[: len(faults)] == faults
    with pytest.raises(Refused, match="faulty-file"):
        await people.apply(adela, "aa", octets, diff.digest)
    assert await everything(lone) == before


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"", "empty-file"),
        (b"\r\n\r\n", "empty-file"),
        (file("P1,anna,Anna,u,").decode().encode("utf-32"), "not-utf-8"),
        (file("P1,anna,Anna,u,").decode().encode("utf-16-le"), "not-utf-8"),
        (file("P1,anna,Anna,u,").decode().encode("utf-16")[:-1], "not-utf-8"),
        (file("P1,anna,Sv\u011btlana,u,").decode().encode("cp1250"), "not-utf-8"),
        (file("P1,anna,Ann\u00e9,u,").decode().encode("latin-1"), "not-utf-8"),
        (file("P1,anna,An\0na,u,"), "not-utf-8"),
        (file("P1|anna|Anna|u|", head=HEAD.replace(",", "|")), "wrong-delimiter"),
        (b"sep=|\r\n" + file("P1|anna", head="external_id|login"), "wrong-delimiter"),
        (b"sep=;", "unknown-column"),
        (file("x", head="login,nonsense"), "unknown-column"),
        (file("x", head="login,login"), "column-twice"),
        (file("x", head="name,unit"), "no-key-column"),
        (file('P1,anna,"Anna,u,'), "bad-csv"),
        (file('P1,anna,"An"na,u,'), "bad-csv"),
        (file(f"P1,anna,{'x' * 200_000},u,"), "bad-csv"),
        (b"login\n" + b"x" * sheet.MOST_OCTETS, "file-too-large"),
        (b"login\n" + b"".join(b"x%d\n" % number for number in range(100_000)), "too-many-rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_cannot_be_read_is_refused_by_rule(lone: World, octets: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        await lone.groupware.people.compare(lone.strong("adela"), "aa", octets)
    assert refused.value.rule == rule
    assert refused.value.text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("said", ["", "sep="])
async def test_a_file_is_read_as_spreadsheets_of_all_countries_write_it(
    lone: World, delimiter: str, encoding: str, said: str
) -> None:
    """With the list separator of the country, in UTF-8 or as "Unicode text", with the line by which Excel is told."""
    rows = [
        ["external_id", "login", "name", "unit", "languages", "title"],
        ["P2", "nina", "N\u00edna N\u0151va", "U2", "en, fi", 'Head; of "a,b"'],
        ["P3", "olga", "Olga", "u", "", "two\r\nlines"],
        ["P4", "pia", "Pia", "nowhere", "", ""],
    ]
    text = io.StringIO(f"{said}{delimiter}\r\n" if said else "", newline="")
    text.seek(0, io.SEEK_END)
    csv.writer(text, delimiter=delimiter).writerows(rows)
    diff = await lone.groupware.people.compare(lone.strong("adela"), "aa", text.getvalue().encode(encoding))
    first = 3 if said else 2
    (nina,) = diff.added
    assert (nina.line, nina.login, nina.entry.external_id) == (first, "nina", "P2")
    assert (nina.entry.name, nina.entry.unit, nina.entry.languages) == ("N\u00edna N\u0151va", "u2", "en,fi")
    assert nina.entry.title == 'Head; of "a,b"'
    found = [(fault.line, fault.column, fault.problem.rule) for fault in diff.faults]
    assert found == [(first + 1, "title", "bad-text"), (first + 3, "unit", "no-such-unit")]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
async def test_utf8_is_read_with_and_without_its_mark(lone: World, mark: bytes) -> None:
    octets = mark + file(",nina,N\u00efna \u014cya,u,").decode().encode()
    diff = await lone.groupware.people.compare(lone.strong("adela"), "aa", octets)
    assert [each.entry.name for each in diff.added] == ["N\u00efna \u014cya"]


async def test_a_change_between_the_two_steps_is_a_conflict(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    octets = file(",anna,Anna Other,u,", ",nina,Nina,u,")
    diff = await people.compare(adela, "aa", octets)
    await people.suspend(world.strong("alma"), world.town.people["clara"], 1)
    before = await everything(world)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await people.apply(adela, "aa", octets, diff.digest)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await people.apply(adela, "aa", octets + b"\r\n", (await people.compare(adela, "aa", octets)).digest)
    assert await everything(world) == before


async def test_an_upload_is_kept_for_its_admin_alone_and_for_an_hour(world: World) -> None:
    people, adela, alma = world.groupware.people, world.strong("adela"), world.strong("alma")
    octets = file(",nina,Nina,u,")
    diff = await people.propose(adela, "aa", octets)
    with pytest.raises(Conflict):
        await people.accept(alma, "aa", diff.digest)
    world.time.pass_days(1 / 24)
    with pytest.raises(Conflict):
        await people.accept(adela, "aa", diff.digest)
    diff = await people.propose(adela, "aa", octets)
    await people.accept(adela, "aa", diff.digest)
    assert (await world.card("nina")).state is State.ACTIVE
    with pytest.raises(Conflict):
        await people.accept(adela, "aa", diff.digest)


async def test_it_reaches_no_other_body(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    with pytest.raises(Forbidden):
        await people.compare(adela, "bb", file(",bruno,Changed,u,"))
    for line in (",bruno,Changed,u,", "B1,bruno,Changed,u,"):
        diff = await people.compare(adela, "aa", file(line))
        assert [fault.problem.rule for fault in diff.faults] == ["login-taken"]


async def test_the_last_contact_point_is_not_imported_away(world: World) -> None:
    octets = file("carol,2027-01-10", head="login,last_day")
    people, adela = world.groupware.people, world.strong("adela")
    diff = await people.compare(adela, "aa", octets)
    with pytest.raises(Refused, match="last-contact-point"):
        await people.apply(adela, "aa", octets, diff.digest)
    assert (await world.card("carol")).state is State.ACTIVE


async def test_an_export_is_taken_again_and_changes_nothing(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    fields = {
        "phone": "+358 9 1",
        "title": 'Head, "Asylum"',
        "listed": False,
        "clearance": 2,
        "valid_until": START + DAY,
    }
    await people.add(adela, "aa", "nina", someone("N\u00efna", external_id="P1", languages="fi,sv", **fields))
    octets = await people.export(adela)
    assert octets.startswith(b"\xef\xbb\xbf")
    diff = await people.compare(adela, "aa", octets)
    assert (diff.added, diff.changed, diff.faults, diff.unchanged, diff.untouched) == ([], [], [], 8, 0)


async def test_an_export_holds_no_formula(world: World) -> None:
    """Whatever entries hold that came by other ways."""

    def spoil(tx: object) -> None:
        row = official.update().where(official.c.login == "anna").values(title="=1+1", phone="+1", name="@SUM(A1)")
        tx.connection.execute(row)  # type: ignore[attr-defined] # a Tx

    await world.groupware.store.run(spoil)
    people, adela = world.groupware.people, world.strong("adela")
    octets = await people.export(adela)
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert (await people.compare(adela, "aa", octets)).unchanged == 7


async def test_ten_thousand_lines_leave_the_server_responsive(lone: World) -> None:
    people = lone.groupware.people
    octets = file(*(f"P{n},person{n},Person {n},u{1 + n % 2},+358 9 {n:05}" for n in range(sheet.MOST_ROWS)))
    diff = await people.compare(OPERATOR, "aa", octets)
    assert len(diff.added) == sheet.MOST_ROWS
    await people.apply(OPERATOR, "aa", octets, diff.digest)
    assert (await people.entries(OPERATOR, "aa")).total == sheet.MOST_ROWS + 7
    assert (await people.compare(OPERATOR, "aa", octets)).unchanged == sheet.MOST_ROWS
