from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.cli import COMMANDS, GROUPS, load
from connectors.item_words import ITEMS
from connectors.questions import NEVER
from policies.vocabulary import Action

ROOT = Path(__file__).resolve().parents[2]


def iconet(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "connectors.cli", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    run = iconet(*name.split(), "--help")
    assert run.returncode == 0
    assert (load(name).__doc__ or "").split()[0] in run.stdout
    assert "--data DIR" in run.stdout


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_says_what_it_is_about(group: str) -> None:
    run = iconet(group, "--help")
    assert run.returncode == 0
    assert GROUPS[group].partition(":")[0][1:] in run.stdout
    assert "Exit codes: 0 done" in run.stdout
    assert {name.partition(" ")[0] for name in COMMANDS if " " in name} == set(GROUPS)


def test_commands_that_ask_a_server_load_no_store() -> None:
    """Or each of them would take several times the processor's time, whatever it asks."""
    heavy = {"demo", "serve", "restore"} | {"people ls", "body add"}  # the last two offer values of the use cases'
    modules = [load(name).__name__ for name in COMMANDS if name not in heavy]
    loading = f"import sys, {', '.join(modules)}; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loading], cwd=ROOT, check=False).returncode == 0


def test_why_says_what_each_action_is_done_to() -> None:
    assert set(ITEMS) == set(Action)
    said = iconet("why", "--help").stdout
    assert [what for what in ITEMS.values() if f": {what}\n" not in said] == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dance",),
        ("store",),
        ("why", "x"),
        ("why", "x", "fly", "y"),
        ("check", "--data", "a", "--config", "b"),
        ("people",),
        ("people", "add", "x", "name=X"),
        ("people", "change", "x", "nickname=X"),
        ("people", "change", "x", "name"),
        ("room", "allow", "x", "reader", "everybody", "--reason", "x", "--until", "soon"),
    ],
)
def test_a_command_typed_wrongly_exits_with_2(words: tuple[str, ...]) -> None:
    run = iconet(*words)
    assert run.returncode == 2
    assert run.stderr.startswith("usage: ")


def test_a_fault_is_one_line_and_exits_with_1(tmp_path: Path) -> None:
    settings = tmp_path / "iconet.toml"
    settings.write_text("[imap]\nprot = 1\n")
    for words in (("serve", "--config", settings), ("check", "--config", settings)):
        run = iconet(*map(str, words))
        assert run.returncode == 1
        assert run.stderr == f"iconet: {settings}: imap.prot: no such setting; did you mean port?\n"


def test_a_directory_without_a_network_is_named(tmp_path: Path) -> None:
    run = iconet("store", "ls", "--data", str(tmp_path / "nowhere"))
    assert (run.returncode, run.stderr) == (1, f"iconet: {tmp_path}/nowhere: {NEVER}\n")


def test_a_door_that_does_not_exist_is_named(tmp_path: Path) -> None:
    run = iconet("serve", "--data", str(tmp_path), "gopher")
    assert run.returncode == 2
    assert "no such door: gopher" in run.stderr


def test_a_reader_that_has_left_is_no_error_worth_a_line() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "connectors.cli", "--help"]
    run = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert run.stderr == ""
