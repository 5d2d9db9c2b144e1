"""Documentation is tested: what exists is written down, and what is written down exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connectors import logs
from connectors.cli import COMMANDS
from connectors.doors import DOORS
from connectors.settings import Settings, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def sections() -> Iterator[type]:
    yield Settings
    for field in settings_of(Settings):
        if hasattr(field.kind, "__dataclass_fields__"):
            yield field.kind


@pytest.mark.parametrize("section", tuple(sections()))
def test_every_setting_has_its_sentence_in_the_sample(section: type) -> None:
    sample = (ROOT / "config" / "iconet.toml").read_text()
    for field in settings_of(section):
        assert field.sentence.endswith(".")
        assert f"# {field.sentence}\n" in sample


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`iconet {command}" in (ROOT / "README.md").read_text()


def test_every_make_target_is_in_the_readme_or_for_contributors() -> None:
    (listed,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert [target for target in listed.split() if f"`make {target}`" not in text] == []


@pytest.mark.parametrize("door", DOORS)
def test_every_door_has_a_row_in_the_architecture(door: str) -> None:
    assert f"| {door} |" in (DOCS / "architecture.md").read_text()


def test_what_logs_withhold_is_documented() -> None:
    text = (DOCS / "architecture.md").read_text()
    assert [name for name in sorted(logs.WITHHELD | logs.CLIENT_FIELDS) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("dependency", PROJECT["project"]["dependencies"])
def test_every_dependency_has_a_decision(dependency: str) -> None:
    name = re.split(r"[\[<>=~]", dependency)[0]
    decisions = "\n".join(path.read_text() for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert f"`{name}`" in decisions


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    decisions = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = (DOCS / "decisions" / "README.md").read_text()
    assert [path.name for path in decisions if f"({path.name})" not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
