"""Alembic at work: it takes half a second to load, and a store that is up to date doesn't need it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from groupware.errors import StoreFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection


def to_head(connection: Connection) -> None:
    """Bring the tables up to date within this connection's transaction. Raises StoreFailed as `upgrade` does."""
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise StoreFailed(f"a newer ICONet has been here: {error}") from error


def configuration(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
