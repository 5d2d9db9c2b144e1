"""List the roles that were proposed and wait for a second person, who gives their word in the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "role-waiting", {}, _line)


def _line(row: Row) -> str:
    return "\t".join((str(row["id"]), row["official"], row["role"], row["scope"], row["proposed_by"], row["reason"]))
