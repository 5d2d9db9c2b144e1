"""Say what the policies answer to "may LOGIN do ACTION to ITEM?", and by which rules."""

from __future__ import annotations

import asyncio
import sys
from argparse import RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.item_words import table
from connectors.questions import ask
from policies.vocabulary import Action

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and the question."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    parser.add_argument(
        "action", metavar="ACTION", choices=[each.value for each in Action], help="what they would do: see below"
    )
    parser.add_argument("item", metavar="ITEM", help="what they would do it to: see below")
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = f"For each ACTION, what ITEM is:\n{table()}\n\nSuch as: iconet why anna.kask enter return"


def run(arguments: Namespace) -> int:
    """Print the decision and each rule that made it."""
    return asyncio.run(_why(arguments))


async def _why(arguments: Namespace) -> int:
    """Rows are {"allowed": bool, "rules": [name, ...]}: one for each meaning that ITEM can have."""
    question = {"login": arguments.login, "action": arguments.action, "item": arguments.item}
    async for row in ask(settings_from(arguments), "why", question):
        decision = "allowed" if row["allowed"] else "refused"
        sys.stdout.write(f"{decision} by {', '.join(row['rules']) or 'default: no rule permits it'}\n")
    return 0
