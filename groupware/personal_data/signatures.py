"""Where the signature of a message is: what stands there is an office's, unless it is a mobile telephone."""

from __future__ import annotations

import re
from itertools import islice

from groupware.personal_data.context import alternatives

_GREETINGS = alternatives("greeting")
_SIGNATURE = re.compile(
    r"^(?:[^\n]{0,40}[.!]\s)?-- ?$"  # RFC 3676 4.3, and behind the last sentence
    rf"|^(?:{_GREETINGS})\b[^\n]{{0,60}}$|(?:^|\.\s)(?:{_GREETINGS}),\s",
    re.IGNORECASE | re.MULTILINE,
)
_LINES, _MOST = 8, 100


def signatures(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that are signatures: from a greeting on, for a few lines."""
    begins = islice(_SIGNATURE.finditer(text), _MOST)
    return [(found.start(), _lines_on(text, found.end())) for found in begins]


def _lines_on(text: str, at: int) -> int:
    for _ in range(_LINES):
        at = text.find("\n", at + 1)
        if at < 0:
            return len(text)
    return at
