"""Publish an official's posting abroad. It gives no role: who may read an area's rooms is decided apart from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.arguments import a_day, add_place
from connectors.people_answers import told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    add_place(parser)
    parser.add_argument("login", metavar="LOGIN", help="the official's login")
    parser.add_argument("country", metavar="COUNTRY", help="the host country's code (ISO 3166-1): TR, MA")
    parser.add_argument("city", metavar="CITY", help="where they are posted")
    parser.add_argument("--since", type=a_day, metavar="DAY", help="the first day (UTC; default: now)")
    parser.add_argument("--until", type=a_day, metavar="DAY", help="the day after the last (default: open)")
    parser.add_argument("--duties", default="", metavar="TEXT", help="what they do there")
    parser.add_argument("--area", dest="areas", action="append", default=[], metavar="CODE", help="one they work on")
    parser.add_argument("--serves", action="append", default=[], metavar="BODY", help="another body that they serve")
    parser.add_argument("--planned", action="store_true", help="other bodies may say that they are interested")


def run(arguments: Namespace) -> int:
    """Ask, and print the answer."""
    names = ("login", "country", "city", "since", "until", "duties", "areas", "serves", "planned")
    asked = {name: getattr(arguments, name) for name in names}
    return told(arguments, "posting-add", asked, "posting {id} of {login} is published".format_map)
