"""Leaving nothing of what was deleted in SQLite's files.

Deleted words stay in the segments of the index until these are merged, so it is made anew from what is there now
(sqlite.org/fts5.html 6.7; the option `secure-delete` wants SQLite 3.42). Deleted rows stay in free pages and between
the cells of others until VACUUM writes all pages anew, and both in the log until that is folded in and cut off.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

REBUILD = "INSERT INTO search_index (search_index) VALUES ('rebuild')"
ROOM = "PRAGMA temp_store=FILE", "PRAGMA temp_store=MEMORY"
"""VACUUM writes a second database in between: not into memory."""


def scour(raw: sqlite3.Connection) -> int:
    """Write the database anew and cut its log off; how many pages are free then, which is none.

    Raises sqlite3.Error, also while somebody who reads keeps the log from being emptied.
    """
    raw.execute(REBUILD)
    raw.execute(ROOM[0])
    try:
        raw.execute("VACUUM")
    finally:
        raw.execute(ROOM[1])
    with closing(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")) as told:
        busy, _, _ = told.fetchone()
    if busy:
        raise sqlite3.OperationalError("a reader keeps the log from being emptied")
    with closing(raw.execute("PRAGMA freelist_count")) as told:
        return int(told.fetchone()[0])
