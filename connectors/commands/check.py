"""Compare rows, bytes and indexes; exit 1 when anything is wrong. May run beside a server."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place and form."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object: {faults: [...], ...counts}")


def run(arguments: Namespace) -> int:
    """Print what was found."""
    return asyncio.run(_check(settings_from(arguments), as_json=arguments.json))


async def _check(settings: Settings, *, as_json: bool) -> int:
    """Rows are {"fault": SENTENCE} or counts of what was looked at, {"NAME": number}."""
    faults: list[str] = []
    counts: dict[str, object] = {}
    async for row in ask(settings, "check", {}):
        if "fault" in row:
            faults.append(row["fault"])
        else:
            counts |= row
    looked_at = ", ".join(f"{number} {name}" for name, number in counts.items())
    lines = [json.dumps({"faults": faults, **counts})] if as_json else [*faults, f"{len(faults)} faults in {looked_at}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0
