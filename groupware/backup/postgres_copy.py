"""The same of a PostgreSQL database: pg_dump in an exported snapshot, and one table whose blank column it can't leave.

Passwords go to the programs by their environment, which only their user can read.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import URL, make_url

from groupware.backup.sqlite_copy import BLANK, DERIVED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SECTIONS = ("pre-data", "data", "post-data")
_SNAPSHOT = "SELECT pg_export_snapshot()"
_COLUMNS = """SELECT quote_ident(attname), attname FROM pg_attribute
 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"


class PostgresCopying:
    """Holds a snapshot of the database at `url`; the copy is a folder. `ours`: what can be made again isn't in it."""

    def __init__(self, url: str, target: Path, *, ours: bool) -> None:
        self._url, self._target, self._ours = make_url(url).set(drivername="postgresql"), target, ours
        self._at = psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True)
        self._at.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = self._at.execute(_SNAPSHOT).fetchone()
        self._snapshot = str(row[0]) if row else ""

    def copy(self, progress: Callable[[str], object]) -> None:
        """Write the target. Raises OSError."""
        progress("pg_dump")
        self._target.mkdir(mode=0o700)
        left = (*DERIVED, *BLANK) if self._ours else ()
        without = [f"--exclude-table-data={name}" for name in left]
        words = ["--format=custom", f"--snapshot={self._snapshot}", f"--file={self._target / 'dump'}", *without]
        _run("pg_dump", words, self._url)
        for table in BLANK if self._ours else ():
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
