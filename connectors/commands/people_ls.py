"""List a body's officials: login, state, unit and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told
from groupware.people.looking import State

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("--body", required=True, metavar="CODE", help="the body's code")
    parser.add_argument("--words", default="", help="what names, logins, functions or units hold")
    parser.add_argument("--state", default="all", choices=[*State], help=", ".join(State))
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"body": arguments.body, "words": arguments.words, "state": arguments.state}
    return told(arguments, "people-ls", question, _line)


def _line(row: Row) -> str:
    return "{login}\t{state}\t{unit}\t{name}".format(**row)
