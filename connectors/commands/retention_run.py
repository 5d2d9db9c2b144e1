"""Erase now what is due, instead of waiting for the server to do it; nothing under legal hold."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place."""
    add_place(parser)
    parser.add_argument("--trust-clock", action="store_true", help="the clock is right, though it went far ahead")


def run(arguments: Namespace) -> int:
    """Say how many posts were erased, and of how many it is shown in each store; 1 while the clock is doubted."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    doubts = False
    async for row in ask(settings_from(arguments), "retention-run", {"trust_clock": arguments.trust_clock}):
        sys.stdout.write(f"{row['erased']} erased, {row['verified']} verified\n")
        doubts = row["doubts"]
    if doubts:
        sys.stderr.write("the clock is far ahead of what it was: nothing that came due since is erased for a day\n")
    return int(doubts)
