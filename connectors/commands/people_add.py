"""Add an official to a unit of a body. To sign in they need a link: `iconet people invite LOGIN`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place
from connectors.people_answers import add_columns, columns_of, told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    add_body(parser)
    parser.add_argument("login", metavar="LOGIN", help="the login, which stays")
    add_columns(parser)


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"login": arguments.login, "body": arguments.body, "entry": columns_of(arguments)}
    return told(arguments, "people-add", question, "{login} is added".format_map)
