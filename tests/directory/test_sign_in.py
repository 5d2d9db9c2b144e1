from __future__ import annotations

import asyncio
import logging
import resource
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from small_town import HERE, PASSWORD, THERE, SmallTown, add, until
from sqlalchemy import select

from directory import bodies, login_failures, officials, passwords
from directory.tables import app_password, login_failure, password, web_session
from groupware import clock
from groupware.errors import Busy, NotFound, Refused
from groupware.house_rules import HouseRules
from groupware.off_boarding import off_board
from groupware.sign_in import MOST_DELAYED, Caller, still_in_office
from groupware.tables import event
from groupware.web_sessions import WebSessions
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
DOORS = sorted(set(Door))


async def _refused(town: SmallTown, door: Door, name: str, secret: str, address: str = HERE) -> str:
    with pytest.raises(Refused) as refusal:
        await town.sign_in.check(door, name, secret, address)
    return str(refusal.value)


async def test_password_opens_the_portal_by_login_or_address_in_any_case(town: SmallTown) -> None:
    for name in ("anna.kask", "ANNA.Kask", "anna.kask@iconet.test", "Anna.Kask@ICONET.test"):
        caller = await town.sign_in.check(Door.PORTAL, name, PASSWORD, HERE)
        assert caller == Caller(town.anna, "anna.kask", "anna.kask@iconet.test", "Anna.Kask", Door.PORTAL, strong=True)


async def test_app_password_opens_its_doors_and_is_not_strong(town: SmallTown) -> None:
    for door in (Door.IMAP, Door.SUBMISSION):
        caller = await town.sign_in.check(door, "anna.kask@iconet.test", town.app_password, HERE)
        assert (caller.official, caller.door, caller.strong) == (town.anna, door, False)
    for door in set(Door) - {Door.IMAP, Door.SUBMISSION}:
        await _refused(town, door, "anna.kask", town.app_password, THERE)


@pytest.mark.parametrize("door", DOORS)
async def test_whatever_is_wrong_has_one_answer(lone_town: SmallTown, door: Door) -> None:
    town, wrong = lone_town, "not the secret"
    answers = {
        await _refused(town, door, "anna.kask", wrong),
        await _refused(town, door, "nobody", wrong),
        await _refused(town, door, "bert", town.app_password),
        await _refused(town, door, "", ""),
        await _refused(town, door, "a\0b\ud800", "\ud800\0"),
        await _refused(town, door, "x" * 100_000, "y" * 100_000),
    }
    if door is not Door.PORTAL:
        answers.add(await _refused(town, door, "anna.kask", PASSWORD))
    assert answers == {"sign-in"}


def _retire(tx: Tx, number: int) -> None:
    officials.change(tx.connection, replace(officials.get(tx.connection, number), valid_until=tx.now))


def _appoint_later(tx: Tx, number: int) -> None:
    officials.change(tx.connection, replace(officials.get(tx.connection, number), valid_from=tx.now + 10**12))


def _suspend(tx: Tx, number: int) -> None:
    officials.suspend(tx.connection, number)


def _suspend_body(tx: Tx, number: int) -> None:
    bodies.suspend(tx.connection, officials.get(tx.connection, number).body)


@pytest.mark.parametrize("end", [_retire, _appoint_later, _suspend, _suspend_body, off_board])
async def test_who_is_not_in_office_has_the_same_answer(town: SmallTown, end: Callable[[Tx, int], None]) -> None:
    session = WebSessions(town.store, HouseRules())
    token = await session.begin(await town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE))
    await town.store.run(lambda tx: end(tx, town.anna))
    assert await _refused(town, Door.PORTAL, "anna.kask", PASSWORD) == "sign-in"
    assert await _refused(town, Door.IMAP, "anna.kask", town.app_password) == "sign-in"
    assert await session.resume(token) is None
    assert not await town.store.read(lambda snapshot: still_in_office(snapshot, town.anna))


async def test_off_boarding_leaves_nothing_and_tells_of_it(town: SmallTown) -> None:
    await WebSessions(town.store, HouseRules()).begin(
        await town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE)
    )
    await town.store.run(lambda tx: off_board(tx, town.anna))
    await town.store.run(lambda tx: off_board(tx, town.anna))
    revoked, hashes, sessions, events = await town.store.read(
        lambda snapshot: (
            snapshot.connection.execute(select(app_password.c.revoked)).scalars().all(),
            snapshot.connection.execute(select(password.c.official)).scalars().all(),
            snapshot.connection.execute(select(web_session)).all(),
            snapshot.connection.execute(select(event.c.kind).where(event.c.subject == town.anna)).scalars().all(),
        )
    )
    assert all(at <= clock.now() for at in revoked)
    assert hashes == [town.bert]
    assert sessions == []
    assert events == ["official-off-boarded", "rights-changed"] * 2
    with pytest.raises(NotFound):
        await town.store.run(lambda tx: off_board(tx, 999))


async def test_a_suspension_during_the_check_counts(lone_town: SmallTown) -> None:
    checking = asyncio.create_task(lone_town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE))
    await until(lambda: lone_town.sign_in.gate._idle < 2)
    await lone_town.store.run(lambda tx: officials.suspend(tx.connection, lone_town.anna))
    with pytest.raises(Refused):
        await checking


