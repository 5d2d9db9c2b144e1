"""Lift a legal hold, in the name of a security officer: another one than placed it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, who, which and why."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the security officer who orders it")
    parser.add_argument("number", metavar="NUMBER", type=int, help="the hold's number")
    parser.add_argument("--reason", required=True, help="why, for the record")


def run(arguments: Namespace) -> int:
    """Say so."""
    return asyncio.run(_lift(arguments))


async def _lift(arguments: Namespace) -> int:
    wanted = {name: getattr(arguments, name) for name in ("login", "number", "reason")}
    async for row in ask(settings_from(arguments), "retention-release-hold", wanted):
        sys.stdout.write(f"hold no. {row['hold']} is lifted\n")
    return 0
