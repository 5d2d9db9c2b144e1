"""Make a one-time link by which an official sets their credentials; an earlier one ends. Hand it over yourself.

For one who has signed in before it is a link to new credentials, and they and their admins are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from connectors.control import Row

MEANS = {"join": "their first password or passkey", "reset": "new credentials in place of the old ones"}


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    return told(arguments, "people-invite", {"login": arguments.login}, _line)


def _line(row: Row) -> str:
    means = MEANS[row["purpose"]]
    return f"{row['url']}\nBy this link {row['login']} makes {means}. It works once, until {row['expires']}."
