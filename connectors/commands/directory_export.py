"""Write the card of everybody who is in office, as vCard 4.0 (RFC 6350) or LDIF (RFC 2849)."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place and form."""
    add_place(parser)
    parser.add_argument("--format", choices=["vcard", "ldif"], default="vcard", help="vcard (default) or ldif")


def run(arguments: Namespace) -> int:
    """Print them, as they come."""
    asyncio.run(_export(arguments))
    return 0


async def _export(arguments: Namespace) -> None:
    """Octets: vCard's lines end with CRLF, whatever the terminal does."""
    async for row in ask(settings_from(arguments), "directory-export", {"format": arguments.format}):
        sys.stdout.buffer.write(row["text"].encode())
