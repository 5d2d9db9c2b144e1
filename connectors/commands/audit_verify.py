"""Show that the audit log is whole; print each record that isn't what it was, and exit 1. May run beside a server."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.fault import Fault
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.settings import Settings


def add(parser: ArgumentParser) -> None:
    """Place, and checkpoints from elsewhere."""
    add_place(parser)
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a checkpoint that was kept elsewhere; may be given several times",
    )


def run(arguments: Namespace) -> int:
    """Print what was found."""
    return asyncio.run(_verify(settings_from(arguments), [_text(path) for path in arguments.checkpoint]))


async def _verify(settings: Settings, kept: list[str]) -> int:
    """Rows are {"record": N, "why": TEXT}; the last one is {"sealed": N, "waiting": N}."""
    wrong = 0
    async for row in ask(settings, "audit-verify", {"checkpoints": kept}):
        if "why" in row:
            wrong += 1
            sys.stdout.write(f"record {row['record']}: {row['why']}\n")
        else:
            sys.stdout.write(f"{row['sealed']} records sealed, {row['waiting']} not yet, {wrong} faults\n")
    return 1 if wrong else 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{path}: {error}") from error
