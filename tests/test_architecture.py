"""What the whole code keeps to, checked by machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("policies", "directory", "groupware", "connectors")
CODE = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
LONGEST = 560
# in two halves, so that this file passes its own test
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "deb.deb" + "ian.org",
    "unp" + "kg.com",
)


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def makers_of_permits(source: str) -> list[int]:
    """Lines on which a Permit is made: by its name, by any alias of it, or by copying one with changes."""
    tree = ast.parse(source)
    names = {"Permit"} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "Permit" and alias.asname
    }
    called = [(node.func, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [line for what, line in called if getattr(what, "id", getattr(what, "attr", "")) in names]


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_monitor_makes_permits(path: Path) -> None:
    if path != ROOT / "groupware" / "monitor.py":
        assert makers_of_permits(path.read_text()) == []


def test_a_forged_permit_is_found() -> None:
    forged = "from groupware.monitor import Permit as P\nimport groupware.monitor as m\nP(1)\nm.Permit(2)\n"
    assert makers_of_permits(forged) == [3, 4]


def test_files_are_short_enough_to_read_at_once() -> None:
    code = [path for path in tracked() if path.suffix == ".py"]
    assert [str(path) for path in code if path.read_text().count("\n") > LONGEST] == []


def test_no_registry_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
