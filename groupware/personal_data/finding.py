"""What a detector says: a kind, a place and a reason; never the value itself, which would end in rows and logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST_CANDIDATES = 2_000
"""Places of one text that a detector looks at closely; a text with more is told of as not looked through."""
MOST_FINDINGS = 100
"""Findings of one kind in one text that are kept: who has to look at so many needs no more."""


class Kind(StrEnum):
    """What seems to be there."""

    IBAN = "iban"
    IDENTITY_NUMBER = "identity-number"
    MRZ = "mrz"
    PASSPORT = "passport"
    BIRTH_DATE = "birth-date"
    TELEPHONE = "telephone"
    EMAIL = "email"
    NAME_LIST = "name-list"
    UNREAD = "unread"
    """Nothing is known: the text is too long or too full to be looked through, or looking failed."""


WORDS = {
    Kind.IBAN: "bank accounts",
    Kind.IDENTITY_NUMBER: "national identity numbers",
    Kind.MRZ: "machine-readable zones of travel documents",
    Kind.PASSPORT: "passport numbers",
    Kind.BIRTH_DATE: "dates of birth",
    Kind.TELEPHONE: "telephone numbers",
    Kind.EMAIL: "e-mail addresses",
    Kind.NAME_LIST: "lists of names",
    Kind.UNREAD: "parts that couldn't be looked through",
}
"""The kinds for people."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of a `kind` at the characters `start` to before `end` of a text; `why` names what made it seem so."""

    kind: Kind
    start: int
    end: int
    why: str


Detector = Callable[[str], Iterator[Finding | None]]
"""Yields a finding, or None for a candidate that turned out to be none: so that candidates can be counted."""
