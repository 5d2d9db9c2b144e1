"""Run ICONet: all doors, or those named, so that on PostgreSQL several processes share the work."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from connectors import logs
from connectors.arguments import add_place, add_serving, endpoints_from, settings_from
from connectors.doors import DOORS
from connectors.supervisor import Supervisor, serve

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place, ports, and the doors to open."""
    add_place(parser)
    add_serving(parser)
    parser.add_argument("doors", nargs="*", type=_door, metavar="DOOR", help=f"{', '.join(DOORS)} (default: all)")


def _door(name: str) -> str:
    if name not in DOORS:
        raise ArgumentTypeError(f"no such door: {name} (there are: {', '.join(DOORS)})")
    return name


def run(arguments: Namespace) -> int:
    """Serve until told to stop."""
    settings = settings_from(arguments)
    logs.install(settings.log_level)
    doors = {name: factory for name, factory in DOORS.items() if name in arguments.doors or not arguments.doors}
    part = "-".join(doors) if arguments.doors else ""
    return serve(Supervisor(settings, endpoints_from(arguments, settings), doors=doors, part=part))
