"""A disk that fails, a reader that doesn't end, a second process: what SQLite's store does then."""

from __future__ import annotations

import asyncio
import resource
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select, text

from directory.tables import unit
from groupware.errors import Busy, NotCommitted, Overloaded, StoreFailed
from groupware.store import Conditions, Limits, open_store
from groupware.tables import content

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place

    from groupware.store import Snapshot, Store, Tx, UseCase

COUNT = select(func.count()).select_from(content)
NEWEST = select(func.coalesce(func.max(content.c.id), 0).label("n"))
pytestmark = pytest.mark.anyio
FOREVER = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")


def fill(n: int) -> UseCase[int]:
    return lambda tx: tx.insert(insert(content), {"sha256": b"", "size": n, "body": b"x" * 40_000})


def poison(tx: Tx) -> None:
    tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    tx.connection.execute(insert(unit), {"body": 4711, "code": "x", "name": "x"})


def fail(_tx: Tx) -> None:
    raise Busy("whatever")


def pragma(words: str) -> UseCase[None]:
    return lambda tx: tx.connection.execute(text("PRAGMA " + words)).close()


def numbers(snapshot: Snapshot) -> set[int]:
    return set(snapshot.connection.scalars(select(content.c.id)))


async def together(store: Store, *use_cases: UseCase[object]) -> list[object]:
    return await asyncio.gather(*map(store.run, use_cases), return_exceptions=True)


async def test_a_commit_that_is_refused_is_told_to_everybody_in_it(sqlite_place: Place) -> None:
    """A deferred foreign key breaks at COMMIT: nothing stays, and the store goes on."""
    async with sqlite_place.opened() as store:
        outcomes = await together(store, fill(1), poison, fill(2))
        assert isinstance(outcomes[1], NotCommitted)
        assert await store.read(numbers) == {o for o in outcomes if isinstance(o, int)}
        assert await store.run(fill(3))


async def test_a_full_disk_is_told_and_passes(sqlite_place: Place) -> None:
    async with sqlite_place.opened() as store:
        await store.run(pragma("max_page_count=200"))
        outcomes = await together(store, *map(fill, range(30)))
        assert any(isinstance(o, NotCommitted) for o in outcomes)
        assert all(isinstance(o, (int, NotCommitted)) for o in outcomes)
        assert await store.read(numbers) == {o for o in outcomes if isinstance(o, int)}, "reads go on"
        await store.run(pragma("max_page_count=1000000"))
        assert await store.run(fill(31))


