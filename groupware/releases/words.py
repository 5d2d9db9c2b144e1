"""The states of a release and of a consent, and what the texts of an ask have to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from groupware import clock
from groupware.errors import Refused

HOUR = 3600 * clock.MICROSECONDS
DAY = 24 * HOUR
PATIENCE = 7 * DAY
"""For how long an ask waits for its answers: none means no."""
LONGEST_UNTIL = 2 * 366 * DAY
LONGEST_NAME, LONGEST_TEXT = 200, 2_000
_MAILBOX = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{|}~.-]{1,64}@([A-Za-z0-9.-]{1,190})")


class State(StrEnum):
    """Of a release. Agreed: all owners said yes. Packed: it lies in the relay's queue, or has left."""

    ASKED = "asked"
    AGREED = "agreed"
    PACKED = "packed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


class Word(StrEnum):
    """What an owner says."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for: to whom, on what ground, under which conditions, and until when they may have it."""

    recipient: str
    organisation: str
    purpose: str
    conditions: str
    until: int


def fit(asked: Asked, now: int) -> tuple[Asked, str]:
    """The same without blanks at the ends, and the recipient's domain. Raises Refused(unfit) in words for the asker."""
    found = _MAILBOX.fullmatch(asked.recipient.strip())
    if found is None:
        raise Refused("unfit", "the recipient is one mail address, local@domain")
    if not now < asked.until <= now + LONGEST_UNTIL:
        raise Refused("unfit", "the last day lies ahead, by two years at most")
    made = Asked(
        asked.recipient.strip(),
        a_line(asked.organisation, "the organisation"),
        a_text(asked.purpose, "the purpose"),
        a_text(asked.conditions, "the conditions"),
        asked.until,
    )
    return made, found[1].lower()


def a_line(text: str, what: str) -> str:
    """One line that has to be there. Raises Refused(unfit)."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.strip().isprintable():
        raise Refused("unfit", f"{what}: one line of at most {LONGEST_NAME} characters")
    return text.strip()


def a_text(text: str, what: str) -> str:
    """A text that has to be there. Raises Refused(unfit)."""
    if not text.strip():
        raise Refused("unfit", f"{what}: say it")
    return a_note(text, what)


def a_note(text: str, what: str) -> str:
    """A text that may be empty. Raises Refused(unfit)."""
    if len(text) > LONGEST_TEXT or any(not sign.isprintable() and sign not in "\r\n\t" for sign in text):
        raise Refused("unfit", f"{what}: a text of at most {LONGEST_TEXT} characters")
    return text.strip().replace("\r\n", "\n")
