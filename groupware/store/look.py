"""A look at a store from outside: beside the server that has it open, or when none has."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from groupware import clock
from groupware.errors import StoreFailed
from groupware.store.base import Limits
from groupware.store.sqlite import DATABASE
from groupware.store.sqlite_engine import reading_engine
from groupware.store.tx import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@contextmanager
def look(where: str | Path) -> Iterator[Snapshot]:
    """One snapshot of the store of a directory or URL, as it is: nothing is locked, migrated or written. Blocks.

    While it is held, the log on SQLite's disk grows. Raises StoreFailed when there is no store.
    """
    engine = _engine(where)
    try:
        with _connected(engine, where) as connection, connection.begin():
            snapshot = Snapshot(connection, clock.now())
            yield snapshot
            snapshot.open = False
    finally:
        engine.dispose()


def _connected(engine: Engine, where: str | Path) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        name = engine.url if engine.dialect.name == "postgresql" else where
        raise StoreFailed(f"{name}: {error.orig}") from error


def _engine(where: str | Path) -> Engine:
    if str(where).startswith("postgresql"):
        from groupware.store.postgres import postgres_url, reading_postgres  # noqa: PLC0415 -- as in open_store

        return reading_postgres(postgres_url(str(where)), Limits())
    return reading_engine(Path(where) / DATABASE, 1)
