"""The same of a PostgreSQL database: pg_dump in an exported snapshot, and one table whose blank column it can't leave.

Passwords go to the programs by their environment, which only their user can read.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import URL, make_url

from groupware.backup.sqlite_copy import BLANK, DERIVED, INDEXED, SORTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from psycopg import Connection

    from groupware.backup.sorting import Sorting

SECTIONS = ("pre-data", "data", "post-data")
_SNAPSHOT = "SELECT pg_export_snapshot()"
_COLUMNS = """SELECT quote_ident(attname), attname FROM pg_attribute
 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"


_REDACTED = "SELECT redacts FROM redactions"
_EVERY = 1_000
OURS = (*DERIVED, *BLANK)
"""Tables of ours whose rows pg_dump leaves."""


class PostgresCopying:
    """Holds a snapshot of the database at `url`; the copy is a folder. Of tables in `left` pg_dump takes no rows."""

    def __init__(self, url: str, target: Path, left: Collection[str] = ()) -> None:
        self._url, self._target, self._left = make_url(url).set(drivername="postgresql"), target, left
        self._at = psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True)
        self._at.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = self._at.execute(_SNAPSHOT).fetchone()
        self._snapshot = str(row[0]) if row else ""

    def copy(self, progress: Callable[[str], object]) -> None:
        """Write the target. Raises OSError."""
        progress("pg_dump")
        self._target.mkdir(mode=0o700)
        without = [f"--exclude-table-data={name}" for name in self._left]
        words = ["--format=custom", f"--snapshot={self._snapshot}", f"--file={self._target / 'dump'}", *without]
        _run("pg_dump", words, self._url)
        for table in BLANK.keys() & set(self._left):
            progress(f"table {table}")
            self._rows(table)

    def close(self) -> None:
        """Let go of the snapshot."""
        self._at.close()

    def _rows(self, table: str) -> None:
        columns = self._at.execute(_COLUMNS, (table,)).fetchall()
        named = ", ".join("''::text" if name in BLANK[table] else quoted for quoted, name in columns)
        words = f"COPY (SELECT {named} FROM {table}) TO STDOUT (FORMAT binary)"  # noqa: S608 -- names from the schema
        with (self._target / table).open("wb") as file, self._at.cursor().copy(words.encode()) as copy:
            file.writelines(copy)


class SortedCopying(PostgresCopying):
    """The homeserver's without its texts, which are sorted by period: as sqlite_copy.SortedCopying."""

    def __init__(self, url: str, target: Path, sorting: Sorting) -> None:
        super().__init__(url, target, (*INDEXED, *SORTED))
        self._sorting = sorting

    def copy(self, progress: Callable[[str], object]) -> None:
        """See PostgresCopying."""
        super().copy(progress)
        try:
            self._sorting.begin([event for (event,) in self._at.execute(_REDACTED)])
            for table in SORTED:
                progress(f"table {table}")
                self._sort(table)
        finally:
            self._sorting.end()

    def _sort(self, table: str) -> None:
        """A line of JSON for the names of its columns, and one for each row."""
        columns = self._at.execute(_COLUMNS, (table,)).fetchall()
        named = ", ".join(quoted for quoted, _ in columns)
        names = [name for _, name in columns]
        with (self._target / f"{table}.rows").open("w") as file, self._at.cursor(f"of_{table}") as cursor:
            file.write(json.dumps(names) + "\n")
            cursor.itersize = _EVERY
            for row in cursor.execute(f"SELECT {named} FROM {table}".encode()):  # noqa: S608 -- names from the schema
                left = self._left_of(table, dict(zip(names, row, strict=True)))
                file.write(json.dumps(list(left.values())) + "\n")

    def _left_of(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        if table == "event_json":
            return {**row, "json": self._sorting.event(row["event_id"], row["room_id"], row["json"])}
        return {**row, "upload_name": self._sorting.name(row["media_id"], row["upload_name"])}


def require_empty(url: str) -> None:
    """Raise OSError where there is anything already, or no database."""
    try:
        with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as at:
            row = at.execute(_IS_EMPTY).fetchone()
    except psycopg.Error as error:
        raise OSError(f"{_shown(url)}: {error}") from error
    if not row or not row[0]:
        raise OSError(f"{_shown(url)}: there are tables in it already; restore into an empty database")


def restore(url: str, source: Path) -> None:
    """Into an empty database. Raises OSError; what was restored by then is left, and has to be dropped."""
    at = make_url(url).set(drivername="postgresql")
    for section in SECTIONS:
        words = [f"--section={section}", "--exit-on-error", "--no-owner", f"--dbname={dsn(at)}", str(source / "dump")]
        _run("pg_restore", words, at, named=True)
        if section == "data":
            _copy_in(at, source)


def _copy_in(url: URL, source: Path) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False)) as at:
        for table in BLANK:
            if (source / table).exists():
                words = f"COPY {table} FROM STDIN (FORMAT binary)"
                with (source / table).open("rb") as file, at.cursor().copy(words.encode()) as copy:
                    while piece := file.read(1 << 20):
                        copy.write(piece)
        for table in SORTED:
            if (path := source / f"{table}.rows").exists():
                _rows_in(at, table, path)


def _rows_in(at: Connection[Any], table: str, path: Path) -> None:
    known = {name: quoted for quoted, name in at.execute(_COLUMNS, (table,)).fetchall()}
    with path.open() as file, at.cursor() as cursor:
        columns = ", ".join(known[name] for name in json.loads(next(file)))
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
            for line in file:
                copy.write_row(json.loads(line))


def _run(program: str, words: list[str], url: URL, *, named: bool = False) -> None:
    where = [] if named else [f"--dbname={dsn(url)}"]
    try:
        done = subprocess.run([program, *words, *where], env=_environment(url), capture_output=True, check=False)  # noqa: S603 -- our own words
    except FileNotFoundError as error:
        raise OSError(f"{program} isn't installed; it comes with PostgreSQL's client programs") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise OSError(f"{program}: {lines[-1] if lines else done.returncode}")


def _environment(url: URL) -> Mapping[str, str]:
    return {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}


def dsn(url: URL) -> str:
    """Without a password: what a process is called with, everybody on the machine can read."""
    return URL.create(
        url.drivername, url.username, None, url.host, url.port, url.database, url.query
    ).render_as_string()


def _shown(url: str) -> str:
    return url.rpartition("@")[2]
