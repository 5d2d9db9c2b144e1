"""Print what the domain publishes so that clients find ICONet by themselves: a zone file and .well-known addresses."""

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
    """Place."""
    add_place(parser)


def run(arguments: Namespace) -> int:
    """Print the lines of the running server, which knows its ports."""
    asyncio.run(_print(settings_from(arguments)))
    return 0


async def _print(settings: Settings) -> None:
    async for row in ask(settings, "records", {}):
        sys.stdout.write(f"{row['line']}\n")
