"""List who is to be confirmed in the half-yearly review, the longest unconfirmed first; or confirm some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("--body", required=True, metavar="CODE", help="the body's code")
    parser.add_argument("--confirm", nargs="+", default=[], metavar="LOGIN", help="who still takes part")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-review", {"body": arguments.body, "confirm": arguments.confirm}, "{text}".format_map)
