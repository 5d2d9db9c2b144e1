"""Print the key by which anybody can check this log's checkpoints (C2SP signed-note)."""

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


def run(arguments: Namespace) -> int:
    """Print it."""
    return asyncio.run(_show(arguments))


async def _show(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "audit-key", {}):
        sys.stdout.write(f"{row['key']}\n")
    return 0
