"""Destroy the key of a period for good: what lies under it can be read no more, here or in any backup."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.fault import Fault
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, which, and that it is meant."""
    add_place(parser)
    parser.add_argument("period", metavar="PERIOD", help="as `iconet secrecy status` writes it: 2031-11")
    parser.add_argument("--yes", action="store_true", help="it is meant: nobody can undo it")


def run(arguments: Namespace) -> int:
    """Do it and say what went. Other copies of the key folder have to go, too."""
    if not arguments.yes:
        raise Fault(f"what lies under {arguments.period} is lost for good by this; say --yes if it is meant")
    return asyncio.run(_destroy(arguments))


async def _destroy(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "secrecy-destroy", {"period": arguments.period}):
        sys.stdout.write(
            f"the key of {arguments.period} is destroyed, {row['withdrawn']} posts are withdrawn; "
            "remove it from every copy of the key folder\n"
        )
    return 0
