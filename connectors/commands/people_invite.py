"""Make a one-time link by which an official sets their credentials; an earlier one ends."""

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


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-invite", {"login": arguments.login}, _line)


def _line(row: Row) -> str:
    return "{path} of the portal, {purpose}, until {expires}".format(**row)
