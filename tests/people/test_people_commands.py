"""The command line keeps people as the operator, where no server runs and through the same use cases."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING

import pytest
from people_world import build

from connectors.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from connectors.cli import main

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(json.loads(line))
    print(json.dumps([code, out.getvalue() or err.getvalue()]), flush=True)
"""
Command = Callable[..., tuple[int, str]]


async def built(place: Place) -> None:
    async with place.opened() as store:
        await store.run(build)


@pytest.fixture
def data(sqlite_place: Place) -> Path:
    place = sqlite_place
    asyncio.run(built(place))
    (place.directory / "lock").touch()  # as a server that was here leaves it
    store = "" if place.on_sqlite else place.where
    (place.directory / "iconet.toml").write_text(f'data = "{place.directory}"\nstore = "{store}"\n')
    return place.directory


@pytest.fixture
def iconet(data: Path) -> Iterator[Command]:
    """Runs `iconet people ...`, one after the other in one process: its exit code, and what it said.

    Other commands begin with a group that is named so: `iconet("/body", "ls")`.
    """
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        asked, told = process.stdin, process.stdout
        assert asked
        assert told

        def run(*words: str) -> tuple[int, str]:
            typed = (words[0][1:], *words[1:]) if words[0].startswith("/") else ("people", *words)
            asked.write(json.dumps([*typed, "--config", str(data / "iconet.toml")]) + "\n")
            asked.flush()
            code, said = json.loads(told.readline())
            return code, said

        yield run
        asked.close()


def test_people_are_kept_from_the_command_line(iconet: Command, tmp_path: Path) -> None:
    assert iconet("add", "nina", "name=Nina Nova", "unit=u2", "--body", "aa") == (0, "nina is added\n")
    assert iconet("change", "nina", "phone=+358 9 1") == (0, "nina is at version 2\n")
    code, said = iconet("change", "nina", "phone=x")
    assert (code, said) == (1, "iconet: phone: A telephone number is like +32 2 555 01 23.\n")
    assert iconet("suspend", "nina") == (0, "nina is suspended\n")
    assert iconet("resume", "nina") == (0, "nina may sign in again\n")
    assert iconet("national", "nina", "--end") == (0, "")
    assert iconet("take-back", "nina") == (1, "iconet: this official has not left\n")
    url, _, sentence = iconet("invite", "nina")[1].partition("\n")
    assert re.fullmatch(r"https://localhost:10443/join/[\w-]{20,}", url)
    assert re.fullmatch(
        r"By this link nina makes their first .* once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n", sentence
    )
    assert "nina\tactive\tu2\tNina Nova\n" in iconet("ls", "--body", "aa", "--words", "nova")[1]
    assert iconet("ls", "--body", "AA", "--words", "nova") == iconet("ls", "--body", "aa", "--words", "nova")
    assert iconet("ls", "--body", "zz") == (1, "iconet: there is no body 'zz'\n")
    for words in (
        ("invite", "nobody"),
        ("suspend", "nobody"),
        ("national", "nobody"),
        ("resume", "nobody"),
        ("change", "nobody", "name=N"),
    ):
        assert iconet(*words) == (1, "iconet: nobody has the login 'nobody'\n")
    file = tmp_path / "people.csv"
    file.write_text(iconet("export", "--body", "aa")[1].replace("Nina Nova", "Nina New"))
    assert "changed nina: name: 'Nina Nova' becomes 'Nina New'\n" in iconet("import", str(file), "--body", "aa")[1]
    assert iconet("import", str(file), "--body", "aa", "--apply")[1].endswith("done\n")
    assert "0 changed" in iconet("import", str(file), "--body", "aa")[1]
    file.write_text("login\n=1\n")
    assert iconet("import", str(file), "--body", "aa", "--apply")[0] == 1
    assert iconet("review", "--body", "aa", "--confirm", "anna")[1].startswith("1 confirmed\n")


def test_bodies_units_areas_roles_and_postings_are_kept_from_the_command_line(iconet: Command) -> None:
    for words, said in (
        (("/body", "add", "lux", "Luxland", "--authority", "cc"), "LUX is added"),
        (("/body", "change", "LUX", "--name", "Lux Land", "--authority", "-"), "LUX is changed"),
        (("/body", "suspend", "LUX"), "LUX is suspended"),
        (("/body", "resume", "lux"), "LUX may sign in again"),
        (("/unit", "add", "--body", "LUX", "m", "Migration"), "m is added"),
        (
            ("/unit", "add", "--body", "LUX", "a", "Asylum", "--below", "m", "--address", "a@lux.example"),
            "a is added",
        ),
        (("/unit", "change", "--body", "LUX", "a", "--name", "Asylum unit", "--below", ""), "a is changed"),
        (("add", "lou", "name=Lou", "unit=a", "--body", "LUX"), "lou is added"),
        (("/area", "set", "special", "--name", "Very special", "--concern", "LUX/a"), "area special is set"),
        (("/area", "set", "special", "--state", "closed"), "area special is set"),
        (
            ("/posting", "add", "lou", "TR", "Ankara", "--serves", "aa"),
            "posting 1 of lou is published",
        ),
    ):
        assert iconet(*words) == (0, f"{said}\n"), words
    assert "LUX\t-\t2\t1\tLux Land\tno contact point\n" in iconet("/body", "ls")[1]
    assert "special\tAland\tVery special\tclosed\n" in iconet("/area", "ls")[1]
    assert iconet("/posting", "ls")[1].startswith("1\tlou\tTR\tAnkara\t")
    assert iconet("/posting", "end", "1") == (0, "posting 1 has ended\n")
    assert iconet("/posting", "end", "1")[0] == 1
    code, said = iconet("/unit", "close", "--body", "LUX", "a")
    assert (code, "say which unit takes over" in said) == (1, True)
    assert iconet("/unit", "close", "--body", "LUX", "a", "--into", "m") == (0, "a is closed\n")
    assert iconet("/unit", "ls", "--body", "LUX") == (0, "m\t-\t1\tMigration\n")
    for words in (("/body", "add", "LUX", "L"), ("/body", "suspend", "zz"), ("/area", "set", "none", "--name", "N")):
        assert iconet(*words)[0] == 1, words


def test_the_operator_ends_what_somebody_holds_and_gives_nothing(iconet: Command) -> None:
    held = [line.split("\t") for line in iconet("/role", "ls", "adela")[1].splitlines()]
    (number,) = [each[0] for each in held if each[1] == "directory-admin"]
    assert iconet("/role", "revoke", number, "--reason", "left the unit") == (0, f"{number} has ended\n")
    assert iconet("/role", "ls", "adela") == (0, "")
    again = iconet("/role", "revoke", number, "--reason", "again")
    assert again == (1, "iconet: this grant has ended\n")
    assert iconet("/role", "waiting") == (0, "")
    for verb in ("propose", "approve", "give"):
        assert f"role {verb}" not in COMMANDS
