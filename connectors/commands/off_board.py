"""End everything of an official who leaves: sign-ins, open sessions, grants. Never refused.

Says when each door let go of them; exit 1 if one doesn't.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.door_words import WAYS_IN
from connectors.fault import Fault
from connectors.questions import ask
from groupware.clock import MICROSECONDS
from groupware.duties.closings import SILENT

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row


def add(parser: ArgumentParser) -> None:
    """Place, and who leaves."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    return asyncio.run(_off_board(arguments))


async def _off_board(arguments: Namespace) -> int:
    rows = [row async for row in ask(settings_from(arguments), "off-board", {"login": arguments.login})]
    at = rows[0]["at"]
    sys.stdout.write(f"{rows[0]['login']} is off-boarded\n")
    for row in rows[1:]:
        sys.stdout.write(_line(row, at))
    silent = [_way(row) for row in rows if row.get("at") == SILENT]
    if silent:
        raise Fault(f"no word from {', '.join(silent)}: nothing opens there any more, but what was open may still be")
    return 0


def _line(row: Row, left: int) -> str:
    """What ended with the decision itself, or how long after it a door had nothing open any more."""
    if "ended" in row:
        return f"{row['ended']:<38}{row['count']:>5} ended   at once\n"
    if "what" in row:
        return f"{row['what']:<38}{row['count']:>5} went to {row['to'] or 'nobody: nobody can keep it'}\n"
    if row["at"] == SILENT:
        return f"{_way(row):<38}    ? no answer\n"
    after = max(0, row["at"] - left) / MICROSECONDS
    return f"{_way(row):<38}{row['sessions']:>5} closed  after {after:.3f} s\n"


def _way(row: Row) -> str:
    """A door, as the portal calls it; that of another process as itself."""
    door = str(row["door"])
    return WAYS_IN.get(door, door)
