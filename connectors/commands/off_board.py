"""End everything of an official who leaves: sign-ins, open sessions, grants. Never refused."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and who leaves."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_off_board(arguments))


async def _off_board(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "off-board", {"login": arguments.login}):
        sys.stdout.write(f"{row['login']} is off-boarded\n")
    return 0