async def test_an_error_of_the_disk_stops_the_store_for_good(sqlite_place: Place) -> None:
    stopped: list[StoreFailed] = []
    store = sqlite_place.open(Conditions(on_fatal=stopped.append))
    acknowledged = await store.run(fill(0))
    wal = (sqlite_place.directory / "iconet.db-wal").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 10_000, limits[1]))
    try:
        with pytest.raises(NotCommitted, match="disk I/O"):
            await store.run(fill(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(StoreFailed, match="disk I/O"):
        await store.run(fill(2))
    with pytest.raises(StoreFailed, match="disk I/O"):
        await store.read(numbers)
    assert len(stopped) == 1
    await store.close()
    async with sqlite_place.opened() as again:
        assert await again.read(numbers) == {acknowledged}


async def test_one_directory_has_one_store(sqlite_place: Place) -> None:
    async with sqlite_place.opened():
        with pytest.raises(StoreFailed, match=f"{sqlite_place.directory}: another process"):
            sqlite_place.open()
    async with sqlite_place.opened() as store:
        assert await store.read(numbers) == set()


async def test_a_read_without_end_is_ended(sqlite_place: Place) -> None:
    async with sqlite_place.opened(Conditions(Limits(read_seconds=0.05, readers=1))) as store:
        endless = [store.read(lambda s: s.connection.scalar(FOREVER)) for _ in range(2)]
        outcomes = await asyncio.gather(*endless, return_exceptions=True)
        assert [type(o) for o in outcomes] == [Busy, Busy], "the second waited too long for the only reader"
        assert await store.read(numbers) == set()


async def test_a_survey_may_take_longer(sqlite_place: Place) -> None:
    async with sqlite_place.opened(Conditions(Limits(read_seconds=0.001, survey_seconds=60))) as store:
        counting = text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"
        )
        with pytest.raises(Busy):
            await store.read(lambda s: s.connection.scalar(FOREVER))
        assert await store.read(lambda s: s.connection.scalar(counting), survey=True) == 300_000


async def test_a_reader_nobody_waits_for_is_ended(sqlite_place: Place) -> None:
    async with sqlite_place.opened(Conditions(Limits(readers=1))) as store:
        began = threading.Event()

        def endless(snapshot: Snapshot) -> None:
            began.set()
            snapshot.connection.scalar(FOREVER)

        task = asyncio.create_task(store.read(endless))
        await asyncio.to_thread(began.wait)
        task.cancel()
        async with asyncio.timeout(5):
            assert await store.read(numbers) == set()


async def test_too_many_who_wait_are_sent_away(sqlite_place: Place) -> None:
    async with sqlite_place.opened(Conditions(Limits(waiting=2))) as store:
        begun, go = threading.Event(), threading.Event()
        first = asyncio.create_task(store.run(lambda _: (begun.set(), go.wait())))
        await asyncio.to_thread(begun.wait)
        waiting = [asyncio.create_task(store.run(fill(n))) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await store.run(fill(3))
        go.set()
        assert all(await asyncio.gather(first, *waiting))


async def test_a_batch_is_one_commit(sqlite_place: Place) -> None:
    async with sqlite_place.opened(Conditions(Limits(batch_seconds=60))) as store:
        seen: list[int] = []
        begun, go = threading.Event(), threading.Event()
        first = asyncio.create_task(store.run(lambda _: (begun.set(), go.wait())))
        await asyncio.to_thread(begun.wait)
        ones = [asyncio.create_task(store.run(fill(n))) for n in range(5)]
        looks = asyncio.create_task(store.run(lambda tx: seen.append(tx.connection.scalar(COUNT))))
        await asyncio.sleep(0)
        assert await store.read(numbers) == set()
        go.set()
        await asyncio.gather(first, *ones, looks)
        assert seen == [5], "use cases see those before them"
        assert len(await store.read(numbers)) == 5


async def test_a_directory_that_cannot_be_made_is_named(sqlite_place: Place) -> None:
    (sqlite_place.directory / "file").write_text("")
    with pytest.raises(StoreFailed, match="file/store"):
        open_store(sqlite_place.directory / "file" / "store")


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "iconet.db").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(StoreFailed, match=f"{tmp_path}/iconet.db: file is not a database"):
            open_store(tmp_path)


async def test_nobody_glances_at_less_than_was_acknowledged(sqlite_place: Place) -> None:
    """A version goes up like that of the rights; others fail, go away, scour, break their commit, look all the time."""
    limits = Limits(batch_count=4)
    async with sqlite_place.opened(Conditions(limits)) as store:
        known, over = 0, False

        def looked() -> int:
            glance = store.at_once(NEWEST)
            assert glance is not None
            assert glance.row.n >= known
            return int(glance.row.n)

        async def look() -> None:
            while not over:
                looked()
                await asyncio.sleep(0)

        async def go_up(by: int) -> None:
            nonlocal known
            for turn in range(40):
                gone = asyncio.ensure_future(store.run(fill(2)))
                rest = asyncio.gather(store.run(fill(3)), store.run(poison), store.run(fail), return_exceptions=True)
                if turn % 10 == by:
                    await store.scour()
                try:
                    known = max(known, await store.run(fill(1)))
                except NotCommitted:
                    continue
                finally:
                    gone.cancel()
                    looked()
                    await rest

        watcher = asyncio.ensure_future(look())
        await asyncio.gather(*map(go_up, range(4)))
        over = True
        await watcher
        assert known
        assert looked() == max(await store.read(numbers))
