"""The command line keeps people as the operator, where no server runs and through the same use cases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from people_world import build

if TYPE_CHECKING:
    from conftest import Place

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def data(sqlite_place: Place) -> Path:
    async with sqlite_place.opened() as store:
        await store.run(build)
    place = sqlite_place
    (place.directory / "lock").touch()  # as a server that was here leaves it
    store = "" if place.on_sqlite else place.where
    (place.directory / "iconet.toml").write_text(f'data = "{place.directory}"\nstore = "{store}"\n')
    return place.directory


def iconet(data: Path, *words: str) -> tuple[int, str]:
    """Its exit code, and what it said."""
    command = [sys.executable, "-m", "connectors.cli", "people", *words, "--config", str(data / "iconet.toml")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return run.returncode, run.stdout or run.stderr


async def test_people_are_kept_from_the_command_line(data: Path, tmp_path: Path) -> None:
    assert iconet(data, "add", "nina", "name=Nina Nova", "unit=u2", "--body", "aa") == (0, "nina is added\n")
    assert iconet(data, "change", "nina", "phone=+358 9 1") == (0, "nina is at version 2\n")
    code, said = iconet(data, "change", "nina", "phone=x")
    assert (code, said) == (1, "iconet: bad-phone: phone: A telephone number is like +32 2 555 01 23.\n")
    assert iconet(data, "suspend", "nina") == (0, "nina is suspended\n")
    assert iconet(data, "resume", "nina") == (0, "nina may sign in again\n")
    assert iconet(data, "take-back", "nina") == (1, "iconet: this official has not left\n")
    url, _, sentence = iconet(data, "invite", "nina")[1].partition("\n")
    assert re.fullmatch(r"https://localhost:10443/join/[\w-]{20,}", url)
    assert re.fullmatch(
        r"By this link nina makes their first .* once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n", sentence
    )
    assert "nina\tactive\tu2\tNina Nova\n" in iconet(data, "ls", "--body", "aa", "--words", "nova")[1]
    assert iconet(data, "ls", "--body", "AA", "--words", "nova") == iconet(
        data, "ls", "--body", "aa", "--words", "nova"
    )
    assert iconet(data, "ls", "--body", "zz") == (1, "iconet: there is no body 'zz'\n")
    for words in (("invite", "nobody"), ("suspend", "nobody"), ("resume", "nobody"), ("change", "nobody", "name=N")):
        assert iconet(data, *words) == (1, "iconet: nobody has the login 'nobody'\n")
    file = tmp_path / "people.csv"
    file.write_text(iconet(data, "export", "--body", "aa")[1].replace("Nina Nova", "Nina New"))
    assert (
        "changed nina: name: 'Nina Nova' becomes 'Nina New'\n" in iconet(data, "import", str(file), "--body", "aa")[1]
    )
    assert iconet(data, "import", str(file), "--body", "aa", "--apply")[1].endswith("done\n")
    assert "0 changed" in iconet(data, "import", str(file), "--body", "aa")[1]
    file.write_text("login\n=1\n")
    assert iconet(data, "import", str(file), "--body", "aa", "--apply")[0] == 1
    assert iconet(data, "review", "--body", "aa", "--confirm", "anna")[1].startswith("1 confirmed\n")
