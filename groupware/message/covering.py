"""The copy for people outside: a first line with the marking before the text, since not every program shows fields.

Nothing else is changed: of the tree only what is shown first gets the line, every other part keeps its octets. What is
signed or encrypted, or can't be read, is enclosed whole. The same message gives the same copy each time it is sent.
"""

from __future__ import annotations

import base64
import hashlib
from binascii import Error, a2b_qp, b2a_qp
from functools import lru_cache
from html import escape
from string import printable
from typing import TYPE_CHECKING, NamedTuple

from groupware.message import parameters, parts, structure
from groupware.message.charsets import codec_of
from groupware.message.errors import Unacceptable
from groupware.message.fields import read_tolerantly
from groupware.message.opening import opening
from groupware.message.text import file_name
from policies.vocabulary import Handling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupware.message.fields import Head
    from groupware.message.markings import Marks

_SEALED = frozenset(
    (
        (b"multipart", b"signed"),
        (b"multipart", b"encrypted"),
        (b"application", b"pkcs7-mime"),
        (b"application", b"x-pkcs7-mime"),
    )
)
"""RFC 1847 2, RFC 8551 3: a changed octet is a broken signature, and what is encrypted shows no text."""
_SHIFTING = ("iso2022", "hz")
"""Codecs by which octets that look like a tag may be half of a letter."""


class Edit(NamedTuple):
    """`raw[start:stop]` becomes `octets`."""

    start: int
    stop: int
    octets: bytes


def covered(raw: bytes, marks: Marks) -> bytes:
    """The message with the marking in FIRST's wording before its text; `raw` has CRLF line ends."""
    line = marks.marking.label if marks.handling is Handling.H0 else f"{marks.marking.label} {marks.handling.label}"
    try:
        root = parts.read(raw)
    except Unacceptable:
        return _enclosed(raw, line)
    if _kind(root) in _SEALED or (root.is_multipart and not root.children):
        return _enclosed(raw, line)
    edits = _edits(raw, root, line)
    return _behind(raw, root.head, line) if edits is None else _edited(raw, edits)


def _edited(raw: bytes, edits: Sequence[Edit]) -> bytes:
    at, pieces = 0, []
    for edit in edits:
        pieces += [raw[at : edit.start], edit.octets]
        at = edit.stop
    return b"".join([*pieces, raw[at:]])


def _kind(part: parts.Part) -> tuple[bytes, bytes]:
    return part.main.lower(), part.sub.lower()


def _edits(raw: bytes, part: parts.Part, line: str) -> list[Edit] | None:
    """What puts the line before what a part shows, in the part's own text; None where that can't be done well."""
    if not part.is_multipart:
        return _leaf(raw, part, line)
    way = _MULTIPARTS.get(part.sub.lower())
    return way(raw, part, line) if way and part.children else None


def _mixed(raw: bytes, part: parts.Part, line: str) -> list[Edit] | None:
    """RFC 2046 5.1.3: where the first part is no text, another goes before it."""
    edits = _edits(raw, part.children[0], line)
    if edits is not None:
        return edits
    at = part.children[0].start
    delimiter = raw[raw.rfind(b"\n", 0, at - 1) + 1 : at]
    return [Edit(at, at, _text(line) + b"\r\n" + delimiter)] if delimiter.endswith(b"\r\n") else None


def _alternative(raw: bytes, part: parts.Part, line: str) -> list[Edit] | None:
    """RFC 2046 5.1.4: whichever is shown has to have it; a call to a meeting is acted on beside (RFC 6047 2.4)."""
    shown = [child for child in part.children if _kind(child) != (b"text", b"calendar")]
    edits = [_edits(raw, child, line) for child in shown]
    return [edit for found in edits if found for edit in found] if edits and None not in edits else None


def _first(raw: bytes, part: parts.Part, line: str) -> list[Edit] | None:
    """RFC 2387 3.2 (unless `start` names another), RFC 6522 3: what is shown comes first."""
    return None if parameters.plain(part.parameters, b"start") else _edits(raw, part.children[0], line)


_MULTIPARTS: dict[bytes, Callable[[bytes, parts.Part, str], list[Edit] | None]] = {
    b"mixed": _mixed,
    b"alternative": _alternative,
    b"related": _first,
    b"report": _first,
}


