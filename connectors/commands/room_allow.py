"""Give access to a room by rule: to everybody, a body, a unit with all below it, a role, or one official."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import a_day, add_place, settings_from
from connectors.questions import ask

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, the room, and the rule."""
    add_place(parser)
    parser.add_argument("code", metavar="CODE", help="the room's code")
    parser.add_argument(
        "right",
        choices=["reader", "poster", "drafter", "manager"],
        help="what they may: read, post, draft for a colleague to authorise, manage",
    )
    parser.add_argument(
        "whom",
        metavar="WHOM",
        help="everybody, body:CODE, unit:BODY/UNIT, official:LOGIN, or role: with liaison-officer, contact-point,"
        " deputy or organiser",
    )
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why; kept on record")
    parser.add_argument(
        "--from", dest="since", type=a_day, metavar="DAY", help="the first day (UTC), like 2026-12-31 (default: now)"
    )
    parser.add_argument("--until", type=a_day, metavar="DAY", help="the last day (default: until it is ended)")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_allow(arguments))


async def _allow(arguments: Namespace) -> int:
    asked = {name: getattr(arguments, name) for name in ("code", "right", "whom", "reason", "since", "until")}
    async for row in ask(settings_from(arguments), "room-allow", asked):
        sys.stdout.write(f"rule {row['rule']} holds\n")
    return 0
