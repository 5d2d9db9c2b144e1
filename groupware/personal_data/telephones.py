"""Telephone numbers of people: international ones by their form, national ones by a word before them, too.

A number by a word for an office is the office's; so is a fixed line in a signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from groupware.personal_data.context import beginnings
from groupware.personal_data.finding import Finding, Kind
from groupware.personal_data.signatures import signatures

if TYPE_CHECKING:
    from collections.abc import Iterator

REGIONS = tuple(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905 -- a list of states reads best so
)
"""Whose national numbers are known: the network's states."""
_NUMBER = re.compile(
    r"(?<![\w+/.-])(?:\+|00\s?(?=[1-9])|(?=\(?[0-9]))\(?[0-9](?:[ \u00a0./()-]{0,2}[0-9]){6,14}(?![\w/]|[.-]\d)"
)
_TELEPHONE, _NUMBERED = beginnings("telephone"), beginnings("number")
_FILED, _OFFICE = beginnings("filed"), beginnings("office")
_REACH, _OFFICE_REACH = 40, 70
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER)
_DATED = re.compile(r"(?:19|20)\d{2}[./ -]\d{1,2}[./ -]\d{1,2}(?!\d)|\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}(?!\d)")

_YEAR_LAST = re.compile(r"/(?:19|20)?\d{2}\Z")
_NEAR = 16


def find(text: str) -> Iterator[Finding | None]:
    """Each number that seems to be somebody's own."""
    signed = signatures(text)
    for found in _NUMBER.finditer(text):
        kind = _kind(text, found)
        if kind is None or _is_an_office(text, found, kind, signed):
            yield None
            continue
        yield Finding(Kind.TELEPHONE, *found.span(), "a telephone number")


def _kind(text: str, found: re.Match[str]) -> int | None:
    """The type of number that it seems to be, None for none."""
    written = found[0]
    called = _TELEPHONE.search(text, max(0, found.start() - _REACH), found.start())
    numbered = called or _NUMBERED.search(text, max(0, found.start() - _REACH), found.start())
    if written.startswith(("+", "00")):
        return _type("+" + written.removeprefix("00").lstrip("+ "), None, if_possible=numbered is not None)
    if (
        _DATED.match(written)
        or _YEAR_LAST.search(written)
        or _FILED.search(text, max(0, found.start() - _NEAR), found.start())
    ):
        return None
    if called:
        return _national(written)
    kind = _national(written) if numbered else None
    return kind if kind in _MOBILE else None


def _national(written: str) -> int | None:
    """The type in one of the states, a mobile number first."""
    kinds = [kind for region in REGIONS if (kind := _type(written, region)) is not None]
    return next((kind for kind in kinds if kind in _MOBILE), kinds[0] if kinds else None)


def _type(written: str, region: str | None, *, if_possible: bool = False) -> int | None:
    """The type of a valid number; of an international one `if_possible`, too: plans of numbers change."""
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return phonenumbers.number_type(number)
    return PhoneNumberType.UNKNOWN if if_possible and phonenumbers.is_possible_number(number) else None


def _is_an_office(text: str, found: re.Match[str], kind: int, signed: list[tuple[int, int]]) -> bool:
    """A mobile number is somebody's own, unless the words right before it say otherwise."""
    if kind not in _MOBILE and any(start <= found.start() < end for start, end in signed):
        return True
    begin = max(0, found.start() - _OFFICE_REACH)
    line = text.rfind("\n", begin, found.start())
    behind = _OFFICE.search(text, found.end(), min(len(text), found.end() + _REACH))
    near = _OFFICE.search(text, max(begin, line + 1), found.start())
    return bool(near or (behind and kind not in _MOBILE and "\n" not in text[found.end() : behind.start()]))
