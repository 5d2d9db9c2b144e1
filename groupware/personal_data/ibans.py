"""Bank accounts: International Bank Account Numbers (ISO 13616) with right check digits, in their country's form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import iban

from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?=[ \u00a0.-]?[A-Z0-9])", re.IGNORECASE)
_SHORTEST, _LONGEST = 15, 34
_APART = " \u00a0-."


def find(text: str) -> Iterator[Finding | None]:
    """Each valid one, written in one piece or in groups."""
    after = 0
    for mark in _START.finditer(text):
        if mark.start() < after:
            continue
        end = _end(text, mark.start())
        after = max(after, end)
        yield Finding(Kind.IBAN, mark.start(), end, "check digits and form of an IBAN") if end else None


def _end(text: str, start: int) -> int:
    """Where the longest valid number from `start` ends, 0 without one: words may follow it without a sign between."""
    taken, ends = "", []
    for at in range(start, min(len(text), start + 2 * _LONGEST)):
        letter = text[at]
        if letter.isascii() and letter.isalnum():
            taken += letter
            ends.append(at + 1)
        elif letter not in _APART or len(taken) == _LONGEST:
            break
    taken = taken.upper()
    lengths = range(min(len(taken), _LONGEST), _SHORTEST - 1, -1)
    fits = (n for n in lengths if _remainder(taken[:n]) == 1 and iban.is_valid(taken[:n]))
    return next((ends[n - 1] for n in fits), 0)


def _remainder(number: str) -> int:
    """ISO 7064, MOD 97-10: asked first, since the library takes ten times as long to refuse."""
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97
