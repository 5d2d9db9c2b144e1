"""A change of rights reaches open sessions at once, whoever makes it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from attack import opened
from town import build

from directory import bodies, roles
from directory.roles import Grant
from groupware import administering
from groupware.errors import NotFound, Refused
from groupware.live import Session
from policies.vocabulary import Access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from town import Town

    from groupware.service import Groupware
    from groupware.store import Tx

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def idling(groupware: Groupware, official: int, room: int) -> AsyncIterator[asyncio.Event]:
    """Somebody who looks at a room and waits; the event is set when they are woken."""
    woken = asyncio.Event()
    await groupware.live.step()
    groupware.live.join(Session(official, room, woken.set, woken.set))
    watching = asyncio.create_task(groupware.live.run())
    try:
        yield woken
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def suspend(town: Town, tx: Tx) -> None:
    administering.suspend_official(tx, town.people["bruno"])


def restore(town: Town, tx: Tx) -> None:
    administering.suspend_official(tx, town.people["bruno"], suspended=False)


def suspend_body(_: Town, tx: Tx) -> None:
    found = bodies.find(tx.connection, "bb")
    assert found is not None
    administering.suspend_body(tx, found.id)


def grant(town: Town, tx: Tx) -> None:
    administering.grant(tx, Grant(town.people["bruno"], Access.READER, town.rooms["liaison"]))


def revoke(town: Town, tx: Tx) -> None:
    for held in roles.held(tx.connection, town.people["bruno"], tx.now):
        administering.revoke(tx, held.id)


@pytest.mark.parametrize("change", [suspend, restore, suspend_body, grant, revoke])
async def test_whoever_idles_is_woken(groupware: Groupware, change: Callable[[Town, Tx], None]) -> None:
    town = await groupware.store.run(build)
    async with idling(groupware, town.people["bruno"], town.rooms["return"]) as woken:
        await groupware.store.run(partial(change, town))
        async with asyncio.timeout(10):
            await woken.wait()


@pytest.mark.parametrize("change", [suspend, suspend_body])
async def test_whoever_is_shut_out_is_refused(groupware: Groupware, change: Callable[[Town, Tx], None]) -> None:
    town = await groupware.store.run(build)
    state, _ = await opened(groupware, town, "bruno", "Areas/return")
    await groupware.store.run(partial(change, town))
    with pytest.raises(Refused, match="out-of-office"):
        await groupware.folders.catch_up(town.caller("bruno"), state)


async def test_unknown_and_unfit_are_told_in_the_domains_words(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    for absent in (administering.suspend_official, administering.suspend_body, administering.revoke):
        with pytest.raises(NotFound):
            await groupware.store.run(partial(lambda tx, act: act(tx, 1 << 40), act=absent))
    never = Grant(town.people["bruno"], Access.READER, town.rooms["return"], valid_from=2, valid_until=1)
    with pytest.raises(Refused, match="unfit-grant"):
        await groupware.store.run(lambda tx: administering.grant(tx, never))
