"""Words as search compares them: without marks, without case, Greek's final sigma like any other."""

from __future__ import annotations

from unicodedata import category, combining, normalize


def fold(text: str) -> str:
    """Text for the search index and for queries: NFKD, marks dropped, casefolded (which folds the final sigma too)."""
    if text.isascii():
        return text.lower()
    # Marks go before the normalisation too: it sorts a long run of them in quadratic time.
    return _unmarked(normalize("NFKD", _unmarked(text))).casefold()


def _unmarked(text: str) -> str:
    return "".join([sign for sign in text if not combining(sign) and category(sign) != "Mn"])
