"""The Basic Encoding Rules as LDAP restricts them (RFC 4511 5.1): definite lengths, primitive strings, one-octet tags.

Reading copies nothing and believes no length that leads out of what it lies in.
"""

from __future__ import annotations

BOOLEAN, INTEGER, OCTETS, ENUMERATED = 0x01, 0x02, 0x04, 0x0A
SEQUENCE, SET = 0x30, 0x31
LONG = 0x80
"""A first length octet from here on says how many length octets follow; alone it would mean an indefinite length."""
MOST_LENGTH_OCTETS = 4
MOST_INTEGER_OCTETS = 5
MANY_OF_TAG = 0x1F
Element = tuple[int, int, int]
"""A tag, where its contents begin, and where they end."""


class BadBer(Exception):  # noqa: N818 -- what it is
    """These octets are no BER, or none that LDAP allows."""


def element(octets: bytes, at: int, end: int) -> Element:
    """The element that begins at `at` and ends before `end` or there. Raises BadBer."""
    if end - at < 2:  # noqa: PLR2004 -- a tag and a length
        raise BadBer("truncated")
    tag, size = octets[at], octets[at + 1]
    at += 2
    if size >= LONG:
        size, at = _long(octets, size - LONG, at, end)
    if tag & MANY_OF_TAG == MANY_OF_TAG:
        raise BadBer("long tag")
    if at + size > end:
        raise BadBer("length beyond what it lies in")
    return tag, at, at + size


def _long(octets: bytes, count: int, at: int, end: int) -> tuple[int, int]:
    if not 0 < count <= MOST_LENGTH_OCTETS or at + count > end:  # RFC 4511 5.1: only the definite form
        raise BadBer("length")
    return int.from_bytes(octets[at : at + count], "big"), at + count


def of_tag(tag: int, octets: bytes, at: int, end: int) -> tuple[int, int]:
    """Begin and end of the contents of the element at `at`, which has to have this tag. Raises BadBer."""
    found, start, stop = element(octets, at, end)
    if found != tag:
        raise BadBer(f"tag {found:#x} where {tag:#x} belongs")
    return start, stop


def elements(octets: bytes, at: int, end: int) -> list[Element]:
    """All elements of a constructed one's contents. Raises BadBer."""
    found = []
    while at < end:
        found.append(element(octets, at, end))
        at = found[-1][2]
    return found


def number(octets: bytes, start: int, stop: int) -> int:
    """The value of an INTEGER's or ENUMERATED's contents. Raises BadBer."""
    if not 0 < stop - start <= MOST_INTEGER_OCTETS:
        raise BadBer("integer")
    return int.from_bytes(octets[start:stop], "big", signed=True)


def truth(octets: bytes, start: int, stop: int) -> bool:
    """The value of a BOOLEAN's contents; any but 0 is true to a tolerant reader. Raises BadBer."""
    if stop - start != 1:
        raise BadBer("boolean")
    return octets[start] != 0


def tlv(tag: int, contents: bytes) -> bytes:
    """One element."""
    size = len(contents)
    if size < LONG:
        return b"%c%c%b" % (tag, size, contents)
    count = (size.bit_length() + 7) >> 3
    return b"%c%c%b%b" % (tag, LONG | count, size.to_bytes(count, "big"), contents)


def string(text: str | bytes) -> bytes:
    """An OCTET STRING; text in UTF-8 (RFC 4511 4.1.2)."""
    return tlv(OCTETS, text.encode() if isinstance(text, str) else text)


def integer(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER that isn't negative, in as few octets as hold it."""
    return tlv(tag, value.to_bytes((value.bit_length() >> 3) + 1, "big"))


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of ready elements."""
    return tlv(SEQUENCE, b"".join(parts))
