"""What a door was given as the name of something: a token, a Message-ID, an address."""

from __future__ import annotations

from groupware.errors import NotFound


def name(text: str) -> str:
    """`text` itself; NotFound for what nothing is ever called.

    A NUL or half a character would make PostgreSQL refuse the question as such, which is another answer.
    """
    if not text.isprintable():
        raise NotFound(ascii(text))
    return text
