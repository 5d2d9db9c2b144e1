"""A private PostgreSQL for the tests: own directory, own socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "listen_addresses=")
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin", "/usr/local/pgsql/bin")


def find_programs() -> Path | None:
    """The newest directory with both programs in it."""
    found = [b for place in PLACES for b in sorted(Path("/").glob(place[1:]), reverse=True)]
    return next((b for b in found if (b / "initdb").exists() and (b / "postgres").exists()), None)


@dataclass
class Cluster:
    """Started by `start`; each `database()` is a new one, empty or a copy of another."""

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

    def database(self, template: str = "template0") -> str:
        """A new database, by its URL."""
        name = f"test{next(self.numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

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
