"""List the states and institutions: code, the body that governs it, units, officials, and name."""

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
    parser.add_argument("--json", action="store_true", help="all there is of each, as JSON")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "body-ls", {}, _line)


def _line(row: Row) -> str:
    marks = ((row["suspended"], "suspended"), (not row["attended"], "no contact point"))
    said = ", ".join(words for holds, words in marks if holds)
    return "\t".join((row["code"], row["authority"] or "-", str(row["units"]), str(row["people"]), row["name"], said))
