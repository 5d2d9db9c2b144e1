"""List the units of a body, each followed by those below it: code, the one above, officials, name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    add_body(parser)
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "unit-ls", {"body": arguments.body}, _line)


def _line(row: Row) -> str:
    return f"{row['code']}\t{row['parent'] or '-'}\t{row['people']}\t{row['name']}"
