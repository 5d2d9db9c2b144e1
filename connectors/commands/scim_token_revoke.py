"""End a token of a body's identity system: its next request is refused."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, body and token."""
    add_place(parser)
    add_body(parser)
    parser.add_argument("id", type=int, metavar="ID", help="the token's id, as `iconet scim-token ls` shows it")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_revoke(arguments))


async def _revoke(arguments: Namespace) -> int:
    asked = {"body": arguments.body, "id": arguments.id}
    async for row in ask(settings_from(arguments), "scim-token-revoke", asked):
        sys.stdout.write(f"token {row['id']} of {arguments.body} is revoked\n")
    return 0
