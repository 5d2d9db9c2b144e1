"""Arguments that the commands about a room's settings take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

MARKINGS = ("green", "amber", "amber+strict", "red")
SETTINGS = ("topic", "moderated", "marking", "handling", "retention", "patience", "bars_personal_data", "second_person")


def add_settings(parser: ArgumentParser) -> None:
    """What can be left out: then it has its default, or stays."""
    parser.add_argument("--topic", metavar="TEXT", help="one line on what it is about")
    parser.add_argument("--moderated", choices=["yes", "no"], help="whether posts await a moderator")
    parser.add_argument("--marking", choices=MARKINGS, help="the default marking (TLP)")
    parser.add_argument("--handling", type=int, choices=range(4), help="the clearance that readers of a new post need")
    parser.add_argument("--retention", metavar="CLASS", help="how long posts are kept: a word such as standard")
    parser.add_argument(
        "--bars-personal-data", choices=["yes", "no"], help="whether what seems to hold some awaits its author's word"
    )
    parser.add_argument(
        "--second-person", metavar="MARKINGS", help="which need a second person's word, such as 'TLP:RED H3'; '': none"
    )
    parser.add_argument(
        "--patience", type=int, metavar="HOURS", help="until deputies are told of a held post; 0: never"
    )


def settings_of(arguments: Namespace) -> dict[str, object]:
    """What was named."""
    return {name: getattr(arguments, name) for name in SETTINGS}
