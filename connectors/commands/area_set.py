"""Call an area otherwise, close, archive or reopen it with its rooms, or say which units it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the area's code, which stays")
    parser.add_argument("--name", metavar="NAME", help="what people call it")
    parser.add_argument(
        "--state", choices=["open", "closed", "archived"], help="of the area and, at least, of all its rooms"
    )
    unit = {"action": "append", "default": [], "metavar": "BODY/UNIT"}
    parser.add_argument("--concern", **unit, help="a unit that it concerns from now on, with all below it")  # type: ignore[arg-type] # keywords
    parser.add_argument("--unconcern", **unit, help="one that it doesn't concern any more")  # type: ignore[arg-type] # keywords


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    asked = {name: getattr(arguments, name) for name in ("code", "name", "state", "concern", "unconcern")}
    return told(arguments, "area-set", asked, "area {code} is set".format_map)
