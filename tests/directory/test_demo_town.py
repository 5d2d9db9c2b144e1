from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from connectors.demo import town as demo_town
from directory import partners, rights
from directory.errors import UnfitError
from directory.tables import app_password, body, metadata, official, password, role_grant, unit
from groupware import clock
from groupware.demo_people import SECRETS_FILE, Person, plant
from groupware.demo_town import login_of, seed
from groupware.duties.looking import without_contact_point
from groupware.installation import server_key
from groupware.monitor import Monitor
from groupware.off_boarding import off_board
from groupware.people.facade import People
from groupware.people.leave import OPERATOR
from groupware.sign_in import SignIn
from groupware.store import open_store
from groupware.tables import room
from policies.decision import Policies
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place

    from groupware.store import Snapshot, Store

TERMS = "version"
pytestmark = pytest.mark.anyio
AREAS = {"early-warning", "liaison", "travel-documents", "return"}
STATES = 31


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def people(directory: Path) -> tuple[Person, ...]:
    return asyncio.run(_planted(directory))


def _everything(snapshot: Snapshot) -> dict[str, list[tuple[object, ...]]]:
    tables = (
        table
        for table in metadata.sorted_tables
        if table.name not in {"audit_record", "audit_subject", "event", "login_failure"}
    )
    return {table.name: sorted(map(tuple, snapshot.connection.execute(select(table))), key=repr) for table in tables}


async def _planted(directory: Path) -> tuple[Person, ...]:
    store, people = await _again(directory)
    await store.close()
    return people


async def _again(directory: Path) -> tuple[Store, tuple[Person, ...]]:
    store = open_store(directory)
    return store, await plant(store, demo_town(), server_key(directory), TERMS)


def test_some_thirty_with_credentials_and_enough_of_each_kind(people: tuple[Person, ...]) -> None:
    assert 28 <= len(people) <= 36
    for area in AREAS:
        members = Counter(role for p in people if area in p.areas for role in p.roles or ("plain",))
        assert members["plain"] >= 4, area
        assert members["moderator"] >= 1, area
        assert members["organiser"] >= 1, area
        assert any(not p.roles and area not in p.areas for p in people), area
    assert {role for p in people for role in p.roles} == set(Role)


def test_who_runs_the_directory_or_reads_the_log_is_in_no_area(people: tuple[Person, ...]) -> None:
    apart = [p for p in people if {Role.DIRECTORY_ADMIN, Role.SECURITY_OFFICER} & set(p.roles)]
    assert len(apart) >= 2
    assert all(p.areas == () for p in apart)
    assert all(p.areas for p in people if p not in apart)


def test_two_states_are_administered_and_have_a_contact_point_who_signs_in(people: tuple[Person, ...]) -> None:
    by_role = {role: {p.body for p in people if role in p.roles} for role in Role}
    both = by_role[Role.DIRECTORY_ADMIN] & by_role[Role.CONTACT_POINT]
    assert len(both - {"COM"}) >= 2


@pytest.mark.usefixtures("people")
async def test_the_half_yearly_review_was_made_and_left_a_few_out(directory: Path) -> None:
    store, _ = await _again(directory)
    monitor = Monitor(Policies.load())
    keeper = People(store, monitor, "iconet.test")
    codes = await store.read(lambda s: list(s.connection.scalars(select(body.c.code))))
    reviews = [await keeper.review(OPERATOR, code) for code in codes]
    late, total = sum(each.late for each in reviews), sum(each.total for each in reviews)
    assert 0 < late <= total / 10
    assert max(each.late for each in reviews) <= 2
    assert sum(each.late == 0 for each in reviews) >= 5
    rows = await store.read(lambda s: s.connection.execute(select(official.c.id, official.c.reviewed_by)).all())
    assert not [row.id for row in rows if row.id == row.reviewed_by]
    await store.close()


async def test_a_directory_from_before_gives_a_new_sign_in_its_secrets(sqlite_place: Place) -> None:
    town, key = demo_town(), bytes(32)
    logins = list(town.sign_in.items())
    store = sqlite_place.open()
    before = await plant(store, replace(town, sign_in=dict(logins[:2])), key, TERMS)
    now = await plant(store, replace(town, sign_in=dict([*logins[:2], logins[-1]])), key, TERMS)
    assert now[:2] == before
    assert now[2].login == logins[-1][0]
    sign_in = SignIn(store, key)
    assert (await sign_in.check(Door.PORTAL, now[2].login, now[2].password, "::1")).login == now[2].login
    sign_in.close()
    await store.close()


def test_logins_and_addresses_are_as_promised(people: tuple[Person, ...]) -> None:
    for person in people:
        assert re.fullmatch(r"[a-z0-9.-]+", person.login)
        assert person.address == f"{person.login}@iconet.test"
        assert login_of(person.name) == person.login
    secrets = [secret for p in people for secret in (p.password, p.app_password)]
    assert len(set(secrets)) == 2 * len(people)
    assert min(len(p.password) for p in people) >= 15


