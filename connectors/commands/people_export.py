"""Write a body's entries to the standard output, as a CSV file that an import takes again."""

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


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-export", {"body": arguments.body}, "{text}".format_map)
