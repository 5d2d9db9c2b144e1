"""Encoded words of header fields (RFC 2047): tolerant reading, careful writing."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, b2a_base64
from itertools import islice
from typing import TYPE_CHECKING

from groupware.message.charsets import one_line, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS_MAX = 1000
"""Encoded words of one field; what follows stays as it is."""
_CHUNK = 39
"""Octets of one written word: 64 characters with its frame, so that `Subject: ` and one word stay below 76."""

_WORD = re.compile(rb"=\?([^?\s*]{1,60}+)(?:\*[^?\s]{0,20}+)?\?([BbQq])\?([^?\s]*+)\?=")
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def count_words(value: bytes) -> int:
    """An upper bound of the encoded words in a field."""
    return value.count(b"=?")


def decode_exactly(value: bytes) -> str:
    """A field's text with its encoded words decoded, whatever they hold: line ends and NUL too."""
    if b"=?" not in value:
        return to_text(value, "utf-8")
    return "".join(to_text(b"".join(octets), charset) for charset, octets in _runs(value))


def decode(value: bytes) -> str:
    """A field's text for display: encoded words decoded, on one line, without CR, LF or NUL."""
    return one_line(decode_exactly(value)).strip()


def _runs(value: bytes) -> list[tuple[str, list[bytes]]]:
    """Stretches of one charset; neighbours of one charset are joined, since writers split characters between words."""
    runs: list[tuple[str, list[bytes]]] = []
    at = 0
    for found in islice(_WORD.finditer(value), WORDS_MAX):
        between = value[at : found.start()]
        # RFC 2047 6.2: white space between two encoded words isn't shown
        if not at or between.strip():
            runs.append(("utf-8", [between]))
        _append(runs, found[1].decode("ascii", "replace").lower(), _octets(found[2], found[3]))
        at = found.end()
    runs.append(("utf-8", [value[at:]]))
    return runs


def _append(runs: list[tuple[str, list[bytes]]], charset: str, octets: bytes) -> None:
    """Add to the last stretch if it is of the same charset; escape sequences begin anew in each ISO 2022 word."""
    if runs[-1][0] == charset and not charset.startswith("iso-2022"):
        runs[-1][1].append(octets)
    else:
        runs.append((charset, [octets]))


def _octets(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"Qq":
        return a2b_qp(text, header=True)
    return decode_base64(text)


def decode_base64(text: bytes) -> bytes:
    """Base64 as found in the wild: foreign characters and a broken end are passed over (RFC 2045 6.8)."""
    try:
        return a2b_base64(text)
    except Error:
        return _decode_broken_base64(text)


def _decode_broken_base64(text: bytes) -> bytes:
    kept = text.translate(None, NOT_BASE64)
    whole = len(kept) - len(kept) % 4
    rest = kept[whole:]
    return a2b_base64(kept[:whole] + (rest.ljust(4, b"=") if len(rest) > 1 else b""))


def encode(text: str) -> str:
    """Text as encoded words of UTF-8, divided at characters and by single spaces."""
    return " ".join(_encode_chunk(chunk) for chunk in _chunks(text))


def _encode_chunk(octets: bytes) -> str:
    return "=?utf-8?B?" + b2a_base64(octets, newline=False).decode("ascii") + "?="


def _chunks(text: str) -> Iterator[bytes]:
    chunk = bytearray()
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(chunk) + len(octets) > _CHUNK:
            yield bytes(chunk)
            chunk.clear()
        chunk += octets
    yield bytes(chunk)