async def test_older_parameters_are_replaced_when_the_password_is_at_hand(lone_town: SmallTown) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await lone_town.store.run(lambda tx: passwords.keep(tx.connection, lone_town.anna, old, tx.now))
    await lone_town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE)
    kept = await lone_town.store.read(lambda snapshot: passwords.kept_hash(snapshot.connection, lone_town.anna))
    assert kept is not None
    assert not passwords.needs_rehash(kept)
    await lone_town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE)


async def test_failures_count_for_all_doors_together_and_successes_pass(town: SmallTown) -> None:
    for door in (Door.IMAP, Door.SUBMISSION, Door.LDAP, Door.NNTP, Door.API):
        await _refused(town, door, "anna.kask", "wrong")
    await _refused(town, Door.IMAP, "anna.kask@iconet.test", "wrong", THERE)
    rows = await town.store.read(lambda s: s.connection.execute(select(login_failure)).all())
    assert {row.key: row.failures for row in rows} == {
        "login:anna.kask": 6,
        "net:192.0.2.0/24": 5,
        "net:198.51.100.0/24": 1,
    }
    before = clock.monotonic()
    await town.sign_in.check(Door.IMAP, "anna.kask", town.app_password, HERE)
    await town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE)
    assert clock.monotonic() - before < 2
    assert rows == await town.store.read(lambda s: s.connection.execute(select(login_failure)).all())


async def test_wrong_answers_come_slower_and_slower_up_to_a_second(town: SmallTown) -> None:
    keys = login_failures.keys("anna.kask", HERE)

    def fail(tx: Tx, at: int) -> int:
        return login_failures.note(tx.connection, keys, at)

    pauses = [await town.store.run(lambda tx, at=at: fail(tx, at)) for at in range(1, 14)]
    milliseconds = [pause / 1000 for pause in pauses]
    assert milliseconds == [0] * 5 + [62.5, 125, 250, 500] + [1000] * 4
    later = 13 + 1_000_000 + login_failures.FORGET
    assert await town.store.run(lambda tx: fail(tx, later)) == 0
    assert await town.store.run(lambda tx: login_failures.sweep(tx.connection, 3 * later)) == 2


async def test_delays_are_bounded_in_number(lone_town: SmallTown) -> None:
    lone_town.sign_in._delayed = MOST_DELAYED
    with pytest.raises(Busy):
        await lone_town.sign_in.check(Door.IMAP, "anna.kask", "wrong", HERE)
    await lone_town.sign_in.check(Door.IMAP, "anna.kask", lone_town.app_password, HERE)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.9", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("/run/socket", ""),
    ],
)
async def test_network_of_an_address(address: str, network: str) -> None:
    assert login_failures.network(address) == network


async def test_logs_name_door_and_network_only(lone_town: SmallTown, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "groupware"):
        await _refused(lone_town, Door.IMAP, "anna.kask@iconet.test", "hunter2hunter2")
    (record,) = [r for r in caplog.records if r.name == "groupware.sign_in"]
    assert (record.door, record.client) == ("imap", HERE)  # type: ignore[attr-defined] # fields that logging adds
    assert "anna" not in str(record.__dict__)
    assert "hunter2" not in str(record.__dict__)


async def _seconds(town: SmallTown, door: Door, name: str, address: str) -> float:
    before = clock.monotonic()
    await _refused(town, door, name, "wrong", address)
    return clock.monotonic() - before


@pytest.mark.alone
@pytest.mark.parametrize(("door", "names"), [(Door.IMAP, 30), (Door.PORTAL, 3)])
async def test_wrong_secret_takes_as_long_as_unknown_name(
    lone_town: SmallTown, kept: str, door: Door, names: int
) -> None:
    """Few tries a name and each round from a network of its own, so that no answer is delayed on purpose.

    Either is asked first as often as the other: who comes second finds the machine warm.
    """
    town = lone_town

    def recruit(tx: Tx) -> None:
        unit = officials.get(tx.connection, town.anna).unit
        for number in range(names):
            passwords.keep(tx.connection, add(tx, f"known{number:02}", unit), kept, tx.now)

    await town.store.run(recruit)
    known: list[float] = []
    unknown: list[float] = []
    for tries in range(4):
        for number in range(names):
            address = f"10.{tries}.{number}.1"
            pair = (known, f"known{number:02}"), (unknown, f"knowm{number:02}")
            for took, name in pair if (tries + number) % 2 else reversed(pair):
                took.append(await _seconds(town, door, name, address))
    assert 1 / 1.5 < median(known) / median(unknown) < 1.5
    slower = sum(a > b for a in known for b in unknown) / len(known) / len(unknown)
    assert 0.2 < slower < 0.8


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.alone
async def test_a_flood_costs_the_memory_of_two_and_an_honest_login_gets_in(lone_town: SmallTown) -> None:
    town = lone_town
    await asyncio.gather(*(town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE) for _ in range(2)))
    before = _peak_mib()
    names = ["anna.kask" if number % 2 else f"nobody{number}" for number in range(200)]
    flood = [asyncio.create_task(town.sign_in.check(Door.PORTAL, name, "wrong", HERE)) for name in names]
    await until(lambda: len(town.sign_in.gate._waiting) == 64)
    began = clock.monotonic()
    await town.sign_in.check(Door.PORTAL, "bert", PASSWORD, HERE)
    assert clock.monotonic() - began < 2
    town.sign_in.close()
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Refused, Busy}
    assert _peak_mib() - before < 64
