"""Header fields as we write them: one line or folded, ASCII, and never a line end that somebody else put in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from groupware.message import words

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLD_AT = 78
"""Characters of a line, if its words allow (RFC 5322 2.1.1)."""
WORD_MAX = 900
"""Characters of a word; a longer one couldn't be folded below 998."""
REMEMBERED = 1024
"""Fields of free text that are remembered: those that ICONet adds are the same for many messages."""

_NAME = re.compile(r"[!-9;-~]{1,76}")
_FORBIDDEN = re.compile(r"[\r\n\x00]")
_PRINTABLE = re.compile(r"[\t -~]*")
_WORD = re.compile(r"[ \t]*[^ \t]+")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def check(name: str, value: str) -> None:
    """Raise ValueError naming the field if the value holds CR, LF or NUL, plainly or within an encoded word."""
    # CVE-2024-6923: a writer that decodes and folds again would turn `=?utf-8?Q?=0A?=` into a new field.
    octets = value.encode("utf-8", "replace")
    if _FORBIDDEN.search(value) or _FORBIDDEN.search(words.decode_exactly(octets)):
        raise ValueError(f"{name} holds a line end or NUL")


@lru_cache(REMEMBERED)
def unstructured(name: str, value: str) -> bytes:
    """A field of free text (RFC 5322 2.2.1); other than printable ASCII becomes encoded words."""
    check(name, value)
    fits = _PRINTABLE.fullmatch(value) and "=?" not in value and all(len(w) <= WORD_MAX for w in value.split())
    return _folded(name, value if fits else words.encode(value))


def structured(name: str, value: str) -> bytes:
    """A field with a syntax of its own, already in ASCII; it may be folded at any of its spaces."""
    check(name, value)
    if not _PRINTABLE.fullmatch(value) or any(len(word) > WORD_MAX for word in value.split()):
        raise ValueError(f"{name} can't be written")
    return _folded(name, value)


def phrase(name: str, text: str) -> str:
    """A display name as atoms, quoted string or encoded words (RFC 5322 3.2.5); `name` is the field it is for."""
    check(name, text)
    if not _PRINTABLE.fullmatch(text) or "=?" in text:
        return words.encode(text)
    if not text or _PLAIN_PHRASE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folded(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a field")
    lines = list(_lines(f"{name}:", _WORD.findall(" " + value.strip())))
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def _lines(line: str, pieces: Iterable[str]) -> Iterable[str]:
    for piece in pieces:
        if len(line) + len(piece) > FOLD_AT and line[-1] != ":":
            yield line
            line = piece
        else:
            line += piece
    yield line
