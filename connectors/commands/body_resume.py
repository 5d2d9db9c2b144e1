"""Let the officials of a suspended body in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the body's code")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "body-resume", {"code": arguments.code}, "{code} may sign in again".format_map)
