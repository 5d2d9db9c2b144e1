"""End what an official holds, by the number that `iconet role ls` shows. Roles are given by people, in the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("id", metavar="NUMBER", type=int, help="of what they hold")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="kept on record")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {"id": arguments.id, "reason": arguments.reason}
    return told(arguments, "role-revoke", asked, "{id} has ended".format_map)