def _leaf(raw: bytes, part: parts.Part, line: str) -> list[Edit] | None:
    html = _kind(part) == (b"text", b"html")
    if not (html or _kind(part) == (b"text", b"plain")) or not _is_shown(raw, part) or not _is_ascii(part, html=html):
        return None
    body, ways = raw[part.body_at : part.end], _ENCODINGS.get(structure.encoding(part).lower())
    try:
        octets = ways[0](body) if ways else None
    except Error:
        return None
    if ways is None or octets is None:
        return None
    wanted = _before_html(octets, line) if html else b"%b\r\n\r\n%b" % (line.encode(), octets)
    made = ways[1](wanted)
    return [Edit(part.body_at, part.end, made)] if ways[0](made) == wanted else None


def _is_shown(raw: bytes, part: parts.Part) -> bool:
    """Text and no file, with the empty line before it, and with no sum over it (RFC 1864)."""
    disposition = parameters.read(part.head.first(b"content-disposition") or b"")[0].lower()
    before = raw[part.start : part.body_at]
    begins = before == b"\r\n" or before.endswith(b"\r\n\r\n")
    summed = part.head.first(b"content-md5") is not None
    return begins and not summed and disposition in (b"", b"inline") and not file_name(part)


def _is_ascii(part: parts.Part, *, html: bool) -> bool:
    """Whether ASCII octets are ASCII letters by the part's charset."""
    said = parameters.plain(part.parameters, b"charset") or b"us-ascii"  # RFC 2045 5.2
    codec = codec_of(said.decode("ascii", "replace"))
    return codec is not None and _keeps_ascii(codec) and not (html and codec.startswith(_SHIFTING))


@lru_cache
def _keeps_ascii(codec: str) -> bool:
    try:
        return printable.encode(codec) == printable.encode("ascii")
    except UnicodeError:
        return False


def _before_html(octets: bytes, line: str) -> bytes:
    at = opening(octets.decode("latin-1"))
    return b"%b\r\n<p>%b</p>\r\n%b" % (octets[:at], escape(line).encode(), octets[at:])


def _same(octets: bytes) -> bytes:
    return octets


def _from_base64(octets: bytes) -> bytes:
    return base64.b64decode(b"".join(octets.split()), validate=True)


def _to_base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def _to_quoted(octets: bytes) -> bytes:
    return b2a_qp(octets, istext=True)


_ENCODINGS: dict[bytes, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    b"7bit": (_same, _same),
    b"8bit": (_same, _same),
    b"base64": (_from_base64, _to_base64),
    b"quoted-printable": (a2b_qp, _to_quoted),
}
"""RFC 2045 6: how to read and to write each."""


def _text(line: str) -> bytes:
    """A part of its own with the line."""
    fields = b"Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
    return b"%b%b\r\n" % (fields, line.encode())


def _behind(raw: bytes, head: Head, line: str) -> bytes:
    """The body as it is, with the fields that say how to read it, as the second of two parts."""
    fields = b"".join(raw[each.start : each.end] for each in head.fields if each.name.startswith(b"content-"))
    return _two(raw, head, line, b"%b\r\n%b" % (fields, raw[head.body_at :]))


def _enclosed(raw: bytes, line: str) -> bytes:
    """The whole message as the second of two parts, not an octet changed (RFC 2046 5.2.1)."""
    encoding = b"7bit" if raw.isascii() else b"8bit"
    fields = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: %b\r\n\r\n" % encoding
    return _two(raw, read_tolerantly(raw, 0, len(raw)), line, fields + raw)


def _two(raw: bytes, head: Head, line: str, second: bytes) -> bytes:
    """RFC 2046 5.1.1. A message can't hold what is made of its own hash, so the boundary needn't be looked for."""
    boundary = hashlib.sha256(raw).hexdigest()[:32].encode()
    kept = [
        raw[each.start : each.end]
        for each in head.fields
        if not each.name.startswith(b"content-") and each.name != b"mime-version"
    ]
    encoding = b"7bit" if second.isascii() else b"8bit"
    ours = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="%b"\r\nContent-Transfer-Encoding: %b\r\n'
        % (boundary, encoding)
    )
    return b"%b%b\r\n--%b\r\n%b\r\n--%b\r\n%b\r\n--%b--\r\n" % (
        *(b"".join(kept), ours, boundary, _text(line)),
        *(boundary, second, boundary),
    )
