"""Every detector on one text, in bounded time: candidates and findings are counted, the rest is said to be unread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from groupware.personal_data import (
    birth_dates,
    emails,
    ibans,
    identity_numbers,
    mrz,
    name_lists,
    passports,
    telephones,
)
from groupware.personal_data.finding import MOST_CANDIDATES, MOST_FINDINGS, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.personal_data.finding import Detector

LONGEST = 1 << 20
"""Characters of one text that are looked through."""
_NUMBERS = (Kind.TELEPHONE, Kind.PASSPORT, Kind.IDENTITY_NUMBER)
"""Kinds whose digits may be those of something surer."""


def look(text: str, own: Sequence[str] = ()) -> list[Finding]:
    """What seems to be there, in the order of the text; addresses in our `own` domains aren't told."""
    shown = text[:LONGEST]
    detectors: tuple[Detector, ...] = (
        ibans.find,
        mrz.find,
        identity_numbers.find,
        passports.find,
        birth_dates.find,
        telephones.find,
        partial(emails.find, own=own),
        name_lists.find,
    )
    found: list[Finding] = []
    for detector in detectors:
        found += _new(list(_some(detector, shown)), found)
    if len(text) > LONGEST:
        found.append(Finding(Kind.UNREAD, LONGEST, len(text), "the text is too long"))
    return sorted(found, key=lambda each: (each.start, each.end))


def _some(detector: Detector, text: str) -> Iterator[Finding]:
    """What a detector finds, until it has looked at too much or found enough."""
    findings = 0
    for candidate, finding in enumerate(detector(text)):
        if candidate >= MOST_CANDIDATES or findings >= MOST_FINDINGS:
            start = finding.start if finding else 0
            yield Finding(Kind.UNREAD, start, len(text), "there is too much that looks like it")
            return
        if finding is not None:
            findings += 1
            yield finding


def _new(found: list[Finding], before: list[Finding]) -> list[Finding]:
    """Those that aren't within what a surer detector has found already."""
    return [each for each in found if each.kind not in _NUMBERS or not any(_overlap(each, other) for other in before)]


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end and other.kind is not Kind.UNREAD
