"""List the postings of liaison officers that haven't ended, planned ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "posting-ls", {}, _line)


def _line(row: Row) -> str:
    period = f"{row['since']} to {row['until'] or 'open'}{', planned' if row['planned'] else ''}"
    return "\t".join((str(row["id"]), row["login"], row["country"], row["city"], period))
