"""List who is to be confirmed in the half-yearly review, the longest unconfirmed first; or confirm some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    add_body(parser)
    parser.add_argument(
        "--confirm", nargs="+", default=[], metavar="LOGIN", help="say of these that they still take part"
    )


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-review", {"body": arguments.body, "confirm": arguments.confirm}, "{text}".format_map)
