"""The embedded store: one process, one writer thread, readers on snapshots."""

from __future__ import annotations

import asyncio
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from groupware import clock, migrations
from groupware.errors import Busy, Overloaded, StoreFailed
from groupware.store.base import Conditions, Glance, Store
from groupware.store.patience import Patience
from groupware.store.prepared import prepared
from groupware.store.sqlite_engine import (
    fold,
    glancing_engine,
    migrating_engine,
    raw_of,
    reading_engine,
    writing_engine,
)
from groupware.store.sqlite_scouring import scour
from groupware.store.sqlite_writer import Chore, Job, Writer
from groupware.store.tx import Query, Seen, Snapshot, UseCase, see

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Select

T = TypeVar("T")
DATABASE = "iconet.db"
LOCK = "iconet.lock"


class SqliteStore(Store):
    """Use cases in one thread, in the order they came, many to a commit."""

    def __init__(self, directory: Path, conditions: Conditions) -> None:
        super().__init__(directory, conditions)
        self._lock = _lock(directory)
        path = directory / DATABASE
        try:
            migrations.upgrade(migrating_engine(path))
        except Exception as error:
            os.close(self._lock)
            raise StoreFailed(f"{path}: {error.orig if isinstance(error, DBAPIError) else error}") from error
        self._closed = False
        self._reading = reading_engine(path, conditions.limits.readers)
        self._glancing = glancing_engine(path)
        self._glanced: dict[Select[Any], tuple[int, Any]] = {}
        """What statements at module level found, and the writer's turn at which they did."""
        self._near: tuple[Connection, sqlite3.Connection] | None = None
        self._readers = ThreadPoolExecutor(conditions.limits.readers, "reader")
        self._writer = Writer(
            str(path),
            writing_engine(path, overwrites=conditions.seals.used),
            conditions,
            self._record,
            self._answer,
            self._stop,
        )

    async def run(self, use_case: UseCase[T]) -> T:
        """See Store."""
        self._check()
        if self._writer.waiting() >= self._conditions.limits.waiting:
            raise Overloaded("the writer's queue is full")
        self._asked.append(clock.monotonic())
        future: asyncio.Future[T] = self._loop.create_future()
        self._writer.put(Job(use_case, future))
        return await future

    async def _see(self, query: Query[T], *, survey: bool) -> Seen[T]:
        """See Store. Bounded in time, since while a reader holds its snapshot the log on disk only grows."""
        self._check()
        limits = self._conditions.limits
        patience = Patience(self._loop, limits.survey_seconds if survey else limits.read_seconds)
        future = self._loop.run_in_executor(self._readers, self._look, query, patience)
        try:
            return await future
        finally:
            if future.cancelled():
                patience.end()
            else:
                patience.lift()

    async def glance(self, statement: Select[Any]) -> Glance:
        """See Store."""
        return self.at_once(statement)

    def at_once(self, statement: Select[Any]) -> Glance:
        """See Store. In the loop's own thread: some 3 us, and nobody who writes can keep it waiting (WAL).

        Without BEGIN, since one statement is a snapshot by itself; past SQLAlchemy, which would take longer than it.
        Only this process writes here (see `_lock`): what was found stays true until the writer's next turn begins.
        """
        self._check()
        turn = self._writer.turn
        seen, row = self._glanced.get(statement, (-1, None))
        if seen != turn:
            row = self._glance(statement)
            if not turn & 1 and turn == self._writer.turn:
                self._glanced[statement] = turn, row
        return Glance(row, self._conditions.now())

    def _glance(self, statement: Select[Any]) -> Any:  # noqa: ANN401 -- a row, or None
        if self._near is None:
            connection = self._glancing.connect()
            self._near = connection, raw_of(connection)
        ready = prepared(statement, {})
        found = ready.run(self._near[1], {}).fetchone()
        return None if found is None else ready.row(found)

    async def scour(self) -> int:
        """See Store. Whoever reads on an older snapshot keeps the log on disk from being emptied: then NotCommitted."""
        self._check()
        future: asyncio.Future[int] = self._loop.create_future()
        self._writer.put(Chore(scour, future))
        return await future

    async def fold(self) -> None:
        """See Store: the log is folded into the database, and emptied."""
        await asyncio.to_thread(fold, self.directory / DATABASE)

    async def close(self) -> None:
        """See Store."""
        if self._stopped is None:
            self._stopped = StoreFailed(f"{self.directory}: closed")
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown()
        self._reading.dispose()
        if self._near is not None:
            self._near[0].close()
        self._glancing.dispose()
        os.close(self._lock)

    def _look(self, query: Query[T], patience: Patience) -> Seen[T]:
        with self._reading.begin() as connection, patience.with_(raw_of(connection)):
            try:
                return see(query, Snapshot(connection, self._conditions.now(), self.seals))
            except OperationalError as error:
                if patience.over:
                    raise Busy("a read took too long") from error
                raise

    def _answer(self, jobs: Sequence[Job | Chore]) -> None:
        self._in_loop(partial(self._settle, jobs))

    def _settle(self, jobs: Sequence[Job | Chore]) -> None:
        """Give each waiting task its result or its exception, unless it has gone away; then wake the followers."""
        for job in jobs:
            if job.future.done():
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)
        if any(job.told for job in jobs):
            self._hint()


def _lock(directory: Path) -> int:
    """Take the directory for this process; the kernel gives it back when the process ends, however it ends."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreFailed(str(error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StoreFailed(f"{directory}: another process has this store open") from None
    return descriptor