@pytest.mark.usefixtures("people")
async def test_the_network_is_thirty_one_states_the_commission_and_the_agency(directory: Path) -> None:
    store, _ = await _again(directory)
    rows = await store.read(lambda s: s.connection.execute(select(body)).all())
    assert Counter(row.kind for row in rows) == {
        "member-state": 27,
        "associated-state": 4,
        "institution": 1,
        "agency": 1,
    }
    grants = await store.read(
        lambda s: s.connection.execute(select(role_grant.c.role, role_grant.c.scope, role_grant.c.official)).all()
    )
    for role in (Role.CONTACT_POINT, Role.DEPUTY):
        assert {grant.scope for grant in grants if grant.role == role} == {row.id for row in rows}
    assert await store.read(without_contact_point) == []
    count = await store.read(lambda s: len(s.connection.execute(select(official.c.id)).all()))
    assert 280 <= count <= 320
    assert await store.read(lambda s: partners.is_allowed(s.connection, "partner.test"))
    await store.close()


@pytest.mark.usefixtures("people")
async def test_one_moderated_room_an_area(directory: Path) -> None:
    store, _ = await _again(directory)
    rooms = await store.read(lambda s: s.connection.execute(select(room)).all())
    assert {r.code for r in rooms} == AREAS
    assert all(r.moderated and not r.closed and r.marking == 2 and r.handling in {0, 1} for r in rooms)
    clearances = await store.read(lambda s: set(s.connection.execute(select(official.c.clearance)).scalars()))
    assert min(clearances) >= max(r.handling for r in rooms)
    await store.close()


@pytest.mark.usefixtures("people")
async def test_each_body_has_units_below_units(directory: Path) -> None:
    store, _ = await _again(directory)
    rows = await store.read(lambda s: s.connection.execute(select(unit.c.body, unit.c.parent)).all())
    assert min(Counter(row.body for row in rows).values()) >= 2
    assert sum(row.parent is not None for row in rows) > STATES
    await store.close()


async def test_a_later_start_keeps_every_row_and_secret_and_is_quick(
    directory: Path, people: tuple[Person, ...]
) -> None:
    store = open_store(directory)
    before = await store.read(_everything)
    began = clock.monotonic()
    again = await plant(store, demo_town(), server_key(directory), TERMS)
    assert clock.monotonic() - began < 2
    assert again == people
    assert await store.read(_everything) == before
    await store.close()


async def test_secrets_are_for_the_owner_only_and_open_the_doors(directory: Path, people: tuple[Person, ...]) -> None:
    path = directory / SECRETS_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_text())) == {p.login for p in people}
    store = open_store(directory)
    sign_in = SignIn(store, server_key(directory))
    for person in people[:2]:
        assert (await sign_in.check(Door.PORTAL, person.address, person.password, "::1")).login == person.login
    for person in people:
        for door in set(Door) - {Door.PORTAL}:
            assert (await sign_in.check(door, person.login, person.app_password, "::1")).address == person.address
    sign_in.close()
    await store.close()


async def test_who_left_does_not_come_back_with_a_restart(sqlite_place: Place) -> None:
    town = demo_town()
    few = replace(town, sign_in=dict(list(town.sign_in.items())[:2]))
    store, key = sqlite_place.open(), bytes(32)
    first = await plant(store, few, key, TERMS)
    number = await store.read(
        lambda s: s.connection.execute(select(official.c.id).where(official.c.login == first[0].login)).scalar_one()
    )
    await store.run(lambda tx: off_board(tx, number))
    assert await plant(store, few, key, TERMS) == first[1:]
    await store.close()


async def test_what_was_begun_is_completed(store: Store) -> None:
    town = demo_town()
    few = replace(town, sign_in=dict(list(town.sign_in.items())[:2]))
    assert await store.run(lambda tx: seed(tx, town))
    assert not await store.run(lambda tx: seed(tx, town))
    assert len(await plant(store, few, bytes(32), TERMS)) == 2
    counts = await store.read(
        lambda s: [len(s.connection.execute(select(table)).all()) for table in (password, app_password)]
    )
    assert counts == [2, 2]


async def test_the_same_town_gives_the_same_rows(place: Place, tmp_path: Path) -> None:
    store, other = place.open(), open_store(tmp_path / "other")
    for each in (store, other):
        await each.run(lambda tx: seed(tx, demo_town()))
    one, two = await store.read(_everything), await other.read(_everything)
    for rows in (one, two):
        rows["role_grant"] = [row[:4] for row in rows["role_grant"]]
        del rows["rights"]  # moves in steps of chance
    assert {name: sorted(rows) for name, rows in one.items() if name != "unit"} == {
        name: sorted(rows) for name, rows in two.items() if name != "unit"
    }
    assert one["unit"] == two["unit"]
    assert await store.read(lambda s: rights.version(s.connection)) > 0
    await store.close()
    await other.close()


async def test_an_area_beyond_the_unit_is_refused(sqlite_place: Place) -> None:
    town = replace(demo_town(), sign_in={"anna.kask": ("early-warning",), "pia.lindeskog": ("return",)})
    store = sqlite_place.open()
    with pytest.raises(UnfitError, match=r"pia\.lindeskog"):
        await store.run(lambda tx: seed(tx, town))
    assert await store.read(lambda s: s.connection.execute(select(body)).first()) is None
    await store.close()


@pytest.mark.parametrize(
    ("name", "login"),
    [("Anna Kask", "anna.kask"), ("Holger Prüßmann", "holger.prussmann"), ("Þorgils Ælfred-Sø", "thorgils.aelfred-so")],
)
def test_login_of_a_name(name: str, login: str) -> None:
    assert login_of(name) == login
