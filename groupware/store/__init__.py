"""The engine: use cases run whole in transactions, events tell of them, readers see snapshots."""

from __future__ import annotations

from pathlib import Path

from groupware.errors import StoreFailed
from groupware.store.base import Conditions, Limits, Store, hinted
from groupware.store.look import look
from groupware.store.sqlite import SqliteStore
from groupware.store.tx import Query, Snapshot, Tx, UseCase

__all__ = ["Conditions", "Limits", "Query", "Snapshot", "Store", "Tx", "UseCase", "hinted", "look", "open_store"]

_DEFAULT = Conditions()


def open_store(where: str | Path, *, directory: Path | None = None, conditions: Conditions = _DEFAULT) -> Store:
    """Open the store of a directory (SQLite) or of a `postgresql://` URL, its tables brought up to date.

    Call it in the event loop that will use it. `directory`, needed with a URL, is where large contents are kept.
    Raises StoreFailed with the path or the database in its text.
    """
    if not str(where).startswith("postgresql"):
        return SqliteStore(Path(where), conditions)
    if directory is None:
        raise StoreFailed("a store on PostgreSQL needs a directory for large contents")
    from groupware.store.postgres import PostgresStore, postgres_url  # noqa: PLC0415 -- a library that SQLite needs not

    return PostgresStore(postgres_url(str(where)), directory, conditions)
