"""List a body's officials: login, state, unit and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place
from connectors.people_answers import told
from groupware.people.looking import State

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    add_body(parser)
    parser.add_argument(
        "--words", default="", metavar="TEXT", help="only those with this in name, login, function, unit or external id"
    )
    parser.add_argument(
        "--state", default="all", choices=[each.value for each in State], help="only those who stand so (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"body": arguments.body, "words": arguments.words, "state": arguments.state}
    return told(arguments, "people-ls", question, _line)


def _line(row: Row) -> str:
    return "{login}\t{state}\t{unit}\t{name}".format(**row)
