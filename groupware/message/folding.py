"""Words as search compares them: without marks, without case, Greek's final sigma like any other."""

from __future__ import annotations

import re
from unicodedata import category, combining, normalize

_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point (Unicode 15, DerivedCoreProperties): what is shown as nothing."""
_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u04bb\u04cf\u0501\u051b\u051d"
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f2\u03f3\u0131\u0251\u0261",
    "abekmhopctyxsijhldqwabezhikmvoptuxcjiag",
)
"""Cyrillic, Greek and Latin letters that look like Latin's, small or capital (Unicode TS 39, confusables)."""


def fold(text: str) -> str:
    """Text for the search index and for queries: NFKD, marks dropped, casefolded (which folds the final sigma too)."""
    if text.isascii():
        return text.lower()
    # Marks go before the normalisation too: it sorts a long run of them in quadratic time.
    return _unmarked(normalize("NFKD", _unmarked(text))).casefold()


def _unmarked(text: str) -> str:
    return "".join([sign for sign in text if not combining(sign) and category(sign) != "Mn"])


def visible(text: str) -> str:
    """Without what can't be seen."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def skeleton(text: str) -> str:
    """Folded, without what can't be seen, and letters that look alike as one: for whoever hides what they quote.

    Of a text in Cyrillic or Greek it is no word that anybody reads; but the same text has always the same.
    """
    return fold(text) if text.isascii() else fold(visible(text)).translate(_ALIKE)
