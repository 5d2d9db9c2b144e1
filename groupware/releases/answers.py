"""Yes or no, as people write it at the beginning of an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.errors import Refused
from groupware.releases.words import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

YES = frozenset({"yes", "oui", "ja", "si", "tak", "ano", "da", "kylla", "nai"})
NO = frozenset({"no", "non", "nein", "nie", "ne", "nej", "nee", "ei", "ochi"})
_WORD = re.compile(r"[^\W\d_]+")


def word_of(text: str) -> tuple[Word, str]:
    """Yes or no, and what stands behind it in the same paragraph. Raises Refused(unfit)."""
    first = next(_said(text), "")
    found = _WORD.match(first)
    said = found[0].casefold() if found else ""
    if said not in YES | NO:
        raise Refused("unfit", "begin your answer with yes, or with no and your reason")
    behind = first[found.end() :].lstrip(" ,.:;-!") if found else ""
    return (Word.YES if said in YES else Word.NO), behind.strip()


def _said(text: str) -> Iterator[str]:
    """Paragraphs that aren't quoted, each as one line."""
    for paragraph in text.split("\n\n"):
        lines: Sequence[str] = [line.strip() for line in paragraph.splitlines()]
        own = " ".join(line for line in lines if line and not line.startswith(">"))
        if own and not own.endswith(":"):
            yield own
