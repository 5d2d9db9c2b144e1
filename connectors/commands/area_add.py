"""Found an area with its competence; give the competence to units in the portal, and open rooms in it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and what the area is."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="small letters, digits and hyphens; never used again")
    parser.add_argument("name", metavar="NAME", help="what people call it")
    add_body(parser, "the code of the body whose directory admins run it")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_add(arguments))


async def _add(arguments: Namespace) -> int:
    asked = {name: getattr(arguments, name) for name in ("code", "name", "body")}
    async for row in ask(settings_from(arguments), "area-add", asked):
        sys.stdout.write(f"area {row['code']} is founded\n")
    return 0
