"""Change an entry: columns that aren't named stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import add_columns, columns_of, told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    add_columns(parser)


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"login": arguments.login, "entry": columns_of(arguments)}
    return told(arguments, "people-change", question, "{login} is at version {version}".format_map)
