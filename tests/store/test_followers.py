from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import func, insert, select, update

from directory.tables import login_failure
from groupware import followers, tables
from groupware.events import EventKind
from groupware.followers import Follower, lag
from groupware.steadily import steadily
from groupware.store import Conditions, hinted
from groupware.store.base import CROWD

KINDS = tuple(EventKind)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from conftest import Place
    from postgres_cluster import Cluster

    from groupware.events import Event
    from groupware.followers import Handler
    from groupware.store import Query, Store, Tx

pytestmark = pytest.mark.anyio
SLOW_EVENT = """
    INSERT INTO event (txid, kind, subject, room, at)
    VALUES (pg_current_xact_id()::text::bigint, 'copied', 0, 0, 0) RETURNING id
"""
HOURS_AGO = 1_000_000
acted = login_failure
"""Any table with a text key and a number: the event acted on, and by which copy."""


def act(me: int) -> Handler:
    def handler(tx: Tx, events: Sequence[Event]) -> None:
        rows = [{"key": str(e.id), "failures": me, "next_allowed": e.subject} for e in events]
        tx.connection.execute(insert(acted), rows)

    return handler


def tell(tx: Tx) -> None:
    tx.record(EventKind.COPIED, 7, 3)


async def tell_many(store: Store, many: int) -> None:
    await store.run(lambda tx: [tell(tx) for _ in range(many)])


def acted_count(by: int | None = None) -> Query[int]:
    statement = select(func.count()).select_from(acted)
    return lambda s: s.connection.scalar(statement if by is None else statement.where(acted.c.failures == by))


async def until(store: Store, query: Query[int], wanted: int) -> None:
    async with asyncio.timeout(15):
        while True:
            hint = store.next_hint()
            if await store.read(query) == wanted:
                return
            await hinted(hint, 0.02)


async def owner(store: Store) -> str:
    return await store.read(lambda s: s.connection.scalar(select(tables.follower.c.owner)))


@contextlib.asynccontextmanager
async def running(*copies: Follower) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(copy.run()) for copy in copies]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_events_come_whole_and_in_slices(store: Store) -> None:
    heard: list[list[Event]] = []
    follower = Follower(store, "f", "a", KINDS, lambda _, events: heard.append(list(events)))
    await tell_many(store, followers.SLICE + 5)
    assert [await follower.step() for _ in range(3)] == [followers.SLICE, 5, 0]
    first = heard[0][0]
    assert (first.kind, first.subject, first.room) == (EventKind.COPIED, 7, 3)
    ids = [e.id for events in heard for e in events]
    assert ids == sorted(set(ids))


async def test_what_a_handler_leaves_comes_again(store: Store) -> None:
    heard: list[list[int]] = []

    def two(_tx: Tx, events: Sequence[Event]) -> int:
        heard.append([event.id for event in events[:2]])
        return len(heard[-1])

    follower = Follower(store, "f", "a", KINDS, two)
    await tell_many(store, 5)
    assert [await follower.step() for _ in range(4)] == [2, 2, 1, 0]
    ids = [number for slice_ in heard for number in slice_]
    assert len(ids) == 5
    assert ids == sorted(set(ids))


async def test_two_copies_act_once_and_a_stopped_one_is_replaced_at_once(store: Store) -> None:
    """The lease lasts an hour: without being let go it would keep the other copy waiting."""
    copies = [Follower(store, "f", str(n), KINDS, act(n), lease=3600) for n in range(2)]
    async with running(*copies) as tasks:
        await asyncio.gather(*(store.run(tell) for _ in range(300)))
        await until(store, acted_count(), 300)
        first = int(await owner(store))
        tasks[first].cancel()
        await asyncio.gather(*(store.run(tell) for _ in range(200)))
        await until(store, acted_count(), 500)
        assert await store.read(acted_count(by=1 - first)) > 0


async def test_a_lease_that_ran_out_is_taken_over(place: Place) -> None:
    times = [HOURS_AGO]
    async with place.opened(Conditions(now=lambda: times[0])) as store:
        dead, alive = (Follower(store, "f", me, KINDS, act(n), lease=10) for n, me in enumerate(("dead", "alive")))
        await store.run(tell)
        assert await dead.step() == 1
        await store.run(tell)
        assert await alive.step() == 0
        times[0] += 11_000_000
        assert await alive.step() == 1
        assert await dead.step() == 0
        assert await store.read(acted_count()) == 2


async def test_a_handler_that_fails_moves_nothing_and_is_tried_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([RuntimeError("first"), KeyError("second")])

    def handler(tx: Tx, events: Sequence[Event]) -> None:
        act(1)(tx, events)
        for failure in failures:
            raise failure

    await store.run(tell)
    async with running(Follower(store, "f", "a", KINDS, handler)):
        await until(store, acted_count(), 1)
    told = [r for r in caplog.records if r.name == "groupware.steadily"]
    assert [r.getMessage() for r in told] == [
        "follower f failed: RuntimeError: first",
        "follower f failed: KeyError: 'second'",
    ]
    assert not any(r.exc_info for r in told)


