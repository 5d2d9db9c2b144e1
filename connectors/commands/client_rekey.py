"""Sign with new keys from now on, and accept none of the old ones: for when somebody else may have them."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place."""
    add_place(parser)


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_rekey(settings_from(arguments)))


async def _rekey(settings: Settings) -> int:
    async for _ in ask(settings, "client-rekey", {}):
        sys.stdout.write("new keys sign from now on\n")
    return 0
