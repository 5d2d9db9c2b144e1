"""SQLite connections, and what its errors mean.

`isolation_level=None`, so that Python begins and ends nothing by itself.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

STATEMENTS = 512
PRIMARY = 0xFF
DURABLE = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL")
FATAL = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY})
PASSING = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM})
NO_ROOM_FOR_SHM = sqlite3.SQLITE_IOERR_SHMSIZE
"""How a full disk shows when the index of the log has to grow."""

COMPILED: LRUCache[Any, Any] = LRUCache(1500)
"""Statements in SQLite's words, compiled once for all engines of the process: each store has four."""


class OneDialect(SQLiteDialect_pysqlite):
    """SQLite's, each of them equal to each other, since what is compiled for one is right for all."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.one", __name__, OneDialect.__name__)


def writing_engine(path: Path, *, overwrites: bool = False) -> Engine:
    """The one connection that writes, durable at each commit: NORMAL loses acknowledged rows at a power cut.

    It `overwrites` what it deletes where bytes are kept secret, or what was in clear would stay in free pages.
    """
    pragmas = (*DURABLE, "foreign_keys=ON", "temp_store=MEMORY", "journal_size_limit=67108864")
    return _engine(path, "rwc", 1, (*pragmas, *(["secure_delete=ON"] if overwrites else [])))


def migrating_engine(path: Path) -> Engine:
    """A connection for migrations; foreign keys are off, since a table that is rebuilt is dropped in between.

    It waits while another process migrates, which may take some seconds.
    """
    return _engine(path, "rwc", 0, ("busy_timeout=60000", *DURABLE[1:]))


def reading_engine(path: Path, connections: int) -> Engine:
    """Connections that can't write, each holding one snapshot from BEGIN to the end."""
    engine = _engine(path, "ro", connections, ())

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def glancing_engine(path: Path) -> Engine:
    """One connection that can't write, for single statements without a transaction around them."""
    return _engine(path, "ro", 1, ())


def fold(path: Path) -> None:
    """Take the log into the database and cut it to nothing (sqlite.org/pragma.html, wal_checkpoint TRUNCATE)."""
    engine = _engine(path, "rwc", 0, DURABLE)
    with engine.connect() as connection:
        raw_of(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    engine.dispose()


def raw_of(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection under SQLAlchemy's."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(type(raw).__name__)
    return raw


def is_fatal(error: BaseException) -> bool:
    """Whether the disk, or what is on it, can't be trusted any more (sqlite.org/rescode.html)."""
    code = _code(error)
    return code & PRIMARY in FATAL and code != NO_ROOM_FOR_SHM


def is_passing(error: BaseException) -> bool:
    """Whether it is a matter of room or of waiting, and none of the use case."""
    code = _code(error)
    return code & PRIMARY in PASSING or code == NO_ROOM_FOR_SHM


def _code(error: BaseException) -> int:
    """The extended result code, 0 if the error is none of SQLite's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", 0) or 0


def _engine(path: Path, mode: str, connections: int, pragmas: tuple[str, ...]) -> Engine:
    uri = f"file:{quote(str(path))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(
            uri, uri=True, isolation_level=None, cached_statements=STATEMENTS, check_same_thread=False
        )
        for pragma in pragmas:
            raw.execute("PRAGMA " + pragma)
        return raw

    pool = {"poolclass": QueuePool, "pool_size": connections, "max_overflow": 0}
    return create_engine(
        "sqlite+one://",
        creator=connect,
        hide_parameters=True,
        execution_options={"compiled_cache": COMPILED},
        **(pool if connections else {"poolclass": NullPool}),
    )
