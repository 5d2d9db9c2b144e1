"""List the rooms: area, code (below its room for a sub-theme), state, name; and those without a moderator in office."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place alone."""
    add_place(parser)


def run(arguments: Namespace) -> int:
    """One line a room."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "room-ls", {}):
        path = "/".join(filter(None, (row["area"], row["parent"], row["code"])))
        alone = "\tno moderator in office" if row["unattended"] else ""
        sys.stdout.write(f"{path}\t{row['state']}\t{row['name']}{alone}\n")
    return 0
