"""Keep a post, a thread or a room from being erased, in the name of a security officer: a legal hold."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, who, what and why."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the security officer who orders it")
    parser.add_argument("kind", choices=("post", "thread", "room"), help="what is kept")
    parser.add_argument("name", metavar="NAME", help="a Message-ID, a post's number in the log, or a room's code")
    parser.add_argument("--reason", required=True, help="why, for the record")


def run(arguments: Namespace) -> int:
    """Print the number of each hold."""
    return asyncio.run(_hold(arguments))


async def _hold(arguments: Namespace) -> int:
    wanted = {name: getattr(arguments, name) for name in ("login", "kind", "name", "reason")}
    async for row in ask(settings_from(arguments), "retention-hold", wanted):
        sys.stdout.write(f"hold no. {row['hold']}\n")
    return 0
