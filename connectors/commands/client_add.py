"""Let officials sign in at another program through ICONet. Prints JSON; the secret in it is shown only this once."""

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

MANY = {
    "--redirect": ("redirects", "where codes may go, exactly: https, or http on this machine"),
    "--return": ("returns", "where a browser may go after signing out"),
    "--body": ("bodies", "the code of a state or institution whose officials it may serve (default: all)"),
    "--area": ("areas", "the code of an area; it serves those who may enter one of its rooms (default: all)"),
}
FLAGS = {
    "--first-party": ("first_party", "nobody is asked for consent"),
    "--refresh": ("refreshes", "it gets refresh tokens"),
    "--introspect": ("introspects", "it may ask about the tokens of other programs"),
    "--public": ("public", "it can't keep a secret, and gets none"),
}


def add(parser: ArgumentParser) -> None:
    """Place, and what the program is."""
    add_place(parser)
    parser.add_argument("name", metavar="CLIENT_ID", help="its name in requests: a-z 0-9 . _ -")
    parser.add_argument("--title", metavar="NAME", help="its name for people (default: CLIENT_ID)")
    parser.add_argument("--back-channel", default="", metavar="URI", help="where it is told that somebody signed out")
    parser.add_argument(
        "--algorithm", choices=["ES256", "RS256"], default="ES256", help="how tokens for it are signed (default: ES256)"
    )
    for option, (name, meaning) in MANY.items():
        metavar = "URI" if option in ("--redirect", "--return") else "CODE"
        told = f"{meaning}; may be repeated"
        parser.add_argument(option, dest=name, metavar=metavar, action="append", default=[], help=told)
    for option, (name, meaning) in FLAGS.items():
        parser.add_argument(option, dest=name, action="store_true", help=meaning)


def run(arguments: Namespace) -> int:
    """Do it, in the running server if there is one."""
    names = ("name", "back_channel", "algorithm", *(name for name, _ in (*MANY.values(), *FLAGS.values())))
    said = {name: getattr(arguments, name) for name in names}
    return asyncio.run(_add(settings_from(arguments), {**said, "title": arguments.title or arguments.name}))


async def _add(settings: Settings, said: dict[str, object]) -> int:
    async for row in ask(settings, "client-add", said):
        sys.stdout.write(json.dumps(row) + "\n")
    return 0
