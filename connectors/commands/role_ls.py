"""List what an official holds, by number, and who gave it."""

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
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "role-ls", {"login": arguments.login}, _line)


def _line(row: Row) -> str:
    given = f"{row['granted_by']}, {row['approved_by']}" if row["approved_by"] else row["granted_by"]
    return "\t".join((str(row["id"]), row["role"], row["scope"], row["until"] or "-", given, row["reason"]))
