"""Take the name of somebody who has left from the log, for good: their records stay, and nobody's they are."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and whose."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the login of an official who was off-boarded")


def run(arguments: Namespace) -> int:
    """Say whether there was anything."""
    return asyncio.run(_forget(arguments))


async def _forget(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "audit-forget", {"login": arguments.login}):
        said = "is in the log no more" if row["forgotten"] else "was in no record"
        sys.stdout.write(f"{arguments.login} {said}\n")
    return 0
