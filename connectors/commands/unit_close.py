"""End a unit that has nothing; or with `--into` any, which goes over to another of the body with all it has."""

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
    parser.add_argument("code", metavar="CODE", help="the unit that ends")
    parser.add_argument("--into", metavar="CODE", default="", help="the unit that takes over all it has")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {name: getattr(arguments, name) for name in ("body", "code", "into")}
    return told(arguments, "unit-close", asked, "{code} is closed".format_map)
