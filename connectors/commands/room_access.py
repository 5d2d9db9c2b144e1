"""Say who takes part in a room by rule: number, sentence, how many it lets in now."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and the room."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the room's code")


def run(arguments: Namespace) -> int:
    """One line a rule."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "room-access", {"code": arguments.code}):
        now = "ended" if row["ended"] else f"{row['people']} now"
        sys.stdout.write(f"{row['rule']}\t{row['sentence']}\t{now}\t{row['by']}: {row['reason']}\n")
    return 0
