"""The walk in README.md is walked as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serving import Server, start

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WALK = ROOT / ".venv-walk/bin"
PATIENCE = 10.0
FOUND = r"\* SEARCH \d+"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = start(tmp_path / "demo")
    try:
        yield running
    finally:
        running.kill()


def steps() -> list[str]:
    section = (ROOT / "README.md").read_text().split("## The walk", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in blocks]


def test_the_walk_of_the_readme(server: Server) -> None:
    names, *commands = steps()
    environment = {
        **os.environ,
        "PATH": f"{WALK}:{os.environ['PATH']}",
        "ENDPOINTS": str(server.data / "endpoints.json"),
    }

    def walk(step: str) -> str:
        script = f"{names}\nset -o pipefail\n{step}"
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    mail, decide, look, say, book = commands
    assert not walk(mail).strip(), "swaks says nothing when all goes well"
    assert '"state":"published"' in walk(decide)
    deadline = time.monotonic() + PATIENCE
    while not re.search(FOUND, walk(look)):
        assert time.monotonic() < deadline, "the post never came"
    assert "This message was sent" in walk(say)
    assert re.search(FOUND, walk(book))
