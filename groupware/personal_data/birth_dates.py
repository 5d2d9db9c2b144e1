"""Dates of birth: a date by a word that says so, further dates of the same sentence, and columns of them."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from groupware.personal_data.columns import blocks, table
from groupware.personal_data.context import beginnings
from groupware.personal_data.dates import DATE
from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_REACH = 45
"""Characters between the word and the date."""
_NEXT = 32
"""Characters between one date of birth and another of the same sentence."""
_BEHIND = 14
_BORN = beginnings("born")
_SENTENCE_ENDS = re.compile(r"[!?;]\s|(?<!\d)(?<!\w\w[.])(?<=\w\w\w)\.\s+(?=[^\W\d_a-z])|\n\s*\n")

_BREAK = re.compile(r"\n|[!?]|(?<!\d)\.\s|(?<=\d{4})\.\s")


def find(text: str) -> Iterator[Finding | None]:
    """Each date of birth, with the word that says so."""
    last = -_NEXT
    columns = [found for lines in blocks(text) if (found := table(lines)) and found.born]
    for date in DATE.finditer(text):
        begin = _begin(text, date, last)
        while columns and columns[0].end <= date.start():
            columns.pop(0)
        if begin is None and columns and columns[0].start <= date.start():
            begin = date.start()
        if begin is None:
            yield None
            continue
        last = date.end()
        yield Finding(Kind.BIRTH_DATE, begin, date.end(), "a date by a word for birth")


def _begin(text: str, date: re.Match[str], last: int) -> int | None:
    """Where the word before stands, else where the date begins; None when nothing says that it is one of birth."""
    from_ = max(0, date.start() - _REACH)
    for word in deque(_BORN.finditer(text, from_, date.start()), 1):
        if not any(between.search(text, word.end(), date.start()) for between in (_SENTENCE_ENDS, DATE)):
            return word.start()
    if date.start() - last <= _NEXT and not _BREAK.search(text, last, date.start()):
        return date.start()
    behind = text[date.end() : date.end() + _BEHIND].lstrip(" ,")
    return date.start() if behind.startswith("(") and _BORN.match(behind, 1) else None
