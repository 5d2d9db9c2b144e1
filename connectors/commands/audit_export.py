"""Write all records of the log that name one official, a JSON object a line: the answer to their request for access."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and whose."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")


def run(arguments: Namespace) -> int:
    """Write them, oldest first."""
    return asyncio.run(_export(arguments))


async def _export(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "audit-export", {"login": arguments.login}):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0
