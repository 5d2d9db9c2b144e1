"""The thread that writes: it runs whoever waits, each in a savepoint, and commits once for all of them.

BEGIN IMMEDIATE by hand, so that a lock is never upgraded in the middle. ROLLBACK by hand, because SQLAlchemy takes a
failed COMMIT for the end of the transaction and SQLite doesn't. A look at `in_transaction` after every error, because
SQLite ends the whole transaction by itself when the disk is full or fails. A short real sleep each millisecond, because
a thread that lets go of the interpreter lock for microseconds only gets it back before the event loop wakes.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from groupware import clock
from groupware.acts import denied
from groupware.errors import NotCommitted, StoreFailed
from groupware.store.sqlite_engine import is_fatal, is_passing, raw_of
from groupware.store.tx import Record, Tx, UseCase, perform

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

    from groupware.store.base import Conditions

A_MOMENT = 0.00002


@dataclass(slots=True)
class Job:
    """A use case that waits, then its outcome; `told` if it recorded events."""

    use_case: UseCase[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    told: bool = False


@dataclass(slots=True)
class Chore:
    """Work on the database itself, outside of any transaction, then its outcome."""

    work: Callable[[sqlite3.Connection], int]
    future: asyncio.Future[int]
    result: int = 0
    error: BaseException | None = None
    told: bool = False


class Writer:
    """Runs jobs in the order they came, and gives each finished batch to `answer`, in its own thread."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        conditions: Conditions,
        record: Record,
        answer: Callable[[Sequence[Job | Chore]], object],
        fatal: Callable[[StoreFailed], object],
    ) -> None:
        self._name = name
        self._engine, self._now, self._limits = engine, conditions.now, conditions.limits
        self._seals = conditions.seals
        self._record, self._answer, self._fatal = record, answer, fatal
        self._failure: StoreFailed | None = None
        self.turn = 0
        """Moves on before something is written and when that is over; so while it is odd, something is."""
        self._jobs: SimpleQueue[Job | Chore | None] = SimpleQueue()
        self._chore: Chore | None = None
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def put(self, job: Job | Chore) -> None:
        """Let it wait for the next batch; a chore, for the end of the one under way."""
        self._jobs.put(job)

    def waiting(self) -> int:
        """How many wait, about."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Return when all that waited have been answered. Blocks."""
        self._jobs.put(None)
        self._thread.join()
        self._engine.dispose()

    def _work(self) -> None:
        with self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            while (first := self._jobs.get()) is not None:
                if isinstance(first, Chore) and self._failure is None:
                    self._do(raw_of(connection), first)
                    continue
                if isinstance(first, Chore) or self._failure is not None:
                    first.error = StoreFailed(str(self._failure))
                    self._answer([first])
                    continue
                jobs = [first]
                self.turn += 1
                self._commit_batch(connection, jobs)
                self.turn += 1
                self._answer(jobs)
                if (chore := self._chore) is not None:
                    self._chore = None
                    self._do(raw_of(connection), chore)

    def _do(self, raw: sqlite3.Connection, chore: Chore) -> None:
        """Outside of transactions, and nobody writes meanwhile."""
        self.turn += 1
        try:
            chore.result = chore.work(raw)
        except Exception as error:  # noqa: BLE001 -- whatever it was, whoever waits is told
            chore.error = NotCommitted(str(error))
            self._recover(raw, error)
        self.turn += 1
        self._answer([chore])

    def _commit_batch(self, connection: Connection, jobs: list[Job]) -> None:
        """Run the job in the list and whatever waits behind it, commit once; a failed commit fails them all."""
        raw = raw_of(connection)
        try:
            raw.execute("BEGIN IMMEDIATE")
            self._run_batch(connection, jobs)
            raw.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 -- whatever it was, nothing is committed and everybody is told
            _fail(jobs, error)
            self._recover(raw, error)

    def _run_batch(self, connection: Connection, jobs: list[Job]) -> None:
        """Run jobs until the time, the count or the queue is at its end. Time that other threads took doesn't count."""
        began = breath = clock.thread_cpu()
        job: Job | None = jobs[0]
        while job is not None:
            if not job.future.cancelled():
                self._run_one(connection, job)
            moment = clock.thread_cpu()
            if len(jobs) >= self._limits.batch_count or moment - began >= self._limits.batch_seconds:
                return
            if moment - breath >= self._limits.breath_seconds:
                breath = moment
                time.sleep(A_MOMENT)
            job = self._next_waiting(jobs)

    def _next_waiting(self, jobs: list[Job]) -> Job | None:
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return None
        if isinstance(job, Chore):
            self._chore = job
            return None
        if job is None:
            self._jobs.put(None)
        else:
            jobs.append(job)
        return job

    def _run_one(self, connection: Connection, job: Job) -> None:
        """Run one use case in its own savepoint; its exception undoes its own work and no other's."""
        raw = raw_of(connection)
        raw.execute("SAVEPOINT use_case")
        tx = Tx(connection, self._now(), self._record, self._seals)
        try:
            job.result = perform(job.use_case, tx)
            job.told = tx.finish()
        except BaseException as error:
            if not raw.in_transaction or is_fatal(error):
                raise
            raw.execute("ROLLBACK TO use_case")
            job.error = NotCommitted(str(error)) if is_passing(error) else error
            self._put_denial_on_record(connection, tx, error)
        raw.execute("RELEASE use_case")

    def _put_denial_on_record(self, connection: Connection, tx: Tx, error: BaseException) -> None:
        """What was denied is on record, though nothing else of it stays."""
        act = denied(tx.asked, error)
        if act is not None:
            book = Tx(connection, tx.now, self._record)
            book.acts.append(act)
            book.finish()

    def _recover(self, raw: sqlite3.Connection, error: Exception) -> None:
        """End what is still open; after an error of the disk stop for good, since its caches can't be trusted."""
        try:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
        except sqlite3.Error as worse:
            self._give_up(worse)
        if is_fatal(error):
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._failure = StoreFailed(f"{self._name}: {error}")
        self._fatal(self._failure)


def _fail(jobs: list[Job], cause: Exception) -> None:
    for job in jobs:
        if job.error is None:
            job.result, job.told, job.error = None, False, NotCommitted(str(cause))
            job.error.__cause__ = cause
