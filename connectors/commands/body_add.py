"""Add a state or institution. Its first unit: `iconet unit add`; whoever is in it: `iconet people add`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told
from groupware.bodies.keeping import KINDS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="2 to 12 letters and digits, such as EST; it stays")
    parser.add_argument("name", metavar="NAME", help="what people call it")
    parser.add_argument("--kind", choices=KINDS, default="member-state")
    parser.add_argument(
        "--authority", metavar="CODE", default="", help="the body that governs it; its own code: it governs itself"
    )


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {name: getattr(arguments, name) for name in ("code", "name", "kind", "authority")}
    return told(arguments, "body-add", asked, "{code} is added".format_map)
