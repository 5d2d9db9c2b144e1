"""Mark a post anew, in the name of an official who may: whoever speaks for the body whose unit owns it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.questions import ask
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, who decides, the post, and how."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="who decided it; put on record, as entered by the operator")
    parser.add_argument("message_id", metavar="MESSAGE-ID", help="the post's Message-ID")
    parser.add_argument(
        "marking", metavar="MARKING", choices=[each.label for each in Marking], help="such as TLP:CLEAR"
    )
    codes = [each.label for each in Handling]
    parser.add_argument("--handling", choices=codes, default="", help="its handling code; without this it stays")
    parser.add_argument("--reason", required=True, help="why; kept on record")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_mark(arguments))


async def _mark(arguments: Namespace) -> int:
    named = ("login", "message_id", "marking", "handling", "reason")
    async for row in ask(settings_from(arguments), "mark", {name: getattr(arguments, name) for name in named}):
        sys.stdout.write(f"{row['message_id']} is {row['marking']}\n")
    return 0
