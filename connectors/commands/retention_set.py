"""Say for how long posts of a retention class are kept; a new class is made. Posts that are there keep their dates."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, class and length."""
    add_place(parser)
    parser.add_argument("name", metavar="CLASS", help="such as standard; unpublished is of what nobody can read")
    parser.add_argument("length", metavar="LENGTH", help="from publication on: 1826d, 12h, 10m")
    parser.add_argument("--existing", action="store_true", help="count the dates of posts that are there anew, too")


def run(arguments: Namespace) -> int:
    """Say how many posts have another date now."""
    return asyncio.run(_set(arguments))


async def _set(arguments: Namespace) -> int:
    wanted = {"class": arguments.name, "length": arguments.length, "existing": arguments.existing}
    async for row in ask(settings_from(arguments), "retention-set", wanted):
        sys.stdout.write(f"{arguments.name}: {arguments.length}; {row['changed']} posts have another date\n")
    return 0
