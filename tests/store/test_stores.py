from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import DBAPIError, IntegrityError

from directory.tables import area
from groupware import clock, followers
from groupware.errors import Forbidden, IconetError, NotCommitted, StoreFailed
from groupware.store import Conditions, look
from groupware.store.tx import _APPEND
from groupware.tables import event

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place

    from groupware.store import Query, Snapshot, Store, Tx, UseCase

pytestmark = pytest.mark.anyio
ADD_AREA = insert(area)
AREAS = select(func.count().label("n")).select_from(area)


def add(code: str, *, refuse: bool = False) -> UseCase[int]:
    def use_case(tx: Tx) -> int:
        number = tx.insert(ADD_AREA, {"code": code, "name": code})
        tx.record("copied", number)
        if refuse:
            raise Forbidden("not-a-member")
        return number

    return use_case


def count(table: object) -> Query[int]:
    statement = select(func.count()).select_from(table)
    return lambda snapshot: snapshot.connection.scalar(statement)


async def every(store: Store, *use_cases: UseCase[object]) -> list[object]:
    return await asyncio.gather(*map(store.run, use_cases), return_exceptions=True)


async def test_a_refused_use_case_leaves_the_others_alone(store: Store) -> None:
    outcomes = await every(store, *(add(f"a{n}", refuse=n % 3 == 0) for n in range(60)))
    assert sum(isinstance(o, Forbidden) for o in outcomes) == 20
    assert await store.read(count(area)) == await store.read(count(event)) == 40


async def test_a_broken_constraint_undoes_only_its_own_work(store: Store) -> None:
    outcomes = await every(store, *(add(f"a{n // 2}") for n in range(40)))
    assert sum(isinstance(o, IntegrityError) for o in outcomes) == 20
    assert await store.read(count(area)) == await store.read(count(event)) == 20


async def test_a_reader_sees_what_was_acknowledged(store: Store) -> None:
    number = await store.run(add("a"))
    assert await store.read(lambda s: s.connection.scalar(select(area.c.id))) == number


async def test_a_glance_sees_what_was_acknowledged(store: Store) -> None:
    """However often the same is looked at between writes, of which some are undone."""
    assert (await store.glance(AREAS)).row.n == 0
    for number in range(1, 20):
        outcomes = await every(store, add(f"a{number}"), add("gone again", refuse=True), add(f"b{number}"))
        assert isinstance(outcomes[1], Forbidden)
        assert [(await store.glance(AREAS)).row.n for _ in range(3)] == [2 * number] * 3


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        await store.read(lambda s: s.connection.execute(ADD_AREA, {"code": "x", "name": "x"}))
    assert await store.read(count(area)) == 0


