"""Mailbox names: modified UTF-7 both ways (RFC 3501 5.1.3), INBOX in any case, and the patterns of LIST."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from connectors.imap.limits import MAX_MAILBOX
from connectors.imap.line import BadCommand

INBOX = "INBOX"
SEPARATOR = "/"
_SHIFT = re.compile(r"[A-Za-z0-9+,]+")
_PLAIN = re.compile(r"[\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WILDCARDS = re.compile(r"[*%]+")
_FOREIGN = re.compile(r"[^\x20-\x7e]+|&")


def decode(written: bytes) -> str:
    """The name that a client wrote in modified UTF-7 or UTF-8; `BadCommand` if it is neither. Linear."""
    if len(written) > MAX_MAILBOX:
        raise BadCommand("Mailbox name too long")
    try:
        name = _unshift(written.decode())
    except ValueError as error:
        raise BadCommand("Mailbox name malformed") from error
    if _CONTROL.search(name):
        raise BadCommand("Mailbox name malformed")
    return INBOX if name.upper() == INBOX else name


def _unshift(text: str) -> str:
    """Every `&...-` replaced by what it stands for; `ValueError` when one is malformed."""
    first, *shifted = text.split("&")
    return first + "".join(map(_unshift_one, shifted))


def _unshift_one(text: str) -> str:
    """`text` follows an `&`. No `-`, foreign letters, half characters or hidden ASCII: `ValueError`."""
    letters, dash, rest = text.partition("-")
    if not dash:
        raise ValueError(text)
    return (_characters(letters) if letters else "&") + rest


def _characters(letters: str) -> str:
    if not _SHIFT.fullmatch(letters):
        raise ValueError(letters)
    try:
        found = b64decode(letters.replace(",", "/") + "=" * (-len(letters) % 4)).decode("utf-16-be")
    except binascii.Error as error:
        raise ValueError(letters) from error
    if not found or _PLAIN.search(found):  # RFC 3501 5.1.3: printing ASCII stands for itself, so one name, one spelling
        raise ValueError(letters)
    return found


def encode(name: str) -> bytes:
    """`name` in modified UTF-7, neither quoted nor a literal."""
    return _FOREIGN.sub(_shift, name).encode("ascii")


def _shift(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    letters = b64encode(match[0].encode("utf-16-be")).decode("ascii")
    return "&" + letters.rstrip("=").replace("/", ",") + "-"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name with `*` (anything) and `%` (anything within a level), RFC 9051 6.3.9.

    All places where the pattern may stand are one integer's bits, moved on by each letter of the name: the time is
    the name's length, whatever the wildcards (a regex of forty `*` never ends).
    """

    places: dict[str, int]
    stars: int
    percents: int
    end: int

    @classmethod
    def of(cls, text: str) -> Pattern:
        """The pattern that `text` means; a row of wildcards means what its widest means."""
        places: dict[str, int] = {}
        plain = _WILDCARDS.sub(lambda row: "*" if "*" in row[0] else "%", text)
        for at, letter in enumerate(plain):
            places[letter] = places.get(letter, 0) | 1 << at
        return cls(places, places.pop("*", 0), places.pop("%", 0), 1 << len(plain))

    def matches(self, name: str) -> bool:
        """Whether the whole of `name` fits."""
        here = self._slide(1)
        for letter in name:
            stay = here & (self.stars if letter == SEPARATOR else self.stars | self.percents)
            here = self._slide((here & self.places.get(letter, 0)) << 1 | stay)
        return bool(here & self.end)

    def _slide(self, here: int) -> int:
        """`here`, and what lies behind a wildcard that stands for nothing."""
        return here | (here & (self.stars | self.percents)) << 1
