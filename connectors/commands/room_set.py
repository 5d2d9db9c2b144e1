"""Change a room: what is named is set, the rest stays."""

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
    """Place, the room, and what to set."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the room's code")
    parser.add_argument("--name", metavar="NAME", help="what people call it")
    parser.add_argument("--owner", metavar="BODY/UNIT", help="the unit that owns it")
    parser.add_argument(
        "--state", choices=["open", "closed", "archived"], help="closed: no new posts; archived: read-only"
    )
    add_settings(parser)


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_set(arguments))


async def _set(arguments: Namespace) -> int:
    asked = {name: getattr(arguments, name) for name in ("code", "name", "owner", "state")}
    async for row in ask(settings_from(arguments), "room-set", asked | settings_of(arguments)):
        sys.stdout.write(f"room {row['code']} is changed\n")
    return 0
