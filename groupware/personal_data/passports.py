"""Passport numbers: signs of the right form by a word for the document. They have no check digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.personal_data.context import beginnings
from groupware.personal_data.dates import DATE
from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_REACH = 48
_LEAST_DIGITS = 4
_SEVERAL = beginnings("several_passports")
_PASSPORT = beginnings("passport")
_NUMBER = re.compile(r"(?<![\w/.-])(?=[A-Z0-9]*[0-9])[A-Z0-9]{6,10}(?![\w/]|[.-]\w)")
_BEHIND = re.compile(r"(?<![\w/.-])([A-Z]{1,3}[0-9]{6,8})\s?\((?:passport|pass|passeport|pasaporte|passaporto)\)")
_STOPS = re.compile(r"[!?\n]|(?<=\w\w\w)\.\s")


def find(text: str) -> Iterator[Finding | None]:
    """Each number that a passport seems to have."""
    for word in _PASSPORT.finditer(text):
        number = None if _SEVERAL.match(text, word.start()) else _number(text, word.end())
        yield Finding(Kind.PASSPORT, *number.span(), "a number by a word for passport") if number else None
    for found in _BEHIND.finditer(text):
        yield Finding(Kind.PASSPORT, *found.span(1), "a number by a word for passport")


def _number(text: str, start: int) -> re.Match[str] | None:
    """The first number in reach, before the sentence ends, that isn't a date."""
    stop = _STOPS.search(text, start, start + _REACH)
    end = min(len(text), stop.start() + 1 if stop else start + _REACH)
    for found in _NUMBER.finditer(text, start, min(len(text), end + 10)):
        digits = sum(sign.isdigit() for sign in found[0])
        if found.start() < end and digits >= _LEAST_DIGITS and not DATE.match(text, found.start()):
            return found
    return None
