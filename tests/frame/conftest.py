from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PATIENCE = 30


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """What a command that runs in this process changes is put back."""
    hooks, root = (sys.excepthook, sys.unraisablehook), logging.getLogger()
    before = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook, sys.unraisablehook = hooks
    root.handlers[:], root.level = before


class Server:
    """The toy server in a process of its own."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.endpoints = data / "endpoints.json"
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, HERE / "toy.py", data, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, word: str) -> str:
        """The rest of the line of stdout that begins with `word`."""
        out, err = piped(self.process.stdout), piped(self.process.stderr)
        while not (found := [line for line in self.said if line.startswith(word)]):
            self.said.append(out.readline())
            assert self.said[-1], err.read()
        return found[0].removeprefix(word).strip()

    def end(self, number: int | None = None) -> tuple[int, list[dict[str, object]]]:
        """Exit code, and the log, every line of which is JSON."""
        if number is not None:
            self.process.send_signal(number)
        _, log = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, [json.loads(line) for line in log.splitlines()]


def piped(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


class Start(Protocol):
    def __call__(self, *options: str, data: Path = ...) -> Server: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with contextlib.ExitStack() as servers:

        def starter(*options: str, data: Path = tmp_path / "data") -> Server:
            server = Server(data, *options)
            servers.callback(server.process.communicate)
            servers.callback(server.process.kill)
            return server

        yield starter


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
