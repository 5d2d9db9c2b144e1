"""Copy the network into an empty folder: databases, files, keys of the installation. May run beside a server.

What fails leaves nothing there. With secrecy at rest it is sealed with the key of this month's backups.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and where to."""
    add_place(parser)
    parser.add_argument("target", metavar="DIR", type=Path, help="an empty folder, or one to be made")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one, and say how far it is."""
    return asyncio.run(_backup(arguments))


async def _backup(arguments: Namespace) -> int:
    target = str(arguments.target.absolute())
    async for row in ask(settings_from(arguments), "backup", {"target": target}):
        sys.stdout.write(f"{row['done']}\n")
        sys.stdout.flush()
    return 0
