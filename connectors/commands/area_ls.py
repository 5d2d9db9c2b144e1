"""List the areas: code, the body that runs it, name, and whether it is closed or archived."""

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
    """One line an area."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "area-ls", {}):
        state = "" if row["state"] == "open" else f"\t{row['state']}"
        sys.stdout.write(f"{row['code']}\t{row['body'] or '-'}\t{row['name']}{state}\n")
    return 0
