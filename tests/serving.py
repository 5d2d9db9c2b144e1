"""A real server for tests: `iconet demo` as its own process, found by its endpoints.json."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "connectors.cli")
START_WITHIN = 60.0
STOP_WITHIN = 15.0


@dataclass
class Server:
    """One run on a directory; `endpoints` is its endpoints.json."""

    data: Path
    process: subprocess.Popen[bytes]
    endpoints: dict[str, Any]

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts the demo's authority, and nobody else."""
        return ssl.create_default_context(cafile=self.endpoints["ca_file"])

    def person(self, login: str) -> dict[str, Any]:
        """Somebody's entry."""
        return next(person for person in self.endpoints["people"] if person["login"] == login)

    def who(self, *, area: str, role: str = "", without: str = "") -> dict[str, Any]:
        """The first with access to an area, plain or with a role, and perhaps lacking another area."""
        return next(
            person
            for person in self.endpoints["people"]
            if (area in person["areas"] if area else True)
            and person["roles"] == ([role] if role else [])
            and without not in person["areas"]
        )

    def log(self) -> str:
        """What it wrote to stderr so far."""
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def tells(self, word: str, within: float) -> bool:
        """Whether a line of the log has this word, within so many seconds: those that come are followed."""
        words = ["timeout", str(within), "tail", "--lines=+1", "--follow", f"{self.data}.log"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as following:
            try:
                return any(word in line for line in following.stdout or ())
            finally:
                following.terminate()

    def kill(self) -> None:
        """As a power cut would, but for what the kernel holds."""
        self.process.kill()
        self.process.wait(STOP_WITHIN)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WITHIN)


def start(data: Path, *words: str, like: Path | None = None) -> Server:
    """Run the demo on `data` and wait until every door answers; a new one may begin as a copy of `like`."""
    if like is not None and not data.exists():
        shutil.copytree(like, data)
    return run(data, data / "endpoints.json", "demo", "--data", str(data), *words)


def serve(data: Path, *doors: str, like: Path) -> Server:
    """Run some doors of a demo on `data`, a copy of `like` where it is new: whom no test asks is not waited for."""
    if not data.exists():
        shutil.copytree(like, data)
    known = json.loads((like.parent / f"{like.name}.json").read_text())
    server = run(data, data / "doors.json", "serve", *doors, "--data", str(data))
    server.endpoints = known | {name: told for name, told in server.endpoints.items() if told or name not in known}
    return server


def run(data: Path, file: Path, *words: str, program: Sequence[str] = PROGRAM) -> Server:
    """Run a command that serves on `data`, and wait until it has told in `file` that every door answers."""
    with (data.parent / f"{data.name}.log").open("ab") as log:
        command = [*program, *words, "--ports", "auto", "--endpoints", str(file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and (endpoints := json.loads(file.read_text()))["pid"] == process.pid:
            return Server(data, process, endpoints)
        os.sched_yield()
        time.sleep(0.02)
    process.kill()
    log_text = (data.parent / f"{data.name}.log").read_text()
    raise AssertionError(f"the server did not start: {log_text[-2000:]}")


def iconet(data: Path, *words: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One command on a directory, or on what its settings say."""
    place = ["--config", str(config)] if config else ["--data", str(data)]
    command = [sys.executable, "-m", "connectors.cli", *words, *place]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
