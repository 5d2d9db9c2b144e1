"""Countries by their ISO 3166-1 alpha-2 codes, from the list that comes with the time zones (iso3166.tab)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def names() -> Mapping[str, str]:
    """Each code with the usual English name."""
    listed = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8")
    lines = (line.split("\t") for line in listed.splitlines() if not line.startswith("#"))
    return dict(lines)


def is_code(text: str) -> bool:
    """Whether it is one: two capital letters that a country has."""
    return text in names()
