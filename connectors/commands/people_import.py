"""Compare a CSV file with a body's entries, and with --apply bring these in line, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the file: UTF-8, commas, a line of column names")
    parser.add_argument("--body", required=True, metavar="CODE", help="the body's code")
    parser.add_argument("--apply", action="store_true", help="make the changes, if nothing is wrong with the file")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"file": str(arguments.file.absolute()), "body": arguments.body, "apply": arguments.apply}
    return told(arguments, "people-import", question, "{text}".format_map)
