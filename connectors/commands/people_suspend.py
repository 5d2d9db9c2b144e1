"""Shut an official out at once; `iconet people resume LOGIN` lets them in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-suspend", {"login": arguments.login}, "{login} is suspended".format_map)
