"""Secrets that people copy: random characters of Crockford's base 32, in groups for the eye, read back leniently."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without i, l, o and u. Five bits a character."""
_GROUP = 4


def random_text(length: int) -> str:
    """So many random characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def grouped(text: str) -> str:
    """In groups of four, with dashes."""
    return "-".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def plain(text: str) -> str:
    """Without dashes and spaces, in small letters."""
    return text.lower().replace("-", "").replace(" ", "")


def is_made_of(text: str, length: int) -> bool:
    """Whether a plain text is such a secret."""
    return len(text) == length and set(text) <= set(ALPHABET)
