"""Who is kept out by whose mistakes: an official's own browsers and networks are no strangers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from small_town import HERE, KEY, PASSWORD, THERE, SmallTown
from sqlalchemy import func, select

from directory import devices, known_sites, login_failures, passwords
from directory.credential_tables import known_site
from directory.tables import login_failure
from groupware import clock, standing
from groupware.errors import Refused
from groupware.off_boarding import off_board
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupware.password_gate import Standing
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
NAME = "anna.kask"
RATE, WARM_UP, NETWORKS = 3, 24, 240


async def device_of(town: SmallTown, official: int) -> str:
    def query(snapshot: Snapshot) -> str:
        return devices.with_one(KEY, "", official, passwords.changed(snapshot.connection, official) or 0)

    return await town.store.read(query)


async def stands(town: SmallTown, address: str = HERE, device: str = "") -> Standing:
    return await town.store.read(lambda s: standing.of(s, KEY, NAME, town.anna, address, device))


async def know(town: SmallTown, address: str, at: int = 0) -> None:
    site = login_failures.site(address)
    await town.store.run(lambda tx: known_sites.remember(tx.connection, KEY, town.anna, site, at or tx.now))


async def guess(town: SmallTown, times: int, address: str = THERE) -> None:
    """Failures, without the work of a check."""

    def use_case(tx: Tx) -> None:
        for _ in range(times):
            login_failures.note(tx.connection, standing.of(tx, KEY, NAME, town.anna, address, "").keys, tx.now)

    await town.store.run(use_case)


async def test_a_flood_of_guesses_reaches_neither_a_known_browser_nor_a_known_network(town: SmallTown) -> None:
    device = await device_of(town, town.anna)
    await know(town, HERE)
    await guess(town, 20)
    browser, near, stranger = await stands(town, device=device), await stands(town), await stands(town, THERE)
    assert (browser.place, browser.throttled) == (0, frozenset())
    assert (near.place, near.throttled) == (1, frozenset())
    assert "login:anna.kask" in stranger.throttled
    assert stranger.place == 22
    assert not set(browser.keys) & set(stranger.keys)


async def test_a_network_has_some_tries_at_a_guessed_name_that_wait_for_no_pause(town: SmallTown) -> None:
    await guess(town, 20)
    for tried in range(standing.FREE):
        new = await stands(town)
        assert (new.throttled, new.place) == ({"fresh:login:anna.kask"}, 2 + tried)
        await guess(town, 1, HERE)
    assert (await stands(town)).throttled == {"login:anna.kask"}


async def test_a_site_counts_as_one_network_however_many_it_has(town: SmallTown) -> None:
    for number in range(login_failures.FREE_SITE + 1):
        await guess(town, 1, f"2001:db8:1:{number:x}::1")
    found = await stands(town, "2001:db8:1:ffff::1")
    both = "both:2001:db8:1::/48 anna.kask"
    assert found.throttled == {"login:anna.kask", "site:2001:db8:1::/48", both}
    assert found.place == 2 + login_failures.FREE_SITE + 1


def change(tx: Tx, town: SmallTown) -> None:
    kept = passwords.kept_hash(tx.connection, town.anna) or ""
    passwords.keep(tx.connection, town.anna, kept, tx.now + 1)


def leave(tx: Tx, town: SmallTown) -> None:
    off_board(tx, town.anna)


@pytest.mark.parametrize("end", [change, leave])
async def test_a_new_password_and_off_boarding_make_every_browser_a_stranger(
    town: SmallTown, end: Callable[[Tx, SmallTown], None]
) -> None:
    device = await device_of(town, town.anna)
    await town.store.run(lambda tx: end(tx, town))
    assert (await stands(town, device=device)).place == 2


async def test_off_boarding_forgets_the_networks(town: SmallTown) -> None:
    await know(town, HERE)
    await town.store.run(lambda tx: off_board(tx, town.anna))
    assert await town.store.read(lambda s: s.connection.scalar(select(func.count()).select_from(known_site))) == 0


async def test_anothers_cookie_and_nonsense_are_a_strangers(town: SmallTown) -> None:
    own, others = await device_of(town, town.anna), await device_of(town, town.bert)
    flipped = own[:-1] + ("A" if own[-1] != "A" else "B")
    for told in (others, flipped, own[:-4], f"{own}AAAA", "é" * 44, "." * 10_000, "\ud800" * 44):
        assert (await stands(town, device=told)).place == 2, told[:50]


async def test_people_who_share_a_browser_are_known_there_and_the_fifth_pushes_out_the_first(town: SmallTown) -> None:
    told = await device_of(town, town.anna)
    for other in range(1000, 1003):
        told = devices.with_one(KEY, told, other, 1)
    assert (await stands(town, device=told)).place == 0
    assert devices.with_one(KEY, told, 1000, 1) == told, "known already"
    assert (await stands(town, device=devices.with_one(KEY, told, 1003, 1))).place == 2


async def test_the_last_few_networks_are_known_and_old_ones_no_more(town: SmallTown) -> None:
    for number in range(known_sites.MOST + 3):
        await know(town, f"10.0.{number}.1")
    places = [(await stands(town, f"10.0.{number}.1")).place for number in range(known_sites.MOST + 3)]
    assert places == [2] * 3 + [1] * known_sites.MOST
    await know(town, HERE, clock.now() - known_sites.LASTS)
    assert (await stands(town, HERE)).place == 2


async def test_wrong_passwords_of_a_known_browser_count_for_it_alone(lone_town: SmallTown) -> None:
    device = await device_of(lone_town, lone_town.anna)
    with pytest.raises(Refused):
        await lone_town.sign_in.check(Door.PORTAL, NAME, "wrong", HERE, device)
    (key,) = await lone_town.store.read(lambda s: s.connection.scalars(select(login_failure.c.key)).all())
    assert key.startswith("device:")


async def test_who_shows_the_password_once_more_is_no_stranger(lone_town: SmallTown) -> None:
    caller = await lone_town.sign_in.check(Door.PORTAL, NAME, PASSWORD, HERE)
    with pytest.raises(Refused):
        await lone_town.sign_in.check_again(caller, "wrong", HERE)
    (key,) = await lone_town.store.read(lambda s: s.connection.scalars(select(login_failure.c.key)).all())
    assert key == f"session:{lone_town.anna}"


@pytest.mark.alone
async def test_a_right_password_gets_in_while_the_name_is_guessed_at_from_hundreds_of_networks(
    lone_town: SmallTown,
) -> None:
    """From a network that nobody knows, without a cookie; and so it does at the other doors and for a proof again."""
    town = lone_town
    flood: list[asyncio.Task[object]] = []

    async def guessing() -> None:
        for number in range(1000):
            address = f"10.1.{number % NETWORKS}.1"
            flood.append(asyncio.create_task(town.sign_in.check(Door.PORTAL, NAME, "wrong", address)))
            await asyncio.sleep(1 / RATE)

    guesser = asyncio.create_task(guessing())
    await asyncio.sleep(WARM_UP / RATE)
    began = clock.monotonic()
    caller = await town.sign_in.check(Door.PORTAL, NAME, PASSWORD, "10.200.1.1")
    assert clock.monotonic() - began < 2
    began = clock.monotonic()
    await town.sign_in.check_again(caller, PASSWORD, "10.200.1.1")
    for door in (Door.IMAP, Door.SUBMISSION):
        await town.sign_in.check(door, NAME, town.app_password, "10.200.1.1")
    assert clock.monotonic() - began < 2
    assert len(town.sign_in.gate._waiting) < 64
    guesser.cancel()
    town.sign_in.close()
    await asyncio.gather(guesser, *flood, return_exceptions=True)
