"""List the tokens of identity systems: id, body, state, end, last day of use, label."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.arguments import add_body, add_place, settings_from
from connectors.questions import ask
from groupware import clock

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Place, and perhaps a body."""
    add_place(parser)
    add_body(parser, "only those of the body of this code", required=False)


def run(arguments: Namespace) -> int:
    """Do it, from the running server if there is one."""
    return asyncio.run(_list(arguments))


async def _list(arguments: Namespace) -> int:
    async for row in ask(settings_from(arguments), "scim-token-ls", {"body": arguments.body or ""}):
        used = _day(row["used"]) if row["used"] else "never"
        line = (str(row["id"]), row["body"], _state(row), f"until {_day(row['expires'])}", f"used {used}", row["label"])
        sys.stdout.write("  ".join(line) + "\n")
    return 0


def _state(row: Row) -> str:
    now = clock.now()
    if row["revoked"] <= now:
        return "revoked"
    return "expired" if row["expires"] <= now else "works"


def _day(micro: int) -> str:
    return datetime.fromtimestamp(micro / clock.MICROSECONDS, UTC).date().isoformat()
