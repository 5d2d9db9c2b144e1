"""The index of words: every three letters in a row of search_text, so that any part of a word is found."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0002"
down_revision = "0001"

logger = logging.getLogger(__name__)

# The rows of search_text are the text ("external content"); triggers keep the index in step: sqlite.org/fts5.html 4.4.
SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
        header, body, content='search_text', content_rowid='rendering', tokenize='trigram')""",
    """CREATE TRIGGER search_index_added AFTER INSERT ON search_text BEGIN
        INSERT INTO search_index (rowid, header, body) VALUES (new.rendering, new.header, new.body); END""",
    """CREATE TRIGGER search_index_removed AFTER DELETE ON search_text BEGIN
        INSERT INTO search_index (search_index, rowid, header, body)
        VALUES ('delete', old.rendering, old.header, old.body); END""",
    """CREATE TRIGGER search_index_changed AFTER UPDATE ON search_text BEGIN
        INSERT INTO search_index (search_index, rowid, header, body)
        VALUES ('delete', old.rendering, old.header, old.body);
        INSERT INTO search_index (rowid, header, body) VALUES (new.rendering, new.header, new.body); END""",
)
SQLITE_BACK = (
    "DROP TRIGGER search_index_added",
    "DROP TRIGGER search_index_removed",
    "DROP TRIGGER search_index_changed",
    "DROP TABLE search_index",
)
POSTGRESQL = "CREATE INDEX search_index ON search_text USING gin (header gin_trgm_ops, body gin_trgm_ops)"


def upgrade() -> None:
    """Create it; on a PostgreSQL without pg_trgm searching goes on without an index."""
    if op.get_bind().dialect.name == "postgresql":
        if _has_trigrams(op.get_bind()):
            op.execute(POSTGRESQL)
    else:
        _each(SQLITE)


def downgrade() -> None:
    """Drop it. The extension stays: others may use it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS search_index")
    else:
        _each(SQLITE_BACK)


def _has_trigrams(connection: sa.Connection) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        logger.warning("no index of words: pg_trgm is not to be had: %s", error.orig)
        return False
    return True


def _each(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)