async def test_a_failure_is_told_once_until_it_is_another(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that can't be written to, say, would be in the log twice a minute for ever."""
    caplog.set_level(logging.INFO, "groupware.steadily")
    monkeypatch.setattr("groupware.steadily.LONGEST_PAUSE", 0.0)
    failures = iter(["full", "full", "full", "away", "", "full"])
    done = asyncio.Event()

    async def step() -> bool:
        why = next(failures, None)
        if why:
            raise OSError(why)
        if why is None:
            done.set()
        return why is not None

    task = asyncio.create_task(steadily(store, "it", step))
    async with asyncio.timeout(20):
        await done.wait()
    task.cancel()
    said = ["it failed: OSError: full", "it failed: OSError: away", "it goes on", "it failed: OSError: full"]
    assert [r.getMessage() for r in caplog.records if r.name == "groupware.steadily"] == [*said, "it goes on"]


async def test_what_a_handler_tells_is_followed_too(store: Store) -> None:
    def answer(tx: Tx, events: Sequence[Event]) -> None:
        for event in events:
            if event.subject < 3:
                tx.record(EventKind.COPIED, event.subject + 1)

    async with running(Follower(store, "f", "a", KINDS, answer), Follower(store, "g", "a", KINDS, act(1))):
        await store.run(lambda tx: tx.record(EventKind.COPIED, 0))
        await until(store, acted_count(), 4)


async def test_lag_is_the_age_of_the_oldest_event_not_acted_on(place: Place) -> None:
    times = [HOURS_AGO]
    async with place.opened(Conditions(now=lambda: times[0])) as store:
        follower = Follower(store, "f", "a", KINDS, act(1))
        assert await store.read(lambda s: lag(s, follower)) == 0
        await store.run(tell)
        times[0] += 500
        await store.run(tell)
        assert await store.read(lambda s: lag(s, follower)) == 500
        await follower.step()
        assert await store.read(lambda s: lag(s, follower)) == 0


async def test_a_follower_of_a_closed_store_ends(place: Place) -> None:
    store = place.open()
    task = asyncio.create_task(Follower(store, "f", "a", KINDS, act(1)).run())
    await asyncio.sleep(0)
    await store.close()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_transaction_held_open_skips_nothing(postgresql_place: Place) -> None:
    """A slow one takes its event's id first and commits last; nothing is acted on before it, and then all."""
    async with postgresql_place.opened() as store:
        follower = Follower(store, "f", "a", KINDS, act(1))
        with psycopg.connect(str(postgresql_place.where)) as slow:
            slow_id = slow.execute(SLOW_EVENT).fetchone()[0]
            await asyncio.gather(*(store.run(tell) for _ in range(50)))
            newest = await store.read(lambda s: s.connection.scalar(select(func.max(tables.event.c.id))))
            assert newest > slow_id, "ids alone would have passed the slow one by"
            assert await follower.step() == 0
            assert await store.read(lambda s: lag(s, follower)) > 0
        assert await follower.step() == 51


async def test_another_database_of_the_cluster_holds_followers_up(postgresql_place: Place, cluster: Cluster) -> None:
    """A trap, kept in sight: the order is the whole cluster's, so anything held open in it stalls followers."""
    async with postgresql_place.opened() as store:
        follower = Follower(store, "f", "a", KINDS, act(1))
        with psycopg.connect(cluster.url("postgres")) as other:
            other.execute("SELECT pg_current_xact_id()")
            await store.run(tell)
            assert await follower.step() == 0
        assert await follower.step() == 1


async def test_a_cursor_can_be_set_back_to_act_again(store: Store) -> None:
    follower = Follower(store, "f", "a", KINDS, lambda *_: None)
    await tell_many(store, 3)
    assert await follower.step() == 3
    await store.run(lambda tx: tx.connection.execute(update(tables.follower).values(txid=0, event=0)))
    assert await follower.step() == 3


async def test_what_others_act_on_is_passed_over_and_hides_nothing(store: Store) -> None:
    heard: list[int] = []
    wants = (EventKind.COPIED,)
    follower = Follower(store, "f", "a", wants, lambda _, events: heard.extend(e.subject for e in events))
    for subject in (1, 2):
        await store.run(lambda tx: tx.record(EventKind.POST_HELD, 0, 3))
        assert await follower.step() == 0
        await store.run(lambda tx, subject=subject: tx.record(EventKind.COPIED, subject, 3))
        assert await follower.step() == 1
    assert heard == [1, 2]


async def test_a_step_among_many_others_is_followed_by_a_rest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many steps as use cases would leave the store to the followers."""
    monkeypatch.setattr("groupware.steadily.REST", 60.0)
    monkeypatch.setattr("groupware.store.base.CROWDED_WITHIN", 60.0)
    await asyncio.gather(*(store.run(tell) for _ in range(CROWD)))
    steps = 0

    async def step() -> bool:
        nonlocal steps
        steps += 1
        await store.read(lambda s: s.connection.scalar(select(func.count()).select_from(acted)))
        return False

    task = asyncio.create_task(steadily(store, "counted", step))
    for _ in range(5):
        await asyncio.gather(*(store.run(tell) for _ in range(8)))
    task.cancel()
    assert steps == 1
