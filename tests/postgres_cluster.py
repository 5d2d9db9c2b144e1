"""A private PostgreSQL for the tests: own directory, own socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from groupware.retention.classes import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "listen_addresses=")
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin", "/usr/local/pgsql/bin")


def find_programs() -> Path | None:
    """The newest directory with both programs in it."""
    found = [b for place in PLACES for b in sorted(Path("/").glob(place[1:]), reverse=True)]
    return next((b for b in found if (b / "initdb").exists() and (b / "postgres").exists()), None)


OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
CLASSES = "INSERT INTO retention_class (name, length, set_at) VALUES (%s, %s, 0)"
"""What migrations put there: a new database has two retention classes."""
_KEPT: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
"""A session by database: each new one reads its hundred tables' catalogue again, ten times the work of emptying."""
SEQUENCES = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"


def empty(url: str, tables: list[str]) -> None:
    """Leave no row but those of a new database, and no other session; ids begin at 1 again."""
    if url not in _KEPT:
        _KEPT[url] = psycopg.connect(url, autocommit=True)
    connection = _KEPT[url]
    with connection.transaction():
        connection.execute(OTHERS)
        connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))
        connection.execute(SEQUENCES)
        connection.cursor().executemany(CLASSES, list(DEFAULTS.items()))


@dataclass
class Cluster:
    """Started by `start`; each `database()` is a new one."""

    programs: Path
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="iconet-pg-")))
    numbers: count[int] = field(default_factory=count)

    def start(self) -> None:
        if self._as_user():
            shutil.chown(self.home, "postgres")
        self._call(
            "initdb",
            "-D",
            self.home / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "--no-locale",
            "-E",
            "UTF8",
        )
        options = " ".join(f"-c {s}" for s in (*SETTINGS, f"unix_socket_directories={self.home}"))
        self._call("pg_ctl", "-D", self.home / "data", "-l", self.home / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        if (self.home / "data/postmaster.pid").exists():
            self._call("pg_ctl", "-D", self.home / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.home}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new database, by its URL, dropped afterwards."""
        name = f"test{next(self.numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            if kept := _KEPT.pop(self.url(name), None):
                kept.close()
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def say(self, statement: str) -> None:
        """One statement, in autocommit, as the superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _call(self, program: str, *arguments: str | Path) -> None:
        command = [*self._as_user(), self.programs / program, *arguments]
        done = subprocess.run(command, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}"

    def _as_user(self) -> list[str]:
        """PostgreSQL refuses to run as root."""
        if os.getuid():
            return []
        user = pwd.getpwnam("postgres")
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
