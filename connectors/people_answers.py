"""What the commands about people have in common: columns as arguments, and rows as lines."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from connectors.arguments import settings_from
from connectors.questions import ask
from groupware.people.columns import COLUMNS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from connectors.control import Row

SETTABLE = tuple(column for column in COLUMNS if column != "login")


def add_columns(parser: ArgumentParser) -> None:
    """`COLUMN=VALUE ...`, as in a file."""
    meaning = f"{', '.join(SETTABLE)}; days are like 2026-12-31, `listed` is yes or no"
    parser.add_argument("columns", nargs="+", type=_column, metavar="COLUMN=VALUE", help=meaning)


def _column(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or name not in SETTABLE:
        raise ArgumentTypeError(f"{text!a} is no COLUMN=VALUE; the columns are {', '.join(SETTABLE)}")
    return name, value


def columns_of(arguments: Namespace) -> dict[str, str]:
    """The columns by name."""
    return dict(arguments.columns)


def told(arguments: Namespace, question: str, asked: Row, line: Callable[[Row], str]) -> int:
    """Print a line for each row of the answer, or the rows themselves as JSON where that was asked for."""
    return asyncio.run(_told(arguments, question, asked, json.dumps if getattr(arguments, "json", False) else line))


async def _told(arguments: Namespace, question: str, asked: Row, line: Callable[[Row], str]) -> int:
    async for row in ask(settings_from(arguments), question, asked):
        sys.stdout.write(f"{line(row)}\n")
    return 0
