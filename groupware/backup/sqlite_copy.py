"""A consistent copy of an SQLite database beside whoever writes it: everything is read in one snapshot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupware.backup.sorting import Sorting

DERIVED = frozenset({"search_text", "text_print"})
"""Tables that are filled again from the others: their rows are left out."""
BLANK = {"rendering": ("subject",)}
"""Columns that are, too."""
PAGES = 2000
INDEXED = frozenset({"event_search"})
"""The homeserver's index of words, which it makes again (groupware/backup/putting_back.py)."""
SORTED = {
    "event_json": {"json": "iconet_event(event_id, room_id, json)"},
    "local_media_repository": {"upload_name": "iconet_name(media_id, upload_name)"},
}
"""The homeserver's columns that say what posts say, and what is left of them (Synapse's schema 94)."""
_REDACTED = "SELECT redacts FROM live.redactions"
_OBJECTS = "SELECT type, name, sql FROM live.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
_COLUMNS = "SELECT name FROM pragma_table_info(?, 'live')"


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a database is copied: `left` are tables without rows, `instead` expressions for columns by table.

    Virtual tables are made and stay empty, but for those to be `filled`.
    """

    left: frozenset[str]
    instead: Mapping[str, Mapping[str, str]]
    filled: frozenset[str] = field(default=frozenset())


OURS = Shape(DERIVED, {table: dict.fromkeys(columns, "''") for table, columns in BLANK.items()})
THEIRS = Shape(INDEXED, SORTED, frozenset({"user_directory_search"}))


class Copying:
    """Holds a snapshot of `source`, from the beginning until `close`. Any thread may use it, one at a time."""

    def __init__(self, source: Path, target: Path, shape: Shape = OURS) -> None:
        self._target = target
        self._shape = shape
        self._at = sqlite3.connect(
            f"file:{quote(str(target))}?mode=rwc", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            self._at.execute("PRAGMA synchronous=OFF")  # the whole file is put on disk later
            self._at.execute("ATTACH ? AS live", (f"file:{quote(str(source))}?mode=ro",))
            self._at.execute("BEGIN")
            self._at.execute("SELECT count(*) FROM live.sqlite_master").fetchone()
        except sqlite3.Error:
            self._at.close()
            raise

    def copy(self, progress: Callable[[str], object]) -> None:
        """Write the target: tables, then rows, then indexes and triggers, so that no trigger fires. Raises OSError."""
        try:
            self._copy(progress)
        except sqlite3.Error as error:
            raise OSError(f"{self._target}: {error}") from error

    def close(self) -> None:
        """Let go of the snapshot."""
        self._at.close()

    def _copy(self, progress: Callable[[str], object]) -> None:
        objects = list(self._at.execute(_OBJECTS))
        virtual = [name for kind, name, sql in objects if kind == "table" and sql.upper().startswith("CREATE VIRTUAL")]
        shadows = {name for _, name, _ in objects if any(name.startswith(f"{each}_") for each in virtual)}
        tables = [(name, sql) for kind, name, sql in objects if kind == "table" and name not in shadows]
        for name, sql in tables:
            self._at.execute(sql)
            if name in self._shape.filled or (name not in virtual and name not in self._shape.left):
                progress(f"table {name}")
                self._fill(name)
        if self._at.execute("SELECT 1 FROM live.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
            self._at.execute("DELETE FROM main.sqlite_sequence")
            self._at.execute("INSERT INTO main.sqlite_sequence SELECT * FROM live.sqlite_sequence")
        for kind, name, sql in objects:
            if kind != "table" and name not in shadows:
                self._at.execute(sql)
        self._at.execute("COMMIT")

    def _fill(self, table: str) -> None:
        """All its rows, but for columns in whose place something else stands."""
        names = [name for (name,) in self._at.execute(_COLUMNS, (table,))]
        instead = self._shape.instead.get(table, {})
        columns = ", ".join(map(_quoted, names))
        values = ", ".join(instead.get(name) or _quoted(name) for name in names)
        into, out_of = f"main.{_quoted(table)} ({columns})", f"live.{_quoted(table)}"
        self._at.execute(f"INSERT INTO {into} SELECT {values} FROM {out_of}")  # noqa: S608 -- names from the schema


class SortedCopying(Copying):
    """The homeserver's without its texts, which are sorted by period. No page of it ever held one."""

    def __init__(self, source: Path, target: Path, sorting: Sorting) -> None:
        super().__init__(source, target, THEIRS)
        self._sorting = sorting
        self._at.create_function("iconet_event", 3, sorting.event)
        self._at.create_function("iconet_name", 2, sorting.name)

    def copy(self, progress: Callable[[str], object]) -> None:
        """See Copying."""
        try:
            self._sorting.begin([event for (event,) in self._at.execute(_REDACTED)])
            super().copy(progress)
        finally:
            self._sorting.end()


class WholeCopying:
    """The same of a database of somebody else's, page by page (sqlite.org/backup.html)."""

    def __init__(self, source: Path, target: Path) -> None:
        self._target = target
        self._from = sqlite3.connect(
            f"file:{quote(str(source))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._from.execute("BEGIN")
        self._from.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def copy(self, progress: Callable[[str], object]) -> None:
        """Write the target. Raises OSError."""
        progress("the homeserver's database")
        try:
            with closing(sqlite3.connect(self._target, isolation_level=None)) as target:
                self._from.backup(target, pages=PAGES)
        except sqlite3.Error as error:
            raise OSError(f"{self._target}: {error}") from error

    def close(self) -> None:
        """Let go of the snapshot."""
        self._from.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
