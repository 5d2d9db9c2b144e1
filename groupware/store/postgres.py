"""The store for more than one machine: connections side by side, and a second try when two use cases collide."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from groupware import clock, migrations
from groupware.acts import denied
from groupware.errors import Busy, IconetError, NotCommitted, Overloaded, StoreFailed
from groupware.store.base import Conditions, Limits, Store
from groupware.store.hints import Hints
from groupware.store.tx import Query, Seen, Snapshot, Tx, UseCase, perform, see

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine

T = TypeVar("T")
TRIES = 12
ALONE_AFTER = 2
FIRST_PAUSE = 0.001
LONGEST_PAUSE = 0.25
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
QUERY_CANCELED, IDLE_TOO_LONG = "57014", "25P03"
DISK_FULL = "53100"
COLLIDED = frozenset({SERIALIZATION_FAILURE, DEADLOCK})
UNIQUE_VIOLATION, EXCLUSION_VIOLATION = "23505", "23P01"
LOOKS_AGAIN = 3
"""Tries after a unique or exclusion violation: two who looked at once and both inserted get it in place of a
serialization failure (PostgreSQL 13.2.3); who looks again finds the other's row. One that stays is a mistake of the
use case."""
SCOURING = (
    "VACUUM (FULL) content, rendering, search_text, post, withdrawal, remarking, loosening, personal_data_hold, "
    "draft, text_print, consent, release, outbound, booking, matrix_outbox, matrix_hold, mail, place, copy"
)
"""The tables in which something of a message may be, one after the other."""
NOT_ALLOWED = "42501"
COMPILED: LRUCache[Any, Any] = LRUCache(1500)
"""Statements in PostgreSQL's words, compiled once for all engines of the process: each store has three."""
_PATIENCE = text("SELECT set_config('statement_timeout', :milliseconds, true)")


class OneDialect(PGDialect_psycopg):
    """PostgreSQL's, those of servers alike equal to each other, since what is compiled for one is right for all.

    What a dialect learns from its server, it learns before anything is compiled.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneDialect) and other._like == self._like

    def __hash__(self) -> int:
        return hash(self._like)

    @property
    def _like(self) -> tuple[object, ...]:
        return getattr(self, "server_version_info", None), self._backslash_escapes


registry.register("postgresql.one", __name__, OneDialect.__name__)


class PostgresStore(Store):
    """Use cases side by side, each in a SERIALIZABLE transaction of its own, so that a lost right counts at once."""

    def __init__(self, url: URL, directory: Path, conditions: Conditions) -> None:
        super().__init__(directory, conditions)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        limits = conditions.limits
        self._name = url.render_as_string()
        self._migrate(url)
        self._writing = _engine(url, limits.writers, "SERIALIZABLE", limits.read_seconds)
        self._reading = reading_postgres(url, limits)
        self._scouring = _engine(url, 1, "AUTOCOMMIT", limits.survey_seconds)
        self._writers = ThreadPoolExecutor(limits.writers, "use-case")
        self._readers = ThreadPoolExecutor(limits.readers, "reader")
        self._turn = threading.Lock()
        """Taken from the third try on: those who lost twice no longer collide with each other, and so get through."""
        self._waiting = 0
        self._hints = Hints(url, lambda: self._in_loop(self._hint))

    async def run(self, use_case: UseCase[T]) -> T:
        """See Store. The use case may run several times before it commits once."""
        self._check()
        if self._waiting >= self._conditions.limits.waiting:
            raise Overloaded("too many use cases wait")
        self._waiting += 1
        self._asked.append(clock.monotonic())
        future = self._loop.run_in_executor(self._writers, self._run, use_case)
        future.add_done_callback(self._one_less)
        return await future

    async def _see(self, query: Query[T], *, survey: bool) -> Seen[T]:
        """See Store. A single statement is bounded in time, and so is a pause between two."""
        self._check()
        return await self._loop.run_in_executor(self._readers, self._look, query, survey)

    async def scour(self) -> int:
        """See Store. Each table with its indexes, under a lock of its own; the log (pg_wal) is the cluster's."""
        self._check()
        return await self._loop.run_in_executor(self._writers, self._scour)

    def _scour(self) -> int:
        try:
            with self._scouring.connect() as connection:
                connection.exec_driver_sql(SCOURING)
                _checkpoint(connection)
        except DBAPIError as error:
            raise NotCommitted(str(error.orig)) from error
        return 0

    async def fold(self) -> None:
        """See Store: what was overwritten stays until PostgreSQL's own VACUUM."""

    async def close(self) -> None:
        """See Store."""
        if self._stopped is None:
            self._stopped = StoreFailed(f"{self._name}: closed")
            await self._loop.run_in_executor(None, self._close)

    def _migrate(self, url: URL) -> None:
        try:
            migrations.upgrade(create_engine(url, poolclass=NullPool))
        except OperationalError as error:
            raise StoreFailed(f"{self._name}: {error.orig}") from error

    def _close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self._hints.close()
        self._writing.dispose()
        self._reading.dispose()
        self._scouring.dispose()

    def _one_less(self, _future: asyncio.Future[T]) -> None:
        self._waiting -= 1

    def _look(self, query: Query[T], survey: bool) -> Seen[T]:  # noqa: FBT001 -- run_in_executor names nothing
        try:
            with self._reading.begin() as connection:
                if survey:
                    milliseconds = int(self._conditions.limits.survey_seconds * 1000)
                    connection.execute(_PATIENCE, {"milliseconds": str(milliseconds)})
                return see(query, Snapshot(connection, self._conditions.now(), self.seals))
        except DBAPIError as error:
            if _state(error) in {QUERY_CANCELED, IDLE_TOO_LONG} or error.connection_invalidated or _unconnected(error):
                raise Busy(str(error.orig)) from error
            raise

    def _run(self, use_case: UseCase[T]) -> T:
        """Try until it goes through, again only where it is certain that nothing was committed."""
        for attempt in range(TRIES):
            try:
                with self._turn if attempt >= ALONE_AFTER else nullcontext():
                    return self._once(use_case)
            except DBAPIError as error:
                if _state(error) in {DISK_FULL, QUERY_CANCELED, IDLE_TOO_LONG}:
                    raise NotCommitted(str(error.orig)) from error
                if not _is_worth_another_try(error, attempt):
                    raise
            longest = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
            time.sleep(random.uniform(0, longest))  # noqa: S311 -- spreads the tries, guards nothing
        raise NotCommitted("gave way to others, or found no database, too often")

    def _once(self, use_case: UseCase[T]) -> T:
        with self._writing.connect() as connection:
            tx = Tx(connection, self._conditions.now(), self._record, self.seals)
            try:
                result = perform(use_case, tx)
            except IconetError as error:
                self._put_denial_on_record(connection, tx, error)
                raise
            told = tx.finish()
            _commit(connection)
        if told:
            self._hints.tell()
        return result

    def _put_denial_on_record(self, connection: Connection, tx: Tx, error: IconetError) -> None:
        """Undo what was done, and write down that it was denied."""
        act = denied(tx.asked, error)
        if act is not None:
            connection.rollback()
            record = Tx(connection, tx.now, self._record)
            record.acts.append(act)
            record.finish()
            _commit(connection)


