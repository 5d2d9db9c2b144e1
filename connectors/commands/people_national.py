"""List the accounts of their state or institution that open an official's; with `--end`, have them open it no more."""

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
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    parser.add_argument("--end", action="store_true", help="end them; the official is told")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-national", {"login": arguments.login, "end": arguments.end}, _line)


def _line(row: Row) -> str:
    return "{issuer}\tsince {since}{now}".format(**row, now="\tended" if row["ended"] else "")
