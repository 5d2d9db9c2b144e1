"""Values with parameters (RFC 2045 5.1) and their long or foreign values (RFC 2231)."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from groupware.message.charsets import one_line, to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

PARAMETERS_MAX = 100
"""Parameters read of one field."""

_PARAMETER = re.compile(rb';\s*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?+|([^\s;]*+))', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_CONTINUED = re.compile(rb"([^*]+)(?:\*([0-9]{1,3}))?(\*)?")

Parameters = tuple[tuple[bytes, bytes], ...]


def unquote(text: bytes) -> bytes:
    """A quoted string's content without its backslashes (RFC 5322 3.2.4)."""
    return _ESCAPE.sub(rb"\1", text) if b"\\" in text else text


def read(value: bytes) -> tuple[bytes, Parameters]:
    """The word before the first `;` and the parameters as they stand, at most `PARAMETERS_MAX`."""
    at = value.find(b";")
    if at < 0:
        return _first_word(value), ()
    found = islice(_PARAMETER.finditer(value, at), PARAMETERS_MAX)
    return _first_word(value[:at]), tuple((m[1], m[3] if m[2] is None else unquote(m[2])) for m in found)


def _first_word(value: bytes) -> bytes:
    words = value.split(None, 1)
    return words[0] if words else b""


def plain(parameters: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The first parameter called `name` (lower case), None without one."""
    return next((value for key, value in parameters if key.lower() == name), None)


def decoded(parameters: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """A parameter for display, put together and decoded (RFC 2231 3 and 4); on one line; None without one."""
    pieces: dict[int, tuple[bytes, bool]] = {}
    for key, value in parameters:
        found = _CONTINUED.fullmatch(key)
        if found and found[1].lower() == name:
            pieces.setdefault(int(found[2] or 0), (value, bool(found[3])))
    return _joined(pieces) if pieces else None


def _joined(pieces: dict[int, tuple[bytes, bool]]) -> str:
    ordered = [pieces[number] for number in sorted(pieces)]
    charset, ordered = _charset_of(ordered)
    octets = b"".join(unquote_to_bytes(value) if extended else value for value, extended in ordered)
    return one_line(to_text(octets, charset))


def _charset_of(pieces: list[tuple[bytes, bool]]) -> tuple[str, list[tuple[bytes, bool]]]:
    """The charset named at the start of the first piece (`utf-8'de'...`), and the pieces without that start."""
    value, extended = pieces[0]
    if not extended or value.count(b"'") < 2:  # noqa: PLR2004 - RFC 2231 4: charset'language'text
        return "utf-8", pieces
    charset, _, text = value.split(b"'", 2)
    return charset.decode("ascii", "replace"), [(text, True), *pieces[1:]]
