"""Say for how long each class is kept, how many posts are due, how far erasing has come, and what is in its way."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask
from connectors.retention_words import pending

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place."""
    add_place(parser)


def run(arguments: Namespace) -> int:
    """Print the classes, then the numbers, then what couldn't be removed so far, and why."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    settings = settings_from(arguments)
    async for row in ask(settings, "retention-classes", {}):
        sys.stdout.write(f"class {row['class']}\t{row['length']}\t{row['posts']} posts\n")
    async for row in ask(settings, "retention-due", {}):
        sys.stdout.write(f"{row['what']}\t{row['posts']}\n")
    async for row in ask(settings, "retention-pending", {}):
        sys.stdout.write(f"not removed\t{pending(row)}\n")
    return 0
