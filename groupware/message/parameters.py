"""Values with parameters (RFC 2045 5.1) and their long or foreign values (RFC 2231)."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_to_bytes

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


class _Piece(NamedTuple):
    value: bytes
    extended: bool


def decoded(parameters: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """A parameter for display, put together and decoded (RFC 2231 3 and 4); on one line; None without one."""
    pieces = _gathered(parameters).get(name)
    if not pieces:
        return None
    charset, ordered = _charset_of([pieces[number] for number in sorted(pieces)])
    octets = b"".join(unquote_to_bytes(piece.value) if piece.extended else piece.value for piece in ordered)
    return one_line(to_text(octets, charset))


def joined(parameters: Parameters) -> Parameters:
    """The parameters with continued values put together, as IMAP shows them (RFC 2231 6).

    `title*0*=us-ascii'en'a%20; title*1=b` becomes `title*=us-ascii'en'a%20b`.
    """
    if not any(b"*" in key for key, _ in parameters):
        return parameters
    return tuple(_written(name, pieces) for name, pieces in _gathered(parameters).items())


def _gathered(parameters: Sequence[tuple[bytes, bytes]]) -> dict[bytes, dict[int, _Piece]]:
    """Pieces by the name and number of their parameter; a name that is no piece's stands for itself."""
    gathered: dict[bytes, dict[int, _Piece]] = {}
    for key, value in parameters:
        found = _CONTINUED.fullmatch(key)
        name, number, extended = found.groups() if found else (key, None, None)
        gathered.setdefault(name.lower(), {}).setdefault(int(number or 0), _Piece(value, bool(extended)))
    return gathered


def _written(name: bytes, pieces: dict[int, _Piece]) -> tuple[bytes, bytes]:
    ordered = [pieces[number] for number in sorted(pieces)]
    if not any(piece.extended for piece in ordered):
        return name, b"".join(piece.value for piece in ordered)
    values = (piece.value if piece.extended else quote(piece.value).encode() for piece in ordered)
    return name + b"*", b"".join(values)


def _charset_of(pieces: list[_Piece]) -> tuple[str, list[_Piece]]:
    """The charset named at the start of the first piece (`utf-8'de'...`), and the pieces without that start."""
    value, extended = pieces[0]
    if not extended or value.count(b"'") < 2:  # noqa: PLR2004 - RFC 2231 4: charset'language'text
        return "utf-8", pieces
    charset, _, text = value.split(b"'", 2)
    return charset.decode("ascii", "replace"), [_Piece(text, extended=True), *pieces[1:]]
