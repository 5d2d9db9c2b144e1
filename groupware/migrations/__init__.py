"""One history of the tables for both databases."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_ALONE = {
    "sqlite": text("BEGIN IMMEDIATE"),
    "postgresql": text("SELECT pg_advisory_xact_lock(4723947239)"),
}
_AT = text("SELECT version_num FROM alembic_version")


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date, whole or not at all; a second process that tries at the same time waits.

    Raises StoreFailed when the store was written by a newer ICONet than this.
    """
    with engine.begin() as connection:
        connection.execute(_ALONE[connection.dialect.name])
        if not _up_to_date(connection):
            import_module("groupware.migrations.running").to_head(connection)
    engine.dispose()


def newest() -> str:
    """The last revision; they are numbered in their order, and their files begin with the number."""
    return max(path.name[1:5] for path in (Path(__file__).parent / "versions").glob("r[0-9]*.py"))


def _up_to_date(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version") and connection.scalar(_AT) == newest()
