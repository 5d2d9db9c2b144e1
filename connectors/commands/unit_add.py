"""Add a unit to a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place, add_unit
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    add_body(parser)
    parser.add_argument("code", metavar="CODE", help="small letters, digits, dots and hyphens; it stays")
    parser.add_argument("name", metavar="NAME", help="what people call it")
    add_unit(parser)


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {name: getattr(arguments, name) for name in ("body", "code", "name", "parent", "address", "phone")}
    return told(arguments, "unit-add", asked, "{code} is added".format_map)
