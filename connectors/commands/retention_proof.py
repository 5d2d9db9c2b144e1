"""Print the proof of each erasure: what was removed from each store, and what was there afterwards."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from connectors.arguments import add_place, settings_from
from connectors.questions import ask
from connectors.retention_words import pending

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping


def add(parser: ArgumentParser) -> None:
    """Place and form."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line and post")


def run(arguments: Namespace) -> int:
    """Newest first; 1 if something was left over."""
    return asyncio.run(_print(arguments))


async def _print(arguments: Namespace) -> int:
    left = False
    async for row in ask(settings_from(arguments), "retention-proof", {}):
        left |= row["stage"] == "left-over"
        sys.stdout.write(json.dumps(row) + "\n" if arguments.json else _lines(row))
    return int(left)


def _lines(row: Mapping[str, Any]) -> str:
    first = f"{row['message_id']}\t{row['room']}\t{row['kept_as']}\t{row['rule']}\t{row['stage']}\n"
    steps = (f"\t{each['store']}\t{each['removed']} removed\t{_looked(each['remains'])}\n" for each in row["steps"])
    return first + "".join(steps) + "".join(f"\tpending\t{pending(each)}\n" for each in row["pending"])


def _looked(remains: int) -> str:
    return "to be looked for" if remains < 0 else f"{remains} there afterwards"
