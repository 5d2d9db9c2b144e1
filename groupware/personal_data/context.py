"""Words that say what a number, a date or an address is; they stand in words.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FILE = Path(__file__).with_name("words.toml")


@cache
def _lists() -> Mapping[str, list[str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def whole(name: str) -> frozenset[str]:
    """A list of words that are meant as they stand."""
    return frozenset(_lists()[name])


def beginnings(name: str) -> re.Pattern[str]:
    """A list as one pattern that finds its words at the beginnings of words."""
    return pattern(_lists()[name])


def alternatives(name: str) -> str:
    """A list as a part of a pattern."""
    return "|".join(re.escape(word) for word in _lists()[name])


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """As `beginnings`, of words that stand elsewhere."""
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + ")", re.IGNORECASE)
