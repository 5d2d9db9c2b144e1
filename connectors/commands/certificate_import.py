"""Take in a certificate from an authority of your own. A running server shows it to clients within seconds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.arguments import add_place, settings_from
from connectors.certificate_import import take_in
from groupware import clock

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, and the files."""
    add_place(parser)
    parser.add_argument("chain", metavar="CHAIN", type=Path, help="PEM: the server's certificate, then those above it")
    parser.add_argument("key", metavar="KEY", type=Path, help="PEM: its private key, without a passphrase")
    parser.add_argument("--authority", metavar="FILE", type=Path, help="PEM: your authority, told to clients")


def run(arguments: Namespace) -> int:
    """Check and keep it."""
    settings = settings_from(arguments)
    ends = take_in(settings, arguments.chain, arguments.key, arguments.authority, clock.now())
    sys.stdout.write(f"taken; it ends on {ends:%Y-%m-%d %H:%M} UTC\n")
    return 0
