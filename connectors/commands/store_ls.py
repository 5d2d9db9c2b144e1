"""List every post: Message-ID, room, state and the SHA-256 of its bytes as received."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings

COLUMNS = ("message_id", "room", "state", "sha256")


def add(parser: ArgumentParser) -> None:
    """Place and form."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line and post")


def run(arguments: Namespace) -> int:
    """Print one line a post, as they come."""
    asyncio.run(_list(settings_from(arguments), as_json=arguments.json))
    return 0


async def _list(settings: Settings, *, as_json: bool) -> None:
    async for row in ask(settings, "store-ls", {}):
        line = json.dumps(row) if as_json else "\t".join(str(row[column]) for column in COLUMNS)
        sys.stdout.write(line + "\n")
