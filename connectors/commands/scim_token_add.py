"""Make a token with which a body's identity system keeps that body's entries. It is shown once."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

YEAR = 365


def add(parser: ArgumentParser) -> None:
    """Place, body, label and term."""
    add_place(parser)
    add_body(parser)
    parser.add_argument("--label", default="SCIM", metavar="TEXT", help="what it is for (default: SCIM)")
    parser.add_argument("--days", type=int, default=YEAR, metavar="N", help=f"how long it holds (default: {YEAR})")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_add(arguments))


async def _add(arguments: Namespace) -> int:
    asked = {"body": arguments.body, "label": arguments.label, "days": arguments.days}
    async for row in ask(settings_from(arguments), "scim-token-add", asked):
        sys.stdout.write(f"{row['token']}\n")
        sys.stderr.write(f"token {row['id']} of {arguments.body}: keep it now, it can't be shown again\n")
    return 0
