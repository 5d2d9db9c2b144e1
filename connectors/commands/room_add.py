"""Open a room in an area, or a sub-theme of one of its rooms."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask
from connectors.room_arguments import add_settings, settings_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and what the room is."""
    add_place(parser)
    parser.add_argument("area", metavar="AREA", help="the area's code")
    parser.add_argument("code", metavar="CODE", help="the room's: its address, folder and alias; never used again")
    parser.add_argument("name", metavar="NAME", help="what people call it")
    parser.add_argument("--owner", metavar="BODY/UNIT", required=True, help="the unit that owns it")
    parser.add_argument("--under", metavar="ROOM", help="the room whose sub-theme it is")
    add_settings(parser)


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_add(arguments))


async def _add(arguments: Namespace) -> int:
    asked = {name: getattr(arguments, name) for name in ("area", "code", "name", "owner", "under")}
    async for row in ask(settings_from(arguments), "room-add", asked | settings_of(arguments)):
        sys.stdout.write(f"room {row['code']} is open\n")
    return 0
