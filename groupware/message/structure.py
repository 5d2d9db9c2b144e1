"""ENVELOPE, BODY and BODYSTRUCTURE as ready bytes (RFC 9051 7.5.2), computed once when a message is accepted."""

from __future__ import annotations

import re
from typing import NamedTuple

from groupware.message import addresses, parameters, parts, slices

VERSION = 1
"""Of these texts; kept beside them, so that a better scanner knows which to compute again."""

_QUOTED_MAX = 1000
_PLAIN_STRING = re.compile(rb"[\t !#-\[\]-~]*+")
_QUOTABLE = re.compile(rb"[\t -~]*+")
_NOTHING = b"NIL"


class Structure(NamedTuple):
    """The three texts as they stand in a FETCH response, behind the names of their items."""

    envelope: bytes
    body: bytes
    bodystructure: bytes


def describe(raw: bytes, root: parts.Part | None = None) -> Structure:
    """What IMAP tells of a message; raises `Unacceptable` as `parts.read` does, if it has to read the tree itself."""
    root = root or parts.read(raw)
    body, bodystructure = _part(raw, root)
    return Structure(_envelope(root), body, bodystructure)


def string(value: bytes | None) -> bytes:
    """NIL, a quoted string, or a literal where quoting won't do (RFC 9051 4.3); NUL is left out."""
    if value is None:
        return _NOTHING
    if len(value) < _QUOTED_MAX:
        if _PLAIN_STRING.fullmatch(value):
            return b'"%b"' % value
        if _QUOTABLE.fullmatch(value):
            return b'"%b"' % value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    value = value.replace(b"\0", b"")
    return b"{%d}\r\n%b" % (len(value), value)


def _envelope(part: parts.Part) -> bytes:
    first = part.head.first
    author = _addresses(part, b"from")
    items = (
        string(first(b"date")),
        string(first(b"subject")),
        author,
        _addresses(part, b"sender", author),
        _addresses(part, b"reply-to", author),
        _addresses(part, b"to"),
        _addresses(part, b"cc"),
        _addresses(part, b"bcc"),
        string(first(b"in-reply-to")),
        string(first(b"message-id")),
    )
    return b"(%b)" % b" ".join(items)


def _addresses(part: parts.Part, name: bytes, default: bytes = _NOTHING) -> bytes:
    """All fields of that name as one list; RFC 9051 7.5.2: sender and reply-to default to from."""
    values = part.head.all(name)
    if not values:
        return default
    found = addresses.read(values[0] if len(values) == 1 else b", ".join(values))
    return b"(%b)" % b"".join(map(_address, found)) if found else default


def _address(mailbox: addresses.Mailbox) -> bytes:
    name, local, domain = mailbox
    if domain is None:
        return b"(NIL NIL %b NIL)" % string(local)
    # NIL would mean a group, so an address without its parts gets words that can't be an address, as Dovecot has them.
    return b"(%b NIL %b %b)" % (string(name), string(local or b"MISSING_MAILBOX"), string(domain or b"MISSING_DOMAIN"))


def _part(raw: bytes, part: parts.Part) -> tuple[bytes, bytes]:
    """BODY and BODYSTRUCTURE of one part."""
    return _multipart(raw, part) if part.is_multipart else _leaf(raw, part)


def _multipart(raw: bytes, part: parts.Part) -> tuple[bytes, bytes]:
    children = [_part(raw, child) for child in part.children] or [_EMPTY]
    sub = string(part.sub)
    body = b"(%b %b)" % (b"".join(body for body, _ in children), sub)
    full = b"".join(full for _, full in children)
    return body, b"(%b %b %b %b)" % (full, sub, _parameters(part.parameters), _tail(part))


def _leaf(raw: bytes, part: parts.Part) -> tuple[bytes, bytes]:
    first = part.head.first
    basic = [
        string(part.main),
        string(part.sub),
        _parameters(_with_charset(part)),
        string(first(b"content-id")),
        string(first(b"content-description")),
        string(encoding(part)),
        b"%d" % (part.end - part.body_at),
    ]
    extension = string(first(b"content-md5")) + b" " + _tail(part)
    lines = slices.count(raw, b"\n", part.body_at, part.end)
    if part.is_message:
        return _message(raw, part, b" ".join(basic), extension, lines)
    if part.main.lower() == b"text":
        basic.append(b"%d" % lines)
    body = b" ".join(basic)
    return b"(%b)" % body, b"(%b %b)" % (body, extension)


def _message(raw: bytes, part: parts.Part, basic: bytes, extension: bytes, lines: int) -> tuple[bytes, bytes]:
    inner = part.children[0]
    envelope = _envelope(inner)
    body, full = _part(raw, inner)
    return (
        b"(%b %b %b %d)" % (basic, envelope, body, lines),
        b"(%b %b %b %d %b)" % (basic, envelope, full, lines, extension),
    )


def encoding(part: parts.Part) -> bytes:
    """A part's content transfer encoding, 7bit by default (RFC 2045 6.1)."""
    words = (part.head.first(b"content-transfer-encoding") or b"").split(None, 1)
    return words[0].rstrip(b";") if words else b"7bit"


def _with_charset(part: parts.Part) -> parameters.Parameters:
    """RFC 2045 5.2: text without a charset is US-ASCII."""
    if part.main.lower() != b"text" or parameters.plain(part.parameters, b"charset") is not None:
        return part.parameters
    return (*part.parameters, (b"charset", b"us-ascii"))


def _parameters(given: parameters.Parameters) -> bytes:
    pairs = parameters.joined(given)
    return b"(%b)" % b" ".join([string(text) for pair in pairs for text in pair]) if pairs else _NOTHING


def _tail(part: parts.Part) -> bytes:
    first = part.head.first
    return b" ".join(
        (
            _disposition(first(b"content-disposition")),
            _languages(first(b"content-language")),
            string(first(b"content-location")),
        )
    )


def _disposition(value: bytes | None) -> bytes:
    kind, given = parameters.read(value or b"")
    return b"(%b %b)" % (string(kind), _parameters(given)) if kind else _NOTHING


def _languages(value: bytes | None) -> bytes:
    tags = [tag.strip() for tag in (value or b"").split(b",")]
    tags = [tag for tag in tags if tag]
    return b"(%b)" % b" ".join(map(string, tags)) if tags else _NOTHING


_EMPTY = (
    b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)',
    b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)',
)
"""Stands in a multipart without parts, since the grammar wants at least one (RFC 9051 9, body-type-mpart)."""
