"""One history of the tables for both databases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import text

from groupware.errors import StoreFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_ALONE = {
    "sqlite": text("BEGIN IMMEDIATE"),
    "postgresql": text("SELECT pg_advisory_xact_lock(4723947239)"),
}


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date, whole or not at all; a second process that tries at the same time waits.

    Raises StoreFailed when the store was written by a newer ICONet than this.
    """
    with engine.begin() as connection:
        connection.execute(_ALONE[connection.dialect.name])
        try:
            command.upgrade(configuration(connection), "head")
        except CommandError as error:
            raise StoreFailed(f"a newer ICONet has been here: {error}") from error
    engine.dispose()


def configuration(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