async def test_a_task_that_went_away_hurts_nobody(store: Store) -> None:
    tasks = [asyncio.create_task(store.run(add(f"a{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(o, int) for o in outcomes[1::2])


async def test_a_right_taken_away_counts_at_once(store: Store) -> None:
    """Posts and revocations race; after a revocation is acknowledged nothing succeeds."""
    await asyncio.gather(*(store.run(grant(who)) for who in range(1, 9)))
    await asyncio.gather(*(race(store, who) for who in range(1, 9)))


async def race(store: Store, who: int) -> None:
    outcomes = await every(store, *[post(who)] * 8, revoke(who), *[post(who)] * 8)
    assert all(o is None or isinstance(o, (Forbidden, NotCommitted)) for o in outcomes), outcomes
    if outcomes[8] is not None:
        await store.run(revoke(who))
    with pytest.raises(Forbidden):
        await store.run(post(who))


def grant(who: int) -> UseCase[int]:
    """Any row that a decision rests on will do."""
    return add(f"grant {who}")


def post(who: int) -> UseCase[None]:
    def use_case(tx: Tx) -> None:
        if tx.connection.scalar(select(area.c.id).where(area.c.code == f"grant {who}")) is None:
            raise Forbidden("no-grant")
        tx.record("post-published", who)

    return use_case


def revoke(who: int) -> UseCase[None]:
    def use_case(tx: Tx) -> None:
        tx.connection.execute(delete(area).where(area.c.code == f"grant {who}"))
        tx.record("rights-changed", who)

    return use_case


async def test_a_stop_iteration_reaches_its_caller_only(store: Store) -> None:
    outcomes = await every(store, add("a"), lambda _: next(iter(())), add("b"))
    assert [type(o) for o in outcomes] == [int, RuntimeError, int]
    with pytest.raises(RuntimeError, match="StopIteration"):
        await store.read(lambda _: next(iter(())))


async def test_snapshots_end_with_their_use_case(store: Store) -> None:
    kept: list[Snapshot] = [await store.run(lambda tx: tx), await store.read(lambda s: s)]
    assert await store.read(lambda s: s.open)
    assert [view.open for view in kept] == [False, False]


async def test_listeners_hear_of_events_and_of_nothing_else(store: Store) -> None:
    heard: list[int] = []
    store.listen(lambda: 1 / 0)
    forget = store.listen(lambda: heard.append(1))
    hint = store.next_hint()
    await store.run(add("a"))
    async with asyncio.timeout(10):
        await hint.wait()
    assert heard
    forget()
    heard.clear()
    hint = store.next_hint()
    await store.run(add("b"))
    async with asyncio.timeout(10):
        await hint.wait()
    assert not heard


async def test_now_is_the_clock_s_and_read_once(place: Place) -> None:
    ticks = iter(range(1_000, 2_000))
    async with place.opened(Conditions(now=lambda: next(ticks))) as store:
        assert await store.run(lambda tx: (tx.now, tx.now, tx.record("copied", 1))) == (1_000, 1_000, None)
        assert await store.read(lambda s: s.connection.scalar(select(event.c.at))) == 1_000


async def test_closing_answers_those_who_wait_and_refuses_the_rest(place: Place) -> None:
    async with place.opened() as store:
        waiting = [asyncio.create_task(store.run(add(f"a{n}"))) for n in range(10)]
        await asyncio.sleep(0)
        await store.close()
        assert all(isinstance(o, int) for o in await asyncio.gather(*waiting))
        for refused in (store.run(add("late")), store.read(count(area))):
            with pytest.raises(StoreFailed, match="closed"):
                await refused


async def test_a_look_from_outside_needs_no_lock_and_writes_nothing(place: Place) -> None:
    store = place.open()
    await store.run(add("a"))
    assert await asyncio.to_thread(look_at_areas, place) == 1
    await store.close()
    assert await asyncio.to_thread(look_at_areas, place) == 1


def look_at_areas(place: Place) -> int:
    with look(place.where) as snapshot:
        found = count(area)(snapshot)
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), look(place.where) as snapshot:
        snapshot.connection.execute(ADD_AREA, {"code": "x", "name": "x"})
    return found


async def test_a_look_at_nothing_says_so(tmp_path: Path) -> None:
    for where in (tmp_path, f"postgresql://someone@/nowhere?host={tmp_path}"):
        with pytest.raises(StoreFailed, match=str(tmp_path)), look(where):
            pass


async def test_what_was_acknowledged_is_there_after_reopening(place: Place) -> None:
    store = place.open()
    await store.run(add("a"))
    await store.close()
    again = place.open()
    assert await again.read(count(area)) == 1
    await again.close()


@pytest.mark.parametrize("many", [1, 3])
async def test_no_statement_of_the_hot_path_compiles_twice(store: Store, many: int) -> None:
    rows = [{"kind": "copied", "subject": 1, "room": 0, "at": 0}] * many
    place = {"txid": 0, "event": 0, "most": 1, "kinds": ["copied"]}

    def twice(tx: Tx) -> list[CacheStats]:
        tx.connection.execute(_APPEND, rows if many > 1 else rows[0])
        tx.connection.execute(followers._NEXT, place).all()
        return [
            tx.connection.execute(_APPEND, rows if many > 1 else rows[0]).context.cache_hit,
            tx.connection.execute(followers._NEXT, place).context.cache_hit,
        ]

    assert await store.run(twice) == [CacheStats.CACHE_HIT] * 2


def test_the_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = clock.now() + 10 * clock.MICROSECONDS
    monkeypatch.setattr(clock, "_latest", [ahead])
    assert clock.now() == ahead


def test_errors_say_whether_to_come_back() -> None:
    assert issubclass(NotCommitted, IconetError)
    assert NotCommitted.temporary
    assert not Forbidden.temporary
    assert str(Forbidden("rule", "text")) == "rule: text"
