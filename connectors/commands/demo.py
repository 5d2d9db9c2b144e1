"""Run the demo network on this machine: seeded once, every door on loopback."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors import logs
from connectors.arguments import add_place, add_serving, endpoints_from, settings_from
from connectors.demo.network import seed
from connectors.settings import Relay
from connectors.supervisor import Supervisor, serve

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping


HOME = Path("var/demo")


def add(parser: ArgumentParser) -> None:
    """Place and ports."""
    add_place(parser, HOME)
    add_serving(parser)


def run(arguments: Namespace) -> int:
    """Serve until told to stop. Without a place it is kept in var/demo."""
    if not arguments.config and not arguments.data:
        arguments.data = HOME
    settings = settings_from(arguments)
    # nothing leaves this machine, and everybody gets in with the password that is printed
    alone = replace(settings.sign_in, second_factor="nobody")
    settings = replace(settings, relay=Relay(outbox=str(settings.data.absolute() / "outbox")), sign_in=alone)
    logs.install(settings.log_level)
    return serve(Supervisor(settings, endpoints_from(arguments, settings), seed=seed, report=show))


def show(endpoints: Mapping[str, Any]) -> None:
    """Print where to go and who to be."""
    with suppress(OSError):  # a server goes on when nobody reads along
        sys.stdout.write("\n".join((*_doors(endpoints), "", *_people(endpoints), "", *_resources(endpoints))) + "\n")
        sys.stdout.flush()


def _doors(endpoints: Mapping[str, Any]) -> list[str]:
    lines = [f"ICONet demo: {endpoints['domain']}"]
    for name, part in endpoints.items():
        if isinstance(part, dict) and "url" in part:
            lines.append(f"  {name:<12} {part['url']}")
        elif isinstance(part, dict) and "port" in part:
            lines.append(f"  {name:<12} {part['host']}:{part['port']}  TLS: {part['tls']}")
    return [*lines, f"  {'authority':<12} {endpoints.get('ca_file', '')}"]


def _people(endpoints: Mapping[str, Any]) -> list[str]:
    head = f"  {'login':<24} {'password (portal)':<24} {'app password (clients)':<36} may"
    rows = [
        f"  {person['login']:<24} {person['password']:<24} {person['app_password']:<36} {', '.join(person['areas'])}"
        + (f" ({', '.join(person['roles'])})" if person["roles"] else "")
        for person in endpoints["people"]
    ]
    return [head, *rows] if rows else []


def _resources(endpoints: Mapping[str, Any]) -> list[str]:
    head = f"  {'to be booked by an invitation to':<34} {'seats':>5}  of the members of"
    rows = [
        f"  {resource['address']:<34} {resource['capacity']:>5}  {', '.join(resource['areas'])}"
        for resource in endpoints["resources"]
    ]
    return [head, *rows] if rows else []
