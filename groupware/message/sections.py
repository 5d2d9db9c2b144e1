"""What `BODY[...]` names (RFC 9051 6.4.5.1), cut out of a message kept as head and body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from groupware.message import parts

if TYPE_CHECKING:
    from collections.abc import Callable


class Text(StrEnum):
    """The word behind the part's number; `ALL` is none."""

    ALL = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    """`BODY[1.2.HEADER.FIELDS (To)]` is `Section((1, 2), Text.FIELDS, (b"To",))`."""

    path: tuple[int, ...] = ()
    text: Text = Text.ALL
    names: tuple[bytes, ...] = ()


def extract(section: Section, head: bytes, body: bytes) -> bytes | None:
    """The section's octets; None (NIL on the wire) for a part that doesn't exist.

    `head` is the header block with its empty line, `body` all the rest.
    """
    if section.path:
        return _extract_part(section, head + body)
    if section.text is Text.ALL:
        return head + body
    if section.text is Text.TEXT:
        return body
    return None if section.text is Text.MIME else _from_header(section, head)


def partial(octets: bytes, start: int, count: int) -> bytes:
    """`<start.count>`: from octet `start`, at most `count`; empty behind the end."""
    return octets[start : start + count]


@lru_cache(maxsize=256)
def picker(names: tuple[bytes, ...], *, negate: bool = False) -> Callable[[bytes], bytes]:
    """A function that takes the fields called `names` (or all others) out of a header block, with an empty line.

    Made once a FETCH and used for each message: one compiled expression, no list of fields.
    """
    alternatives = b"|".join(re.escape(name) for name in sorted(set(names)))
    listed = b"(?:%b)[ \\t]*+:" % alternatives if names else b"(?!)"
    start = b"(?!%b)[!-9;-~]++[ \\t]*+:" % listed if negate else listed
    # A line end before each field lets the expression search for one octet; it is given back at the end.
    find = re.compile(rb"\n%b[^\n]*+(?:\n[ \t][^\n]*+)*+" % start, re.IGNORECASE).findall

    def pick(head: bytes) -> bytes:
        found = find(b"\n" + head)
        return b"".join(found)[1:] + b"\n\r\n" if found else b"\r\n"

    return pick


def _from_header(section: Section, head: bytes) -> bytes:
    if section.text is Text.HEADER:
        return head
    return picker(section.names, negate=section.text is Text.FIELDS_NOT)(head)


def _extract_part(section: Section, raw: bytes) -> bytes | None:
    part = locate(parts.read(raw), section.path)
    if part is None:
        return None
    if section.text is Text.ALL:
        return raw[part.body_at : part.end]
    if section.text is Text.MIME:
        return raw[part.start : part.body_at]
    return _from_inner_message(section, raw, part)


def _from_inner_message(section: Section, raw: bytes, part: parts.Part) -> bytes | None:
    """RFC 9051 6.4.5.1: HEADER and TEXT of a part are those of the message within it."""
    if not part.is_message:
        return None
    inner = part.children[0]
    if section.text is Text.TEXT:
        return raw[inner.body_at : inner.end]
    return _from_header(section, raw[inner.start : inner.body_at])


def locate(root: parts.Part, path: tuple[int, ...]) -> parts.Part | None:
    """The part with that number, None without one. A message that is no multipart has one part, itself."""
    part, whole = root, True
    for number in path:
        inner, whole = (part.children[0], True) if part.is_message and not whole else (part, whole)
        step = _child(inner, number, whole=whole)
        if step is None:
            return None
        part, whole = step, False
    return part


def _child(part: parts.Part, number: int, *, whole: bool) -> parts.Part | None:
    if part.is_multipart:
        return part.children[number - 1] if 0 < number <= len(part.children) else None
    return part if whole and number == 1 else None
