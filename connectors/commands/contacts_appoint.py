"""Appoint a body's first contact point on a recorded act: the only way for the body that governs itself.

They take it on in the portal, under Duties.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, who is appointed, and on what act of their body."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    parser.add_argument("--act", required=True, help="the reference of the act by which the body designated them")


def run(arguments: Namespace) -> int:
    """Write it down."""
    return asyncio.run(_appoint(arguments))


async def _appoint(arguments: Namespace) -> int:
    asked = {"login": arguments.login, "act": arguments.act}
    async for row in ask(settings_from(arguments), "contacts-appoint", asked):
        sys.stdout.write(f"{row['login']} is appointed, and is contact point once they accept\n")
    return 0