def _checkpoint(connection: Connection) -> None:
    """Old blocks leave the disk with it; where the role may not ask for one, within `checkpoint_timeout`."""
    try:
        connection.exec_driver_sql("CHECKPOINT")
    except DBAPIError as error:
        if _state(error) != NOT_ALLOWED:
            raise


def _commit(connection: Connection) -> None:
    """Commit; a connection lost on the way leaves the outcome unknown, and that is no success."""
    try:
        connection.commit()
    except DBAPIError as error:
        if _state(error) in COLLIDED:
            raise
        raise NotCommitted(f"outcome unknown: {error.orig}") from error


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_worth_another_try(error: DBAPIError, attempt: int) -> bool:
    """Whether nothing was committed and the next try may go better."""
    if _state(error) in {UNIQUE_VIOLATION, EXCLUSION_VIOLATION}:
        return attempt < LOOKS_AGAIN
    return _state(error) in COLLIDED or error.connection_invalidated or _unconnected(error)


def _unconnected(error: DBAPIError) -> bool:
    """The server was not there, or went away before it could say why: such errors carry no code."""
    return isinstance(error, OperationalError) and _state(error) is None


def reading_postgres(url: URL, limits: Limits) -> Engine:
    """Connections that can't write, each holding one snapshot."""
    engine = _engine(url, limits.readers, "REPEATABLE READ", limits.read_seconds)
    return engine.execution_options(postgresql_readonly=True)


def _engine(url: URL, connections: int, isolation: str, seconds: float) -> Engine:
    milliseconds = int(seconds * 1000)
    bounds = f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds}"
    return create_engine(
        url.set(drivername="postgresql+one"),
        execution_options={"compiled_cache": COMPILED},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        isolation_level=isolation,
        connect_args={"options": bounds},
        hide_parameters=True,
    )


def postgres_url(where: str) -> URL:
    """The URL for SQLAlchemy's psycopg 3 dialect."""
    return make_url(where).set(drivername="postgresql+psycopg")
