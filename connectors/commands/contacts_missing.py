"""List the states and institutions that have no contact point in office."""

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
    """One line each: code and name."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "contacts-missing", {}):
        sys.stdout.write(f"{row['code']} {row['name']}\n")
    return 0
