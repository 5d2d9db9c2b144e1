"""Compare a CSV file with a body's entries, and with --apply bring these in line, whole or not at all.

Columns are as `iconet people export` writes them; login or external_id says who is meant, what isn't there stays as it
is, and who isn't in the file is left alone. Exit code 1, and no change, when anything is wrong with the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="the file: a line of column names, then a line an official"
    )
    add_body(parser)
    parser.add_argument("--apply", action="store_true", help="make the changes, if nothing is wrong with the file")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    question = {"file": str(arguments.file.absolute()), "body": arguments.body, "apply": arguments.apply}
    return told(arguments, "people-import", question, "{text}".format_map)
