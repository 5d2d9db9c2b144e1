"""A text in pieces: what was found in it is told from the rest, and of a long text only what lies around is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.personal_data.finding import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.personal_data.finding import Finding
    from groupware.personal_data.searcher import Looked

WHOLE = 20_000
"""Characters up to which a text is shown whole."""
AROUND = 200
LEFT_OUT = "\n[…]\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and what seems to be there; "" for nothing."""

    text: str
    what: str = ""


def excerpts(looked: Looked) -> list[Piece]:
    """All of a text, or what is near to its findings."""
    return list(_pieces(looked.text, _apart(looked.findings)))


def _apart(findings: Sequence[Finding]) -> Iterator[tuple[int, int, str]]:
    """Stretches that don't overlap: what is within a wider finding is told with it."""
    end, start, kinds = -1, 0, dict[str, None]()
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if finding.start >= end and kinds:
            yield start, end, ", ".join(kinds)
            kinds = {}
        start = start if kinds else finding.start
        end = max(end, finding.end)
        kinds[WORDS[finding.kind]] = None
    if kinds:
        yield start, end, ", ".join(kinds)


def _pieces(text: str, stretches: Iterator[tuple[int, int, str]]) -> Iterator[Piece]:
    at = 0
    for start, end, what in stretches:
        yield Piece(_between(text, at, start))
        yield Piece(text[start:end], what)
        at = end
    yield Piece(_between(text, at, len(text)))


def _between(text: str, start: int, end: int) -> str:
    """What lies between two findings, its middle left out where the text is long."""
    if len(text) <= WHOLE or end - start <= 2 * AROUND:
        return text[start:end]
    return text[start : start + AROUND] + LEFT_OUT + text[end - AROUND : end]
