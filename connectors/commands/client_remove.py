"""End sign-in through ICONet for a program, with all tokens that it has."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place, and which."""
    add_place(parser)
    parser.add_argument("name", metavar="CLIENT_ID", help="the program's name in requests")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_remove(settings_from(arguments), arguments.name))


async def _remove(settings: Settings, name: str) -> int:
    async for row in ask(settings, "client-remove", {"name": name}):
        sys.stdout.write(f"{row['name']} is removed\n")
    return 0
