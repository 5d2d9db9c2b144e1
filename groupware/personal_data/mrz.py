"""Machine-readable zones of travel documents (ICAO Doc 9303, parts 3 to 7): TD1, TD2, TD3, MRV-A and MRV-B.

The line with the dates gives a zone away: its form, and its check digits. What stands above it belongs to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEIGHTS = (7, 3, 1)
"""Doc 9303-3 4.9: the weights of check digits, over and over."""
_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
# Doc 9303-4 4.2.2.2, -6 4.2.2.2, -7 4.2.2.2 and 5.2.2: TD3 and MRV-A have 44 signs, TD2 and MRV-B 36; one form to 28
_LONG = re.compile(
    r"[A-Z0-9<]{9}[0-9<][A-Z<]{3}[0-9<]{6}[0-9][MFX<][0-9]{6}[0-9][A-Z0-9<]{8}(?:[A-Z0-9<]{8})?(?![A-Z0-9<])"
)
# Doc 9303-5 4.2.2.2: the second of three lines of 30 signs
_MIDDLE = re.compile(r"[0-9<]{6}[0-9][MFX<][0-9]{6}[0-9][A-Z<]{3}[A-Z0-9<]{11}[0-9](?![A-Z0-9<])")
_DATES = re.compile(r"(?<![A-Z0-9<])(?:[A-Z0-9<]{9}[0-9<][A-Z<]{3})?(?=[0-9<]{6}[0-9][MFX<][0-9]{7}[A-Z0-9<])")
_ABOVE = re.compile(r"[A-Z0-9<]{20,44}[ \t\r]*\n[>\s]{0,8}\Z")
_BELOW = re.compile(r"[ \t\r]*\n[>\s]{0,8}[A-Z<]{30}(?![A-Z0-9<])")
_LINE_AND_QUOTE = 60
_LEAST = 2
_TD1 = 30
"""Doc 9303-5 4.2.2.2: signs in each of its three lines."""
_SHORT_SPANS, _LONG_SPANS = ((0, 6), (8, 14)), ((0, 9), (13, 19), (21, 27))
"""What each check digit of the line stands behind: number, date of birth, date of expiry."""


def find(text: str) -> Iterator[Finding | None]:
    """Each zone, or the line of it that holds the numbers."""
    for mark in _DATES.finditer(text):
        found = (_LONG if mark.end() > mark.start() else _MIDDLE).match(text, mark.start())
        if found is None or not _checks(found[0]):
            yield None
            continue
        yield Finding(
            Kind.MRZ, _begin(text, found.start()), _end(text, found), "check digits of a machine-readable zone"
        )


def check_digit(signs: str) -> str:
    """Doc 9303-3 4.9: the sum of values by weight, modulo 10."""
    return str(sum(_VALUES[sign] * _WEIGHTS[at % 3] for at, sign in enumerate(signs)) % 10)


def _checks(line: str) -> bool:
    """At least two of a line's check digits are right: a sign that somebody mistyped doesn't hide a person."""
    spans = _SHORT_SPANS if len(line) == _TD1 else _LONG_SPANS
    right = sum(check_digit(line[start:end]) == line[end].replace("<", "0") for start, end in spans)
    return right >= _LEAST


def _begin(text: str, start: int) -> int:
    """Where the line above begins, if it is one of a zone."""
    from_ = max(0, start - _LINE_AND_QUOTE)
    above = _ABOVE.search(text[from_:start])
    return from_ + above.start() if above else start


def _end(text: str, found: re.Match[str]) -> int:
    """TD1 has the name below."""
    below = _BELOW.match(text, found.end()) if len(found[0]) == _TD1 else None
    return below.end() if below else found.end()
