"""Designate somebody anew who was off-boarded: in office again, with nothing of what they had."""

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
    line = "{login} is in office again; to sign in they need a link: iconet people invite {login}"
    return told(arguments, "people-take-back", {"login": arguments.login}, line.format_map)
