"""End a posting now, by the number that `iconet posting ls` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("id", metavar="NUMBER", type=int, help="the posting's")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "posting-end", {"id": arguments.id}, "posting {id} has ended".format_map)
