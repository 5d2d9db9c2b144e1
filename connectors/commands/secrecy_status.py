"""Say what is sealed, how much is in clear yet, and what has become of each key; exit 1 when one is lost or wrong."""

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
    """Print a line a key."""
    return asyncio.run(_status(arguments))


async def _status(arguments: Namespace) -> int:
    faults = 0
    async for row in ask(settings_from(arguments), "secrecy-status", {}):
        if "clear" in row:
            what = "what is stored is sealed" if row["sealing"] else "what is sealed is opened"
            sys.stdout.write(f"{what}; {row['clear']} contents in clear\n")
        else:
            sys.stdout.write(f"{row['period']:<16}{row['state']}\n")
            faults += row["state"] in {"lost", "wrong"}
    return 1 if faults else 0
