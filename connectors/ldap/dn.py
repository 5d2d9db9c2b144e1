"""Distinguished names as text (RFC 4514): read within bounds, and written."""

from __future__ import annotations

import re

from connectors.ldap import ber
from connectors.ldap.limits import MAX_RDNS, MAX_VALUE

Rdn = tuple[tuple[str, str], ...]
"""Attribute types, in small letters, with their values."""
Dn = tuple[Rdn, ...]

_TYPE = re.compile(r" *+([A-Za-z][A-Za-z0-9-]*+|[0-9]++(?:\.[0-9]++)*+) *+= *+")
_HEX = re.compile(r"#((?:[0-9a-fA-F]{2})++) *+")
_PLAIN = re.compile(r'[^\\,+";<>\0]++')
_PAIR = re.compile(r"[0-9a-fA-F]{2}")
_ESCAPED = ' "#+,;<=>\\'
_SPECIAL = re.compile(r'[\\"+,;<>\0]')


class BadDn(Exception):  # noqa: N818 -- what it is
    """This text is no distinguished name."""


def parse(text: str) -> Dn:
    """The RDNs, the nearest first; none for the empty name. Raises BadDn."""
    if len(text) > MAX_VALUE:
        raise BadDn("too long")
    if not text:
        return ()
    found: list[Rdn] = []
    pairs: list[tuple[str, str]] = []
    at = 0
    while True:
        pair, at = _pair(text, at)
        pairs.append(pair)
        sign = text[at : at + 1]
        if sign != "+":  # RFC 4514 3: a plus binds two into one RDN
            found.append(tuple(pairs))
            pairs = []
        if not sign:
            return tuple(found)
        if sign not in ",;+" or len(found) > MAX_RDNS:  # RFC 4514 5: a semicolon, too, was once a separator
            raise BadDn("no separator")
        at += 1


def _pair(text: str, at: int) -> tuple[tuple[str, str], int]:
    match = _TYPE.match(text, at)
    if match is None:
        raise BadDn("no attribute type")
    at = match.end()
    value, at = _hex(text, at) if text.startswith("#", at) else _value(text, at)
    return (match[1].lower(), value), at


def _hex(text: str, at: int) -> tuple[str, int]:
    """RFC 4514 2.4: a value as the hexadecimal octets of its BER."""
    match = _HEX.match(text, at)
    if match is None:
        raise BadDn("no hexadecimal value")
    octets = bytes.fromhex(match[1])
    try:
        _, start, stop = ber.element(octets, 0, len(octets))
        return octets[start:stop].decode(), match.end()
    except (ber.BadBer, UnicodeDecodeError) as error:
        raise BadDn("no value in BER") from error


def _value(text: str, at: int) -> tuple[str, int]:
    """Up to the separator; blanks at its end count only if the last is escaped."""
    octets, kept = bytearray(), 0
    while at < len(text):
        if text[at] == "\\":
            piece, at = _escape(text, at + 1)
            octets += piece
            kept = len(octets)
            continue
        match = _PLAIN.match(text, at)
        if match is None:
            break
        octets += match[0].encode()
        kept = max(kept, len(octets) - (len(match[0]) - len(match[0].rstrip(" "))))
        at = match.end()
    if at < len(text) and text[at] not in ",;+":
        raise BadDn("a sign that has to be escaped")
    try:
        return octets[:kept].decode(), at
    except UnicodeDecodeError as error:
        raise BadDn("no UTF-8") from error


def _escape(text: str, at: int) -> tuple[bytes, int]:
    if text[at : at + 1] and text[at] in _ESCAPED:
        return text[at].encode(), at + 1
    match = _PAIR.match(text, at)
    if match is None:
        raise BadDn("no escape")
    return bytes.fromhex(match[0]), at + 2


def escaped(value: str) -> str:
    """A value as it is written in a name (RFC 4514 2.4)."""
    text = _SPECIAL.sub(lambda match: "\\" + match[0] if match[0] != "\0" else "\\00", value)
    if text.startswith((" ", "#")):
        text = "\\" + text
    return text[:-1] + "\\ " if value.endswith(" ") and value != " " else text


def same(value: str, other: str) -> bool:
    """Whether two values of names are equal: in any case, runs of blanks as one (RFC 4518 2.6.1)."""
    return " ".join(value.casefold().split()) == " ".join(other.casefold().split())
