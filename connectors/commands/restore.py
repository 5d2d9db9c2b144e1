"""Bring a backup back into an empty data directory; nothing is written before all of it is verified.

Then rows, bytes and the log of who did what are checked. Exit 1 where something is wrong; a fault leaves nothing.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.restoring import restore

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place, and what from."""
    add_place(parser)
    parser.add_argument("source", metavar="DIR", type=Path, help="the backup")


def run(arguments: Namespace) -> int:
    """Do it, and say how far it is and what is missing."""
    return asyncio.run(_restore(settings_from(arguments), arguments.source.absolute()))


async def _restore(settings: Settings, source: Path) -> int:
    wrong = 0
    async for said in restore(settings, source):
        sys.stdout.write(f"{said.text}\n")
        sys.stdout.flush()
        wrong += said.wrong
    return 1 if wrong else 0
