"""Make a new master key, wrap every key by it, and destroy the old one. What is stored isn't touched."""

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
    """Say how many keys that were."""
    return asyncio.run(_rotate(arguments))


async def _rotate(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "secrecy-rotate", {}):
        sys.stdout.write(f"{row['wrapped']} keys wrapped by a new master key; keep a copy of the key folder anew\n")
    return 0
