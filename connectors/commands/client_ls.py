"""List the programs at which officials sign in through ICONet."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row
    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place and form."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line and program")


def run(arguments: Namespace) -> int:
    """Print one line a program."""
    asyncio.run(_list(settings_from(arguments), as_json=arguments.json))
    return 0


async def _list(settings: Settings, *, as_json: bool) -> None:
    async for row in ask(settings, "client-ls", {}):
        sys.stdout.write(f"{json.dumps(row) if as_json else _line(row)}\n")


def _line(row: Row) -> str:
    return f"{row['name']}\t{row['title']}\t{' '.join(row['redirects'])}"
