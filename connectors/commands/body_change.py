"""Call a body otherwise, or have another govern it; what isn't named stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the body's code, which stays")
    parser.add_argument("--name", metavar="NAME", help="what people call it")
    parser.add_argument(
        "--authority",
        metavar="CODE",
        help="the body that founds its areas and appoints its first contact point; -: none",
    )


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {name: getattr(arguments, name) for name in ("code", "name", "authority")}
    return told(arguments, "body-change", asked, "{code} is changed".format_map)
