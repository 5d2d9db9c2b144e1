"""End a rule of access to a room, by the number that `iconet room access` shows."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, the room, and the rule."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the room's code")
    parser.add_argument("rule", metavar="RULE", type=int, help="the rule's number")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_end(arguments))


async def _end(arguments: Namespace) -> int:
    asked = {"code": arguments.code, "rule": arguments.rule}
    async for row in ask(settings_from(arguments), "room-end", asked):
        sys.stdout.write(f"rule {row['rule']} has ended\n")
    return 0
