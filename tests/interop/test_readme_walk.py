"""The walk in README.md is walked as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from serving import Server, start

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WALK = ROOT / ".venv-walk/bin"
PATIENCE = 10.0
FOUND = r"\* SEARCH \d+"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not begun as a copy: README's reader has nothing yet."""
    running = start(tmp_path_factory.mktemp("walk") / "demo")
    try:
        yield running
    finally:
        running.kill()


def steps(title: str) -> list[str]:
    section = (ROOT / "README.md").read_text().split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in blocks]


def program(directory: Path) -> Path:
    """Where `iconet` is, also in an environment into which the project isn't installed."""
    path = directory / "iconet"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m connectors.cli "$@"\n')
    path.chmod(0o700)
    return directory


def walked(server: Server, names: str, step: str) -> str:
    """What a step prints, after the names that it uses."""
    path = f"{WALK}:{program(server.data.parent)}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "ENDPOINTS": str(server.data / "endpoints.json")}
    script = f"{names}\nset -o pipefail\n{step}"
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_walk_of_the_readme(server: Server) -> None:
    names, *commands = steps("The walk")
    walk = partial(walked, server, names)
    mail, decide, look, say, book = commands
    assert not walk(mail).strip(), "swaks says nothing when all goes well"
    assert '"state":"published"' in walk(decide)
    deadline = time.monotonic() + PATIENCE
    while not re.search(FOUND, walk(look)):
        assert time.monotonic() < deadline, "the post never came"
    assert "This message was sent" in walk(say)
    assert re.search(FOUND, walk(book))


def test_the_administration_of_the_readme(server: Server) -> None:
    first, more, *commands = [*steps("The walk")[:1], *steps("A state administers itself")]
    walk = partial(walked, server, f"{first}\n{more}")
    look, apply, invite, role, leave = commands
    assert "1 added, 1 changed, 0 as they are" in walk(look)
    assert "nothing is changed yet" in walk(look)
    assert walk(apply).endswith("done\n")
    link = walk(invite).splitlines()[0]
    assert link.startswith(f"{server.endpoints['web']['url']}/join/")
    shown = urlopen(link, context=server.tls).read().decode()
    assert "Maarja Tuulik" in shown
    assert '"state":"approved"' in walk(role)
    assert "maarja.tuulik is off-boarded" in walk(leave)
    with pytest.raises(HTTPError, match="404"):
        urlopen(link, context=server.tls)
